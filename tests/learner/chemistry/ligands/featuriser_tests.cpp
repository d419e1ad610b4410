// Ligands described: formula, donors, class; graphs and fingerprints free of the partner.
#include <algorithm>

#include <cupel/chemistry/featuriser.hpp>
#include <cupel/chemistry/smiles.hpp>
#include <cupel/domain/error.hpp>

#include "catch.hpp"

using namespace cupel;
using namespace cupel::chemistry;

TEST_CASE("donors and their class are read off a ligand as bound", "[chemistry]") {
    struct Known {
        const char* smiles;
        const char* donor_class;
        std::vector<std::string> donors;
    };
    const std::vector<Known> known{
        {"[S-]CCc1ccccc1", "thiolate", {"S"}},
        {"[Se-]c1ccccc1", "selenolate", {"Se"}},
        {"[Te-]c1cccs1", "tellurolate", {"Te"}},
        {"[S-]c1cccc([S-])c1", "dithiolate", {"S", "S"}},
        {"N#CC([S-])=C([S-])C#N", "dithiolate", {"S", "S"}},
        {"CCN(CC)C(=S)[S-]", "dithiocarbamate", {"S", "S"}},
        {"CC(C)OP(=S)([S-])OC(C)C", "dithiophosphate", {"S", "S"}},
        {"S=P([S-])(c1ccccc1)c1ccccc1", "dithiophosphate", {"S", "S"}},
        {"C1CCSC1", "thioether", {"S"}},
        {"NC(N)=S", "thione", {"S"}},
        {"c1ccc(cc1)P(c1ccccc1)c1ccccc1", "phosphine", {"P"}},
        {"c1ccc(P(CP(c2ccccc2)c2ccccc2)c2ccccc2)cc1", "diphosphine", {"P", "P"}},
        {"O=S(=O)([O-])c1cccc(P(c2ccccc2)c2ccccc2)c1", "phosphine", {"P"}},
        {"c1ccc([Sb](c2ccccc2)c2ccccc2)cc1", "stibine", {"Sb"}},
        {"C1CCC([P-]C2CCCCC2)CC1", "phosphide", {"P"}},
        {"[C-]#Cc1ccccc1", "alkynyl", {"C"}},
        {"Fc1[c-]c(F)c(F)c(F)c1F", "carbanion", {"C"}},
        {"Cc1c(C)c(C)[c-](C)c1C", "carbanion", {"C"}},
        {"CN1[C]N(C)C=C1", "NHC", {"C"}},
        {"[C-]#[O+]", "carbonyl", {"C"}},
        {"[C-]#[N+]C(C)(C)C", "isocyanide", {"C"}},
        {"[C-]#N", "cyanide", {"C"}},
        {"N#C[S-]", "thiocyanate", {"N", "S"}},
        {"c1ccncc1", "neutral N", {"N"}},
        {"CC#N", "neutral N", {"N"}},
        {"Cc1cc(C)[n-]n1", "pyrazolate", {"N", "N"}},
        {"CC(=Nc1ccccc1)[N-]c1ccccc1", "amidinate", {"N", "N"}},
        {"C[Si](C)(C)[N-][Si](C)(C)C", "anionic N", {"N"}},
        {"CC(=O)[O-]", "carboxylate", {"O", "O"}},
        {"O=C(C=C([O-])C(F)(F)F)C(F)(F)F", "diketonate", {"O", "O"}},
        {"CC(C)(C)[O-]", "alkoxide", {"O"}},
        {"O=[N+]([O-])[O-]", "nitrate", {"O", "O"}},
        {"O=S(=O)([O-])C(F)(F)F", "sulfonate", {"O"}},
        {"O=P([O-])(c1ccccc1)c1ccccc1", "phosphinate", {"O", "O"}},
        {"O", "neutral O", {"O"}},
        {"[BH4-]", "borohydride", {"B"}},
        {"c1ccc(P(c2ccccc2)c2ccccn2)cc1", "mixed", {"N", "P"}},
        {"CCCC", "other", {}},
    };
    for (const auto& [smiles, donor_class, donors] : known) {
        INFO(smiles);
        const Ligand ligand = describe_ligand(smiles);
        CHECK(ligand.donor_class == donor_class);
        CHECK(ligand.donors == donors);
        CHECK(ligand.denticity == static_cast<int>(donors.size()));
    }
}

TEST_CASE("the rings of a ferrocenyl group are not donors", "[chemistry]") {
    const Ligand dppf =
        describe_ligand("[Fe+2].c1ccc(P(c2ccccc2)[c-]2cccc2)cc1.c1ccc(P(c2ccccc2)[c-]2cccc2)cc1");
    CHECK(dppf.donor_class == "diphosphine");
    CHECK(dppf.denticity == 2);
    CHECK(dppf.charge == 0);
    CHECK(describe_ligand("[Fe+2].[Se-][c-]1cccc1.[Se-][c-]1cccc1").donors ==
          std::vector<std::string>{"Se", "Se"});
}

