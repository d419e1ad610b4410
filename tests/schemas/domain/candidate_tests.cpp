// Keys: what makes two candidates the same.
#include <cupel/domain/candidate.hpp>

#include "catch.hpp"

using namespace cupel;

namespace {

Candidate au25() {
    Candidate candidate;
    candidate.core.metals = {{"Au", 25}};
    Ligand pet;
    pet.smiles = "[S-]CCc1ccccc1";
    pet.formula = "C8H9S";
    pet.charge = -1;
    candidate.ligands = {{pet, 18}};
    candidate.charge = -1;
    return candidate;
}

}  // namespace

TEST_CASE("a candidate is named as chemists write it", "[domain]") {
    CHECK(au25().name() == "[Au25(C8H9S)18]-");
    Candidate neutral = au25();
    neutral.charge = 0;
    CHECK(neutral.name() == "Au25(C8H9S)18");
    neutral.charge = 2;
    CHECK(neutral.name() == "[Au25(C8H9S)18]2+");
}

TEST_CASE("identity sees charge, counts, conditions and stereo; learning sees none of them",
          "[domain]") {
    const Candidate base = au25();
    Candidate other = base;
    SECTION("charge") {
        other.charge = 0;
    }
    SECTION("unknown charge") {
        other.charge.reset();
    }
    SECTION("counts") {
        other.ligands[0].count = 17;
    }
    SECTION("conditions") {
        other.conditions["solvent"] = "CH2Cl2";
    }
    SECTION("stereo") {
        other.ligands[0].ligand.smiles = "[S-]C/C=C/c1ccccc1";
    }
    CHECK(identity_key(other) != identity_key(base));
    Candidate plain = base;
    plain.ligands[0].ligand.smiles = other.ligands[0].ligand.smiles == base.ligands[0].ligand.smiles
                                         ? "[S-]CCc1ccccc1"
                                         : "[S-]CC=Cc1ccccc1";
    CHECK(learning_key(other) == learning_key(plain));
}

TEST_CASE("keys see the metals, the anions and the ligand species", "[domain]") {
    const Candidate base = au25();
    Candidate other = base;
    SECTION("metals") {
        other.core.metals = {{"Au", 24}, {"Pd", 1}};
    }
    SECTION("anions") {
        other.core.anions = {{"Cl", 1}};
    }
    SECTION("hydrides") {
        other.core.hydrides = 1;
    }
    SECTION("ligands") {
        other.ligands[0].ligand.smiles = "[S-]c1ccccc1";
    }
    CHECK(identity_key(other) != identity_key(base));
    CHECK(learning_key(other) != learning_key(base));
}

TEST_CASE("keys do not depend on the order of ligands and are stable for ever", "[domain]") {
    Candidate a = au25();
    Ligand phosphine;
    phosphine.smiles = "c1ccc(P(c2ccccc2)c2ccccc2)cc1";
    a.ligands.push_back({phosphine, 2});
    Candidate b = a;
    std::swap(b.ligands[0], b.ligands[1]);
    CHECK(identity_key(a) == identity_key(b));
    CHECK(learning_key(a) == learning_key(b));
    // Golden: stored keys of version k1 must never change.
    CHECK(identity_key(au25()) == "k1:5fcceb21941658ca1add52493608149b");
    CHECK(learning_key(au25()) == "k1:89a9378d1b4de4ec1f0f985f1826ff80");
}

TEST_CASE("ligand sets have one normal order and no empty entries", "[domain]") {
    Ligand a;
    a.smiles = "A";
    Ligand b;
    b.smiles = "B";
    const LigandSet set = normalised({{b, 1}, {a, 2}, {b, 3}, {a, 0}});
    REQUIRE(set.size() == 2);
    CHECK(set[0].ligand.smiles == "A");
    CHECK(set[0].count == 2);
    CHECK(set[1].count == 4);
}

TEST_CASE("a core's formula has metals, anions and hydrides in that order", "[domain]") {
    Core core;
    core.metals = {{"Cu", 20}, {"Ag", 1}};
    core.anions = {{"Cl", 1}, {"CO3", 2}};
    CHECK(core.formula() == "AgCu20Cl(CO3)2");
    core.hydrides = 2;
    CHECK(core.formula() == "AgCu20Cl(CO3)2H2");
    CHECK(core.nuclearity() == 21);
}
