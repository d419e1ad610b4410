// Real structures beside the project: crystals, relaxed clusters and their simplified twins.
#include <algorithm>
#include <chrono>

#include <cupel/chemistry/candidate_name.hpp>
#include <cupel/chemistry/structure_analysis.hpp>
#include <cupel/chemistry/structure_verdict.hpp>
#include <cupel/domain/error.hpp>

#include "catch.hpp"
#include "skip.hpp"
#include "test_paths.hpp"

using namespace cupel;
using chemistry::Abbreviations;
using chemistry::analyse_structure;

namespace {

namespace fs = std::filesystem;

fs::path structures() {
    return test::shared_data() / "structures";
}

std::vector<fs::path> files_in(const std::string& folder) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(structures() / folder)) {
        if (entry.path().extension() == ".cif" || entry.path().extension() == ".xyz") {
            files.push_back(entry.path());
        }
    }
    std::sort(files.begin(), files.end());
    return files;
}

}  // namespace

TEST_CASE("Au25(PET)18 is read from its crystal within two seconds", "[structure]") {
    if (!test::has_shared_data()) {
        CUPEL_SKIP("no ../shared/data");
    }
    const auto start = std::chrono::steady_clock::now();
    const auto report = analyse_structure(structures() / "cod" / "1540567.cif");
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(2));
    CHECK(report.core.metals == Composition{{"Au", 25}});
    REQUIRE(report.ligands.size() == 1);
    CHECK(report.ligands[0].count == 18);
    CHECK(report.ligands[0].ligand.smiles == "[S-]CCc1ccccc1");
    CHECK(report.ligands[0].ligand.formula == "C8H9S");
    REQUIRE(report.other.size() == 1);
    CHECK(report.other[0].role == "solvent");
    CHECK(std::any_of(report.warnings.begin(), report.warnings.end(), [](const auto& line) {
        return line.find("_chemical_formula_sum") == 0;
    }));
    const auto names = Abbreviations::standard();
    const auto judged = [&](const char* name) {
        return judge_structure(report, chemistry::parse_candidate_name(name, names), names);
    };
    CHECK(judged("[Au25(PET)18]").confirmed);
    const auto ligand = judged("Au25(SPhMe2)18");
    CHECK_FALSE(ligand.confirmed);
    CHECK(ligand.text.find("SPhMe2") != std::string::npos);
    const auto metal = judged("PdAu24(PET)18");
    CHECK_FALSE(metal.confirmed);
    CHECK(metal.text.find("Pd") != std::string::npos);
}

TEST_CASE("small complexes on special positions are whole, polymers refused", "[structure]") {
    if (!test::has_shared_data()) {
        CUPEL_SKIP("no ../shared/data");
    }
    const auto silver = analyse_structure(structures() / "cod" / "2234582.cif");
    CHECK(silver.core.metals == Composition{{"Ag", 1}});
    CHECK(silver.ligands.at(0).count == 4);
    REQUIRE(silver.other.size() == 1);
    CHECK(silver.other[0].formula == "BF4");
    CHECK(silver.charge == 1);
    const auto copper = analyse_structure(structures() / "cod" / "1000004.cif");
    CHECK(copper.core.metals == Composition{{"Cu", 2}});
    CHECK(copper.core.anions == Composition{{"I", 2}});
    CHECK(copper.ligands.at(0).ligand.donor_class == "diphosphine");
    for (const char* name : {"2208504.cif", "4060312.cif"}) {
        try {
            analyse_structure(structures() / "cod" / name);
            FAIL(std::string(name) + " was taken for a cluster");
        } catch (const InputError& error) {
            CHECK(error.code() == "polymeric");
        }
    }
}

TEST_CASE("methylthiolate models have the cores of their full-ligand twins", "[structure]") {
    if (!test::has_shared_data()) {
        CUPEL_SKIP("no ../shared/data");
    }
    const std::pair<const char*, const char*> twins[] = {
        {"018_14_cp2k_opt.xyz", "au18_schex14_opt.xyz"},
        {"025_18_minus1_cp2k_opt.xyz", "au25_pet18_-1_opt.xyz"},
        {"025_18_neutral_cp2k_opt.xyz", "au25_pet18_-1_opt.xyz"},
        {"038_24q_cp2k_opt.xyz", "au38_pet24q_opt.xyz"},
        {"102_44_cp2k_opt.xyz", "au102_mba44_opt.xyz"}};
    for (const auto& [model, full] : twins) {
        CAPTURE(model);
        const auto small = analyse_structure(structures() / "models" / model);
        const auto large = analyse_structure(structures() / "protected" / full);
        CHECK(small.core.formula() == large.core.formula());
        REQUIRE(small.ligands.size() == 1);
        CHECK(small.ligands[0].ligand.smiles == "C[S-]");
        CHECK(small.ligands[0].count == large.ligands.at(0).count);
    }
}

TEST_CASE("every structure at hand gives a report or one code", "[structure]") {
    if (!test::has_shared_data()) {
        CUPEL_SKIP("no ../shared/data");
    }
    for (const char* folder : {"bare", "cod", "frameworks", "models", "protected"}) {
        for (const auto& file : files_in(folder)) {
            CAPTURE(file.string());
            try {
                const auto report = analyse_structure(file);
                CHECK(report.core.nuclearity() > 0);
                if (folder == std::string("bare")) {
                    CHECK(report.ligands.empty());
                    CHECK(report.cluster_atoms == report.core.nuclearity());
                }
                if (folder == std::string("protected")) {
                    CHECK_FALSE(report.hydrogens_missing);
                    CHECK(report.warnings.empty());
                }
            } catch (const InputError& error) {
                CHECK(error.code() == "polymeric");
                CHECK(folder == std::string("cod"));
            }
        }
    }
}
