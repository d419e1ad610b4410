// Candidate -> crystal -> analysis -> verdict: what the laboratory builds is read back as built.
#include <algorithm>
#include <map>
#include <set>

#include <cupel/chemistry/abbreviations.hpp>
#include <cupel/chemistry/candidate_name.hpp>
#include <cupel/chemistry/data_dir.hpp>
#include <cupel/chemistry/reported_table.hpp>
#include <cupel/chemistry/structure_analysis.hpp>
#include <cupel/chemistry/structure_verdict.hpp>
#include <cupel/domain/error.hpp>
#include <cupel/simulator/structure_writer.hpp>

#include "catch.hpp"

namespace {

using namespace cupel;

/// Donor classes of a candidate, as one word.
std::string classes_of(const Candidate& candidate) {
    std::set<std::string> classes;
    for (const auto& entry : candidate.ligands) {
        classes.insert(entry.ligand.donor_class);
    }
    std::string text;
    for (const auto& name : classes) {
        text += (text.empty() ? "" : "+") + name;
    }
    return text;
}

/// Two clusters of each combination of donor classes, small ones first: a few dozen in all.
std::vector<Candidate> varied_clusters() {
    auto table = chemistry::load_reported_table(chemistry::data_dir() / "clusters.csv");
    std::stable_sort(table.begin(), table.end(), [](const auto& a, const auto& b) {
        return a.candidate.core.nuclearity() < b.candidate.core.nuclearity();
    });
    std::map<std::string, int> taken;
    std::vector<Candidate> chosen;
    for (const auto& row : table) {
        const int size = row.candidate.core.nuclearity();
        if (size >= 4 && size <= 13 && ++taken[classes_of(row.candidate)] <= 2) {
            chosen.push_back(row.candidate);
        }
    }
    return chosen;
}

}  // namespace

TEST_CASE("a built cluster is read back and confirmed", "[simulator][structure]") {
    simulator::StructureWriter writer;
    const auto names = chemistry::Abbreviations::standard();
    int built = 0;
    for (const auto& candidate : varied_clusters()) {
        std::string cif;
        try {
            cif = writer.write(candidate, 7);
        } catch (const InputError& error) {
            CHECK(error.code() == "cannot_build");
            continue;
        }
        ++built;
        CAPTURE(candidate.name(), classes_of(candidate));
        try {
            auto report = chemistry::analyse_structure_text(cif, "built.cif");
            chemistry::adopt_spelling(report, candidate);
            const auto verdict = chemistry::judge_structure(report, candidate, names);
            UNSCOPED_INFO(verdict.text);
            CHECK(verdict.confirmed);
            // The keys agree, so that what was found meets what was proposed.
            Candidate found = candidate;
            found.ligands = report.ligands;
            CHECK(ligand_set_learning_key(found.ligands) ==
                  ligand_set_learning_key(candidate.ligands));
        } catch (const InputError& error) {
            FAIL_CHECK(error.what());
        }
    }
    CHECK(built >= 40);
}

TEST_CASE("a built cluster is no other cluster", "[simulator][structure]") {
    simulator::StructureWriter writer;
    const auto names = chemistry::Abbreviations::standard();
    const auto asked = [&](const char* name) {
        return chemistry::parse_candidate_name(name, names);
    };
    const auto report = chemistry::analyse_structure_text(
        writer.write(asked("Cu20Cl(PET)12(PPh3)4(MeCOO)6"), 3), "built.cif");
    const auto grade = [&](const char* name) {
        return chemistry::judge_structure(report, asked(name), names).target_grade;
    };
    CHECK(grade("Cu20Cl(PET)12(PPh3)4(MeCOO)6") == 1.0);
    CHECK(grade("Cu20Cl(PET)12(PPh3)4(HCOO)6") == 0.4);
    CHECK(grade("Cu20Cl(PET)12(PPh3)3(MeCOO)6") == 0.5);
    CHECK(grade("Cu19Cl(PET)12(PPh3)4(MeCOO)6") == 0.25);
    CHECK(grade("Cu20Br(PET)12(PPh3)4(MeCOO)6") == 0.25);
}
