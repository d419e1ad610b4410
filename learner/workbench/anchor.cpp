// One threshold on one hash, and a note of who kept to it.
#include "anchor.hpp"

#include <algorithm>
#include <fstream>
#include <map>

#include <cupel/domain/error.hpp>
#include <cupel/domain/sha256.hpp>

namespace cupel::workbench {
namespace {

constexpr double kShare = 0.1;
constexpr std::ptrdiff_t kFewestTaught = 8;  ///< Learner::train() wants so many

/// One line for each encoder; the name carries the version of the rule.
std::filesystem::path record_file(const std::filesystem::path& models) {
    return models / "kept-anchor-2.txt";
}

}  // namespace

double hash_share(const std::string& text) {
    return static_cast<double>(std::stoul(sha256_hex(text).substr(0, 8), nullptr, 16)) / 0x1p32;
}

bool is_anchor_key(const std::string& learning_key) {
    return hash_share("anchor " + learning_key) < kShare;
}

// Each donor class and metal is there with a tenth of its rows only in the mean. An exact tenth of
// every kind would have to count its rows, and then one new row makes judges of rows that the
// model was trained on. A threshold needs no count: what was kept stays kept as the table grows.
std::vector<char> anchor_of_known(const Dataset& data) {
    std::map<learner::Pair, char> kept;
    for (const auto& row : data.rows) {
        kept.emplace(row.pair, is_anchor_key(row.learning_key) ? char{1} : char{0});
    }
    std::vector<char> result;
    for (const auto& pair : data.known) {
        result.push_back(kept.at(pair));
    }
    // So few rows judge nothing either (promotion_gate.hpp).
    if (std::count(result.begin(), result.end(), char{0}) < kFewestTaught) {
        std::fill(result.begin(), result.end(), char{0});
    }
    return result;
}

void note_kept_anchor(const std::filesystem::path& models, const std::string& encoder) {
    if (has_kept_anchor(models, encoder)) {
        return;
    }
    const auto file = record_file(models);
    std::ofstream out(file, std::ios::app);
    out << encoder << '\n';
    if (!out.flush()) {
        throw Error(file.string() + ": cannot be written");
    }
}

bool has_kept_anchor(const std::filesystem::path& models, const std::string& encoder) {
    std::ifstream in(record_file(models));
    for (std::string line; std::getline(in, line);) {
        if (line == encoder) {
            return true;
        }
    }
    return false;
}

}  // namespace cupel::workbench
