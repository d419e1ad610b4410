// The rows that the gate keeps for itself.
#include <map>
#include <string>

#include <cupel/workbench/dataset.hpp>

#include "anchor.hpp"
#include "catch.hpp"
#include "test_paths.hpp"

using namespace cupel;
using namespace cupel::workbench;

TEST_CASE("the anchor is a tenth of the table and of each large kind in it", "[workbench]") {
    const auto data = load_dataset(test::source_dir() / "learner" / "data" / "clusters.csv");
    const auto anchor = anchor_of_known(data.catalogue, data.known);
    CHECK(anchor == anchor_of_known(data.catalogue, data.known));
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
    CHECK(kept / static_cast<double>(anchor.size()) == Approx(0.1).margin(0.005));
    for (const auto& [metals, counts] : kinds) {
        if (counts.second >= 60.0) {
            CHECK(counts.first / counts.second == Approx(0.1).margin(0.02));
        }
    }
}

TEST_CASE("one label in ten is kept, whichever came before or after it", "[workbench]") {
    int kept = 0;
    for (int i = 0; i < 5000; ++i) {
        const std::string key = "k1:" + std::to_string(i);
        kept += is_anchor_label(key) ? 1 : 0;
        CHECK(is_anchor_label(key) == is_anchor_label(key));
    }
    CHECK(kept == Approx(500).margin(80));
}
