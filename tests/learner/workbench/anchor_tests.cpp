// The rows that the gate keeps for itself.
#include <algorithm>
#include <cmath>
#include <map>
#include <string>

#include <cupel/domain/error.hpp>
#include <cupel/workbench/dataset.hpp>

#include "anchor.hpp"
#include "catch.hpp"
#include "temp_dir.hpp"
#include "test_paths.hpp"

using namespace cupel;
using namespace cupel::workbench;

namespace {

Dataset starter_table() {
    return load_dataset(test::source_dir() / "learner" / "data" / "clusters.csv");
}

std::map<learner::Pair, char> anchor_by_pair(const Dataset& data) {
    const auto anchor = anchor_of_known(data);
    std::map<learner::Pair, char> result;
    for (std::size_t i = 0; i < anchor.size(); ++i) {
        result[data.known[i]] = anchor[i];
    }
    return result;
}

// The table without known pair `place`.
Dataset without(Dataset data, std::size_t place) {
    const learner::Pair gone = data.known[place];
    data.known.erase(data.known.begin() + static_cast<std::ptrdiff_t>(place));
    std::vector<DatasetRow> rows;
    for (const auto& row : data.rows) {
        if (!(row.pair == gone)) {
            rows.push_back(row);
        }
    }
    data.rows = rows;
    return data;
}

// The first rows that are anchor, or that are not, by key alone.
Dataset first_rows(const Dataset& from, std::size_t anchored, std::size_t others) {
    Dataset data = from;
    data.rows.clear();
    data.known.clear();
    for (const auto& row : from.rows) {
        std::size_t& wanted = is_anchor_key(row.learning_key) ? anchored : others;
        if (wanted > 0 &&
            std::find(data.known.begin(), data.known.end(), row.pair) == data.known.end()) {
            --wanted;
            data.rows.push_back(row);
            data.known.push_back(row.pair);
        }
    }
    return data;
}

std::ptrdiff_t kept_of(const Dataset& data) {
    const auto anchor = anchor_of_known(data);
    return std::count(anchor.begin(), anchor.end(), char{1});
}

}  // namespace

TEST_CASE("the anchor is about a tenth of the table and of each large kind in it", "[workbench]") {
    const auto data = starter_table();
    const auto anchor = anchor_of_known(data);
    std::map<std::string, std::pair<double, double>> kinds;  // metals -> kept, all
    double kept = 0.0;
    for (std::size_t i = 0; i < anchor.size(); ++i) {
        std::string metals;
        for (const auto& [z, count] : data.catalogue.cores()[data.known[i].core].metals) {
            metals += std::to_string(z) + " ";
        }
        kinds[metals].first += anchor[i];
        kinds[metals].second += 1.0;
        kept += anchor[i];
    }
    // Three deviations of a binomial share.
    const auto allowed = [](double rows) { return 3.0 * std::sqrt(0.1 * 0.9 / rows); };
    const auto rows = static_cast<double>(anchor.size());
    CHECK(kept / rows == Approx(0.1).margin(allowed(rows)));
    for (const auto& [metals, counts] : kinds) {
        if (counts.second >= 60.0) {
            CHECK(counts.first / counts.second == Approx(0.1).margin(allowed(counts.second)));
        }
    }
}

TEST_CASE("a row that is added changes no other row's place in the anchor", "[workbench]") {
    const auto data = starter_table();
    const auto whole = anchor_by_pair(data);
    for (const std::size_t added : {std::size_t{0}, std::size_t{5}, data.known.size() / 2}) {
        for (const auto& [pair, kept] : anchor_by_pair(without(data, added))) {
            CHECK(kept == whole.at(pair));
        }
    }
}

TEST_CASE("a row of the table and its measured outcome go by the same rule", "[workbench]") {
    const auto data = starter_table();
    const auto anchor = anchor_by_pair(data);
    for (const auto& row : data.rows) {
        CHECK((anchor.at(row.pair) != 0) == is_anchor_key(row.learning_key));
    }
}

TEST_CASE("a table too small to spare rows keeps none", "[workbench]") {
    const auto data = starter_table();
    CHECK(kept_of(first_rows(data, 2, 7)) == 0);
    CHECK(kept_of(first_rows(data, 2, 8)) == 2);
    CHECK(kept_of(first_rows(data, 0, 12)) == 0);
    CHECK(kept_of(Dataset{}) == 0);
}

TEST_CASE("one label in ten is kept, whichever came before or after it", "[workbench]") {
    int kept = 0;
    for (int i = 0; i < 5000; ++i) {
        const std::string key = "k1:" + std::to_string(i);
        kept += is_anchor_key(key) ? 1 : 0;
        CHECK(is_anchor_key(key) == is_anchor_key(key));
    }
    CHECK(kept == Approx(500).margin(80));
}

TEST_CASE("which encoders kept the anchor stands beside the models", "[workbench]") {
    const test::TempDir folder;
    CHECK_FALSE(has_kept_anchor(folder.path(), "abc"));
    note_kept_anchor(folder.path(), "abc");
    note_kept_anchor(folder.path(), "abc");
    note_kept_anchor(folder.path(), "def");
    CHECK(has_kept_anchor(folder.path(), "abc"));
    CHECK(has_kept_anchor(folder.path(), "def"));
    CHECK_FALSE(has_kept_anchor(folder.path(), "ab"));
    CHECK_THROWS_AS(note_kept_anchor(folder / "none", "abc"), Error);
}
