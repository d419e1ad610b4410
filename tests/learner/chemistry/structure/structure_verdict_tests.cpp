// Verdicts: what confirms, what differs, what a structure cannot tell.
#include <cupel/chemistry/candidate_name.hpp>
#include <cupel/chemistry/featuriser.hpp>
#include <cupel/chemistry/structure_verdict.hpp>
#include <cupel/domain/error.hpp>

#include "catch.hpp"

using namespace cupel;
using chemistry::Abbreviations;
using chemistry::judge_structure;

namespace {

const Abbreviations& names() {
    static const Abbreviations table = Abbreviations::standard();
    return table;
}

Candidate target(const std::string& name) {
    return chemistry::parse_candidate_name(name, names());
}

/// A structure that shows exactly what the name says, its charge apart.
StructureReport found(const std::string& name) {
    const Candidate candidate = target(name);
    StructureReport report;
    report.core = candidate.core;
    report.ligands = candidate.ligands;
    return report;
}

Verdict judge(const std::string& seen, const std::string& asked) {
    return judge_structure(found(seen), target(asked), names());
}

chemistry::BlockAnalysis block_of(const std::string& name, const std::string& seen) {
    chemistry::BlockAnalysis block{name, {found(seen)}, std::nullopt};
    block.clusters[0].block = name;
    return block;
}

chemistry::BlockAnalysis refused_block(const std::string& name, const std::string& code) {
    return {name, {}, InputError(code, "x.cif: block " + name + ": refused")};
}

Agreement agreement(const Verdict& verdict, const std::string& field) {
    for (const auto& entry : verdict.fields) {
        if (entry.field == field) {
            return entry.agreement;
        }
    }
    FAIL("no field " + field);
    return Agreement::No;
}

}  // namespace

TEST_CASE("what was asked for is confirmed, and what was not checked is listed", "[verdict]") {
    const auto verdict = judge("Au25(PET)18", "[Au25(PET)18]-");
    CHECK(verdict.confirmed);
    CHECK(verdict.target_grade == 1.0);
    CHECK(verdict.unchecked == std::vector<std::string>{"hydrides", "charge"});
    CHECK(verdict.text.find("confirmed: [Au25(PET)18]-") == 0);
}

TEST_CASE("an isomeric ligand is another ligand, and is named", "[verdict]") {
    const auto verdict = judge("Au25(PET)18", "Au25(SPhMe2)18");
    CHECK_FALSE(verdict.confirmed);
    CHECK(verdict.target_grade == 0.4);
    CHECK(agreement(verdict, "ligands") == Agreement::No);
    CHECK(agreement(verdict, "ligand_counts") == Agreement::NotDetermined);
    CHECK(verdict.text.find("expected SPhMe2") != std::string::npos);
    CHECK(verdict.text.find("found PET") != std::string::npos);
}

TEST_CASE("another metal is another core, and is named", "[verdict]") {
    const auto verdict = judge("Au25(PET)18", "PdAu24(PET)18");
    CHECK_FALSE(verdict.confirmed);
    CHECK(verdict.target_grade == 0.25);
    CHECK(verdict.text.find("1 Pd missing") != std::string::npos);
    CHECK(agreement(verdict, "ligands") == Agreement::Yes);
}

TEST_CASE("metals next to each other in the table need mass spectrometry", "[verdict]") {
    const auto verdict = judge("Au25(PET)18", "PtAu24(PET)18");
    CHECK(verdict.confirmed);
    CHECK(agreement(verdict, "metals") == Agreement::NotDetermined);
    REQUIRE(verdict.notes.size() == 1);
    CHECK(verdict.notes[0] == "element not distinguishable, needs MS");
    CHECK(judge("Ag25(PET)18", "CdAg24(PET)18").confirmed);
    CHECK_FALSE(judge("Ag25(PET)18", "CuAg24(PET)18").confirmed);
}

TEST_CASE("a charge alone makes no other cluster", "[verdict]") {
    auto report = found("Au25(PET)18");
    report.charge = 0;
    const auto verdict = judge_structure(report, target("[Au25(PET)18]-"), names());
    CHECK(verdict.confirmed);
    CHECK(verdict.notes == std::vector<std::string>{"charge state differs"});
    CHECK(agreement(verdict, "charge") == Agreement::NotDetermined);
    const auto other = judge_structure(report, target("[Au24(PET)18]-"), names());
    CHECK(agreement(other, "charge") == Agreement::No);
    report.charge = -1;
    CHECK(agreement(judge_structure(report, target("[Au25(PET)18]-"), names()), "charge") ==
          Agreement::Yes);
}

TEST_CASE("counts, anions and hydrides differ only where both are known", "[verdict]") {
    const auto counts = judge("Au25(PET)17", "Au25(PET)18");
    CHECK_FALSE(counts.confirmed);
    CHECK(counts.target_grade == 0.5);
    CHECK(agreement(counts, "ligand_counts") == Agreement::No);
    const auto anions = judge("Cu20Cl(PET)12(PPh3)4(MeCOO)6", "Cu20Br(PET)12(PPh3)4(MeCOO)6");
    CHECK(anions.target_grade == 0.25);
    CHECK(agreement(anions, "anions") == Agreement::No);
    CHECK(judge("Cu20(PET)12", "Cu20H11(PET)12").confirmed);
    CHECK_FALSE(judge("Cu20H10(PET)12", "Cu20H11(PET)12").confirmed);
    CHECK(judge("Cu20H11(PET)12", "Cu20(PET)12").confirmed);
    CHECK(judge("Au20(PET)17", "Au25(SPhMe2)18").target_grade == 0.1);
}

