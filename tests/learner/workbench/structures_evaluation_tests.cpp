// Structures from a folder into a table, and the 3-D path judged on the rows they reach.
#include <cmath>
#include <fstream>
#include <functional>

#include <nlohmann/json.hpp>

#include <cupel/domain/error.hpp>
#include <cupel/workbench/structure_rows.hpp>
#include <cupel/workbench/structures_evaluation.hpp>

#include "catch.hpp"
#include "skip.hpp"
#include "temp_dir.hpp"
#include "test_paths.hpp"

using namespace cupel;
using namespace cupel::workbench;

namespace {

// Gold clusters of 3 to 8 atoms, each with a thiolate and a phosphine of its own.
std::filesystem::path table(const test::TempDir& folder) {
    const auto file = folder / "clusters.csv";
    std::ofstream out(file);
    out << "id,formula,charge,metals,n_metal,hydride_count,inorganic_anions,ligands\n";
    int id = 0;
    for (int n = 3; n <= 8; ++n) {
        const std::string chain(static_cast<std::size_t>(n), 'C');
        for (const std::string& ligand : {"[S-]" + chain, chain + "P(C)C"}) {
            out << "R" << ++id << ",x,,Au:" << n << "," << n << ",0,," << ligand << "*" << n
                << "\n";
        }
    }
    return file;
}

// A ring of gold atoms, each with a methanethiolate pointing away from it; hydrogens not located.
void write_ring(const std::filesystem::path& file, int atoms, bool with_ligands = true) {
    std::ofstream out(file);
    out << (with_ligands ? 3 : 1) * atoms << "\nring\n";
    const double radius = 1.4 / std::sin(3.14159265358979 / atoms);
    for (int i = 0; i < atoms; ++i) {
        const double angle = 2.0 * 3.14159265358979 * i / atoms;
        const auto put = [&](const char* symbol, double r) {
            out << symbol << ' ' << r * std::cos(angle) << ' ' << r * std::sin(angle) << " 0.0\n";
        };
        put("Au", radius);
        if (with_ligands) {
            put("S", radius + 2.3);
            put("C", radius + 2.3 + 1.82);
        }
    }
}

std::string code_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const InputError& error) {
        CHECK(std::string(error.what()).find('\n') == std::string::npos);
        return error.code();
    }
    return "nothing was thrown";
}

}  // namespace

TEST_CASE("a structure gives a reported core its coordinates, another one becomes known by it",
          "[workbench]") {
    const test::TempDir folder;
    Dataset data = load_dataset(table(folder));
    const auto known = data.known.size();
    const auto cores = data.catalogue.cores().size();
    const auto structures = folder / "structures";
    std::filesystem::create_directory(structures);
    write_ring(structures / "a3.xyz", 3);
    write_ring(structures / "b4.XYZ", 4);
    write_ring(structures / "c9.xyz", 9);
    write_ring(structures / "d3_again.xyz", 3);
    write_ring(structures / "e5_bare.xyz", 5, false);
    std::ofstream(structures / "f_damaged.cif") << "this is no crystal\n";
    std::ofstream(structures / "notes.txt") << "no structure\n";
    const auto placed = place_structures(data, {structures});
    CHECK(placed.files == 6);
    CHECK(placed.used == 3);
    CHECK(placed.new_pairs == 1);
    REQUIRE(placed.cores.size() == 3);
    CHECK(data.known.size() == known + 1);
    CHECK(data.catalogue.cores().size() == cores + 1);
    for (const std::size_t core : placed.cores) {
        const CoreGraph& graph = data.catalogue.cores()[core];
        // Gold alone: the donors belong to the ligands.
        CHECK(graph.positions.size() == static_cast<std::size_t>(graph.metals.front().second));
        CHECK(graph.elements == std::vector<std::uint8_t>(graph.positions.size(), 79));
    }
    REQUIRE(placed.left_out.size() == 3);
    CHECK(placed.left_out[0].find("d3_again.xyz: the core Au3 has coordinates from a3.xyz") !=
          std::string::npos);
    CHECK(placed.left_out[1].find("e5_bare.xyz: ") != std::string::npos);
    CHECK(placed.left_out[1].find("no ligands") != std::string::npos);
    CHECK(placed.left_out[2].find("f_damaged.cif: ") != std::string::npos);
}

