// Minima that are known, and structures that others have published.
#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <cupel/domain/element.hpp>
#include <cupel/pretraining/bare_minima.hpp>
#include <cupel/pretraining/basin_hopping.hpp>

#include "catch.hpp"
#include "skip.hpp"
#include "test_paths.hpp"

using namespace cupel::pretraining;

namespace {

HoppingOptions hopping(int hops) {
    HoppingOptions options;
    options.hops = hops;
    options.seed = 5;
    return options;
}

Cluster read_xyz(const std::filesystem::path& file) {
    std::ifstream in(file);
    std::string line;
    std::getline(in, line);
    std::getline(in, line);
    Cluster cluster;
    std::string symbol;
    for (std::array<double, 3> p{}; in >> symbol >> p[0] >> p[1] >> p[2];) {
        std::getline(in, line);
        cluster.elements.push_back(static_cast<std::uint8_t>(cupel::atomic_number(symbol)));
        cluster.positions.push_back(p);
    }
    return cluster;
}

double mean_nearest_distance(const Cluster& cluster) {
    double sum = 0.0;
    for (std::size_t i = 0; i < cluster.positions.size(); ++i) {
        double nearest = 1e9;
        for (std::size_t j = 0; j < cluster.positions.size(); ++j) {
            const auto& a = cluster.positions[i];
            const auto& b = cluster.positions[j];
            if (i != j) {
                nearest = std::min(nearest, std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]));
            }
        }
        sum += nearest / static_cast<double>(cluster.positions.size());
    }
    return sum;
}

}  // namespace

TEST_CASE("thirteen atoms of each metal form an icosahedron", "[basin-hopping]") {
    for (const char* metal : {"Cu", "Ag", "Au"}) {
        const auto minimum = best_minimum({{metal, 13}}, {}, hopping(150));
        const auto shape = shape_of(minimum.cluster);
        INFO(metal);
        // 12 atoms with six neighbours around one with twelve.
        CHECK(shape.coordination == Approx(84.0 / 13.0));
        CHECK(shape.inner_share == Approx(1.0 / 13.0));
        CHECK(shape.anisotropy == Approx(0.0).margin(1e-6));
    }
}

TEST_CASE("38 copper atoms form a truncated octahedron, below every icosahedral cut",
          "[basin-hopping]") {
    // Published for this potential: Darby, Mortimer-Jones, Johnston & Roberts, J. Chem. Phys. 2002,
    // 116, 1536 (Cu38).
    const auto starts = motifs(29, 38);
    const auto minimum = best_minimum({{"Cu", 38}}, starts, hopping(0));
    CHECK(shape_of(minimum.cluster).coordination == Approx(288.0 / 38.0));
    Cluster icosahedral = starts[0];
    CHECK(relax(icosahedral) > minimum.energy + 0.1);
}

TEST_CASE("the same seed gives the same minimum", "[basin-hopping]") {
    const auto one = best_minimum({{"Ag", 5}, {"Au", 4}}, {}, hopping(20));
    const auto two = best_minimum({{"Ag", 5}, {"Au", 4}}, {}, hopping(20));
    CHECK(one.energy == two.energy);
    CHECK(one.cluster.positions == two.cluster.positions);
}

TEST_CASE("the better start wins and a search that is over stops at once", "[basin-hopping]") {
    auto options = hopping(1000000);
    int asked = 0;
    options.is_over = [&] { return ++asked > 3; };
    const auto known = best_minimum({{"Cu", 13}}, motifs(29, 13), options);
    CHECK(asked == 4);
    CHECK(shape_of(known.cluster).coordination == Approx(84.0 / 13.0));
}

TEST_CASE("one copper atom among twelve of gold takes the centre of the icosahedron",
          "[basin-hopping]") {
    // The smaller atom relieves the strain of the centre.
    const auto minimum = best_minimum({{"Au", 12}, {"Cu", 1}}, {}, hopping(150));
    const auto& cluster = minimum.cluster;
    int neighbours = 0;
    for (std::size_t i = 0; i < cluster.elements.size(); ++i) {
        for (std::size_t j = 0; j < cluster.elements.size() && cluster.elements[i] == 29; ++j) {
            const auto& a = cluster.positions[i];
            const auto& b = cluster.positions[j];
            neighbours += i != j && std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]) < 3.3 ? 1 : 0;
        }
    }
    CHECK(neighbours == 12);
}

TEST_CASE("no published bare structure relaxes below the best minimum found", "[basin-hopping]") {
    const auto folder = cupel::test::shared_data() / "structures" / "bare";
    if (!std::filesystem::is_directory(folder)) {
        CUPEL_SKIP("../shared/data/structures/bare is not here");
    }
    int compared = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.path().extension() != ".xyz") {
            continue;
        }
        Cluster published = read_xyz(entry.path());
        const auto n = static_cast<int>(published.elements.size());
        if (n > 20) {
            continue;  // the larger ones are snapshots of molecular dynamics
        }
        INFO(entry.path().filename().string());
        const double bond = mean_nearest_distance(published);
        Cluster relaxed = published;
        const double energy = relax(relaxed);
        const std::string metal(cupel::element_symbol(published.elements[0]));
        const auto best = best_minimum(
            {{metal, n}}, motifs(published.elements[0], n), hopping(n < 12 ? 100 : 60));
        CHECK(best.energy <= energy + 1e-3);
        // Density functional theory and the potential agree on bond lengths within 8 %.
        CHECK(mean_nearest_distance(best.cluster) == Approx(bond).epsilon(0.08));
        ++compared;
    }
    CHECK(compared >= 10);
}