TEST_CASE("a tautomer or another place of a charge is the same ligand", "[verdict]") {
    auto report = found("Cu3(py)3");
    report.ligands = {{chemistry::describe_ligand("S=c1cccc[n-]1"), 3}};
    Candidate asked = target("Cu3(py)3");
    asked.ligands = {{chemistry::describe_ligand("[S-]c1ccccn1"), 3}};
    CHECK(judge_structure(report, asked, names()).confirmed);
}

TEST_CASE("hydrogens that were not located leave a ligand open, no more", "[verdict]") {
    auto report = found("Au18(SPh)14");
    CHECK_FALSE(judge_structure(report, target("Au18(S-C6H11)14"), names()).confirmed);
    report.hydrogens_missing = true;
    const auto verdict = judge_structure(report, target("Au18(S-C6H11)14"), names());
    CHECK(verdict.confirmed);
    CHECK(agreement(verdict, "ligands") == Agreement::NotDetermined);
}

TEST_CASE("an average composition excludes only what is a whole atom away", "[verdict]") {
    auto report = found("Au25(PET)18");
    report.fractional_metals = {{"Au", 24.4}, {"Ag", 0.6}};
    CHECK(judge_structure(report, target("AgAu24(PET)18"), names()).confirmed);
    CHECK(judge_structure(report, target("Au25(PET)18"), names()).confirmed);
    CHECK_FALSE(judge_structure(report, target("Ag2Au23(PET)18"), names()).confirmed);
}

TEST_CASE("anions and ligands on average exclude only what is a whole one away", "[verdict]") {
    auto report = found("Au25(PET)18");
    report.fractional_anions = {{"Cl", 0.2}};
    for (const char* name : {"Au25(PET)18", "Au25Cl(PET)18"}) {
        const auto verdict = judge_structure(report, target(name), names());
        CHECK(verdict.confirmed);
        CHECK(agreement(verdict, "anions") == Agreement::NotDetermined);
    }
    CHECK_FALSE(judge_structure(report, target("Au25Cl2(PET)18"), names()).confirmed);
    CHECK_FALSE(judge_structure(report, target("Au25Br(PET)18"), names()).confirmed);

    report = found("Au25(PET)17");
    report.fractional_ligands = {{"C8H9S", 17.3}};
    for (const char* name : {"Au25(PET)17", "Au25(PET)18"}) {
        const auto verdict = judge_structure(report, target(name), names());
        CHECK(verdict.confirmed);
        CHECK(agreement(verdict, "ligand_counts") == Agreement::NotDetermined);
    }
    CHECK_FALSE(judge_structure(report, target("Au25(PET)16"), names()).confirmed);

    report = found("Au25(PET)18(PPh3)");
    report.fractional_ligands = {{"C18H15P", 0.7}};
    CHECK(judge_structure(report, target("Au25(PET)18"), names()).confirmed);
    report = found("Au25(PET)18");
    report.fractional_ligands = {{"C18H15P", 0.4}};
    CHECK(judge_structure(report, target("Au25(PET)18(PPh3)"), names()).confirmed);
    CHECK_FALSE(judge_structure(report, target("Au25(PET)18(PPh3)2"), names()).confirmed);
}

TEST_CASE("oxygen and sulfur without hydrogen may be the hydroxide and the hydrosulfide asked for",
          "[verdict]") {
    auto asked = target("Ag8(PPh3)6");
    asked.ligands.push_back({chemistry::describe_ligand("[OH-]"), 4});
    auto report = found("Ag8(PPh3)6");
    report.core.anions["O"] = 4;
    const auto verdict = judge_structure(report, asked, names());
    CHECK(verdict.confirmed);
    CHECK(agreement(verdict, "anions") == Agreement::NotDetermined);
    CHECK(agreement(verdict, "ligands") == Agreement::NotDetermined);
    report.core.anions["O"] = 3;
    CHECK_FALSE(judge_structure(report, asked, names()).confirmed);
    report.core.anions = {{"S", 4}};
    CHECK_FALSE(judge_structure(report, asked, names()).confirmed);
    asked.core.anions["O"] = 1;
    report.core.anions = {{"O", 5}};
    CHECK(judge_structure(report, asked, names()).confirmed);
}

TEST_CASE("of two confirmed clusters the one of which more was checked is judged", "[verdict]") {
    const auto best = judge_best({block_of("a", "Au25(PET)18"), block_of("b", "PtAu24(PET)18")},
                                 target("PtAu24(PET)18"),
                                 names());
    CHECK(best.block == "b");
    CHECK(agreement(*best.verdict, "metals") == Agreement::Yes);
    REQUIRE(best.warnings.size() == 1);
    CHECK(best.warnings[0] == "block b was judged; block a holds another cluster, Au25(PET)18");
}

TEST_CASE("a block that was refused keeps the verdict open where the target may be in it",
          "[verdict]") {
    const auto asked = target("Ag25(PET)18");
    const auto gold = block_of("a", "Au25(PET)18");
    const auto polymer = refused_block("p", "polymeric");
    const auto beside = judge_best({gold, polymer}, asked, names());
    CHECK_FALSE(beside.verdict->confirmed);
    CHECK(beside.warnings.back() == "block p could not be judged (polymeric)");
    CHECK_THROWS_AS(judge_best({polymer, gold}, asked, names()), InputError);
    CHECK_THROWS_AS(judge_best({gold, refused_block("d", "bad_atom")}, asked, names()), InputError);
    CHECK(judge_best({refused_block("d", "bad_atom"), gold}, target("Au25(PET)18"), names())
              .verdict->confirmed);
}