TEST_CASE("a ligand is described in one canonical form", "[chemistry]") {
    const Ligand a = describe_ligand("[S-]CCc1ccccc1");
    CHECK(a.smiles == describe_ligand("C(Cc1ccccc1)[S-]").smiles);
    CHECK(a.formula == "C8H9S");
    CHECK(a.charge == -1);
    const Ligand isomer = describe_ligand("Cc1ccc([S-])c(C)c1");
    CHECK(isomer.formula == a.formula);
    CHECK(isomer.smiles != a.smiles);
    CHECK(canonical_smiles("C[C@H](F)Cl") != canonical_smiles("C[C@@H](F)Cl"));
}

TEST_CASE("text that is not SMILES is refused", "[chemistry]") {
    for (const char* text : {"", "PET", "C1CC", "C(", "c1ccc", "CC name", "C\nC"}) {
        INFO(text);
        CHECK_THROWS_AS(describe_ligand(text), InputError);
        CHECK_THROWS_AS(atom_graph(text), InputError);
        CHECK_THROWS_AS(fingerprint(text), InputError);
    }
}

TEST_CASE("a SMILES is refused for its length and atoms before it is parsed", "[chemistry]") {
    CHECK_NOTHROW(canonical_smiles(std::string(kMostSmilesAtoms, 'C')));
    CHECK_THROWS_WITH(canonical_smiles(std::string(kMostSmilesAtoms + 1, 'C')),
                      "'CCCCCCCCCCCCCCCCCCCC...' has more than the 200 atoms of a ligand's SMILES");
    const auto bromides = [](std::size_t count) {  // two letters each, in and out of brackets
        std::string text = "C";
        for (std::size_t i = 0; i < count; ++i) {
            text += i % 2 == 0 ? "C(Br)" : "[CH2]";
        }
        return text;
    };
    CHECK_NOTHROW(canonical_smiles(bromides(59)));
    CHECK_THROWS_WITH(canonical_smiles(bromides(60)),
                      "'CC(Br)[CH2]C(Br)[CH2...' is longer than the 300 characters of a ligand's "
                      "SMILES");
}

TEST_CASE("an atom graph counts bonds to the nearest donor", "[chemistry]") {
    const AtomGraph graph = atom_graph("[S-]CCc1ccccc1");
    REQUIRE(graph.atoms.size() == 9);
    CHECK(graph.bonds.size() == 9);
    CHECK(graph.donor_class == "thiolate");
    std::vector<int> distances;
    int hydrogens = 0, aromatic = 0;
    for (const auto& atom : graph.atoms) {
        distances.push_back(atom.donor_distance);
        hydrogens += atom.hydrogens;
        aromatic += atom.aromatic ? 1 : 0;
        CHECK(atom.donor == (atom.atomic_number == 16));
    }
    std::sort(distances.begin(), distances.end());
    CHECK(distances == std::vector<int>{0, 1, 2, 3, 4, 4, 5, 5, 6});
    CHECK(hydrogens == 9);
    CHECK(aromatic == 6);
    for (const auto& atom : atom_graph("CCCC").atoms) {
        CHECK(atom.donor_distance == 255);
    }
}

TEST_CASE("a core graph holds the core and nothing else", "[chemistry]") {
    Core core;
    core.metals = {{"Au", 24}, {"Pd", 1}};
    core.anions = {{"Cl", 2}, {"CO3", 1}};
    const CoreGraph graph = core_graph(core);
    CHECK(graph.metals == std::vector<std::pair<std::uint8_t, int>>{{46, 1}, {79, 24}});
    CHECK(graph.anions == std::vector<std::pair<std::string, int>>{{"CO3", 1}, {"Cl", 2}});
    CHECK(graph.hydrides == -1);
    CHECK(graph.positions.empty());
    core.hydrides = 0;
    core.atoms = {{79, {0.5, 0.0, -1.0}, 1.0}};
    CHECK(core_graph(core).hydrides == 0);
    CHECK(core_graph(core).positions.at(0) == std::array<float, 3>{0.5F, 0.0F, -1.0F});
}

TEST_CASE("a fingerprint depends on the molecule, not on how it is written", "[chemistry]") {
    const Fingerprint a = fingerprint("[S-]CCc1ccccc1");
    CHECK(a.size == 2048);
    CHECK(a.counts == fingerprint("c1ccccc1CC[S-]").counts);
    CHECK(a.counts != fingerprint("Cc1ccc([S-])c(C)c1").counts);
    CHECK(std::is_sorted(a.counts.begin(), a.counts.end()));
    for (const auto& [bit, count] : fingerprint("[S-]CCc1ccccc1", 1, 64).counts) {
        CHECK(bit < 64);
        CHECK(count > 0);
    }
}
