// Strata and hashes.
#include "anchor.hpp"

#include <algorithm>
#include <numeric>
#include <set>
#include <tuple>

#include <cupel/domain/sha256.hpp>

namespace cupel::workbench {
namespace {

std::string stratum_of(const learner::Catalogue& catalogue, const learner::Pair& pair) {
    std::string text;
    for (const auto& [z, count] : catalogue.cores().at(pair.core).metals) {
        text += std::to_string(z) + " ";
    }
    std::set<std::string> classes;
    for (const std::size_t ligand : catalogue.sets().at(pair.set)) {
        classes.insert(catalogue.ligands().at(ligand).graph.donor_class);
    }
    for (const auto& name : classes) {
        text += name + " ";
    }
    return text;
}

}  // namespace

double hash_share(const std::string& text) {
    return static_cast<double>(std::stoul(sha256_hex(text).substr(0, 8), nullptr, 16)) / 0x1p32;
}

std::vector<char> anchor_of_known(const learner::Catalogue& catalogue,
                                  const std::vector<learner::Pair>& known) {
    std::vector<std::tuple<std::string, std::string, std::size_t>> order;
    for (std::size_t i = 0; i < known.size(); ++i) {
        const std::string key =
            catalogue.core_key(known[i].core) + "|" + catalogue.set_key(known[i].set);
        order.emplace_back(stratum_of(catalogue, known[i]), sha256_hex("anchor " + key), i);
    }
    std::sort(order.begin(), order.end());
    std::vector<char> result(known.size(), 0);
    for (std::size_t place = 5; place < order.size(); place += 10) {
        result[std::get<2>(order[place])] = 1;
    }
    return result;
}

bool is_anchor_label(const std::string& learning_key) {
    return hash_share("anchor " + learning_key) < 0.1;
}

}  // namespace cupel::workbench