TEST_CASE("a folder that cannot be read or reaches no core is one clear line", "[workbench]") {
    const test::TempDir folder;
    const auto file = table(folder);
    Dataset data = load_dataset(file);
    CHECK(code_of([&] { place_structures(data, {folder / "absent"}); }) == "no_folder");
    CHECK(code_of([&] { place_structures(data, {file}); }) == "no_folder");
    const auto structures = folder / "structures";
    std::filesystem::create_directory(structures);
    CHECK(code_of([&] { place_structures(data, {structures}); }) == "no_structures");
    write_ring(structures / "bare.xyz", 4, false);
    try {
        place_structures(data, {structures});
        FAIL("a structure without ligands was used");
    } catch (const InputError& error) {
        CHECK(error.code() == "no_structures");
        CHECK(std::string(error.what()).find("bare.xyz: it holds no ligands") != std::string::npos);
    }
    write_ring(structures / "one.xyz", 3);
    write_ring(structures / "two.xyz", 4);
    StructuresOptions options;
    options.data = file;
    options.folders = {structures};
    CHECK(code_of([&] { evaluate_structures(options, {}); }) == "few_structures");
}

TEST_CASE("the 3-D path is judged on the rows whose core has coordinates", "[workbench]") {
    const test::TempDir folder;
    StructuresOptions options;
    options.data = table(folder);
    options.folders = {folder / "structures"};
    options.folds = 2;
    options.seeds = 1;
    options.threads = 1;
    options.learner.members = 1;
    options.learner.epochs = 4;
    std::filesystem::create_directory(options.folders.front());
    for (const int n : {3, 4, 5, 9}) {
        write_ring(options.folders.front() / (std::to_string(n) + ".xyz"), n);
    }
    SECTION("what has learned nothing is the same with and without it") {
        options.learner.learning_rate = 0.0;
        const auto json = nlohmann::json::parse(evaluate_structures(options, {}).json);
        CHECK(json.at("gain_over").at("formula").at("auc").at("mean") == 0.0);
        CHECK(json.at("gain_over").at("exchanged").at("mrr").at("high") == 0.0);
    }
    SECTION("figures, rows and a sentence") {
        // The networks alone, and steps large enough to change the order of sets.
        options.learner.kernel = 0.0;
        options.learner.learning_rate = 0.02;
        options.learner.epochs = 20;
        const auto text = evaluate_structures(options, {});
        const auto json = nlohmann::json::parse(text.json);
        CHECK(json.at("used") == 4);
        CHECK(json.at("known_by_structure_alone") == 1);
        CHECK(json.at("rows") == 7);  // two of each reported core, one of Au9
        CHECK(json.at("cores").size() == 4);
        CHECK(json.at("settings").get<std::string>().find("structure_layers 3") !=
              std::string::npos);
        for (const char* model : {"formula", "structure", "exchanged"}) {
            INFO(model);
            for (const char* figure : {"auc", "mrr"}) {
                const double value = json.at("scores").at(model).at(figure);
                CHECK(value >= 0.0);
                CHECK(value <= 1.0);
            }
        }
        CHECK(json.at("scores").at("formula") != json.at("scores").at("structure"));
        CHECK(json.at("judgement").get<std::string>().find("7 rows of 4 cores") !=
              std::string::npos);
        CHECK(text.table.find(json.at("judgement").get<std::string>()) != std::string::npos);
        CHECK(evaluate_structures(options, {}).json == text.json);
    }
}

TEST_CASE("relaxed gold clusters bring the coordinates of their cores", "[workbench]") {
    const auto folder = test::shared_data() / "structures" / "protected";
    if (!std::filesystem::is_directory(folder)) {
        CUPEL_SKIP("../shared/data/structures/protected is absent");
    }
    Dataset data = load_dataset(test::source_dir() / "learner" / "data" / "clusters.csv");
    const auto placed = place_structures(data, {folder});
    CHECK(placed.files == 14);
    CHECK(placed.used == 14);
    CHECK(placed.left_out.empty());
    for (const std::size_t core : placed.cores) {
        const CoreGraph& graph = data.catalogue.cores()[core];
        std::size_t atoms = 0;
        for (const auto& metal : graph.metals) {
            atoms += static_cast<std::size_t>(metal.second);
        }
        for (const auto& anion : graph.anions) {
            atoms += static_cast<std::size_t>(anion.second);
        }
        INFO(data.catalogue.core_key(core));
        CHECK(graph.positions.size() == atoms);
    }
}
