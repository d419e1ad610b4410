// Pools under constraints, stock, hazards and decoys.
#include <fstream>
#include <map>
#include <set>

#include <cupel/chemistry/candidate_name.hpp>
#include <cupel/chemistry/data_dir.hpp>
#include <cupel/chemistry/decoys.hpp>
#include <cupel/chemistry/hazards.hpp>
#include <cupel/chemistry/pool.hpp>
#include <cupel/chemistry/reported_table.hpp>
#include <cupel/domain/error.hpp>

#include "catch.hpp"
#include "temp_dir.hpp"
#include "test_paths.hpp"

using namespace cupel;
using namespace cupel::chemistry;
using Catch::Matchers::Contains;

namespace {

Candidate named(const std::string& name) {
    return parse_candidate_name(name, Abbreviations::standard());
}

Stock edit_stock() {
    return Stock::load(test::source_dir() / "tests/data/edit_stock.csv");
}

std::string refusal(const PoolConstraints& constraints, const std::string& name) {
    const auto refused = PoolFilter(constraints, edit_stock()).check(named(name));
    return refused ? refused->reason + ": " + refused->text : "allowed";
}

}  // namespace

TEST_CASE("each constraint refuses with its reason", "[chemistry]") {
    PoolConstraints constraints;
    CHECK(refusal(constraints, "[HgAu24(CO)18]-") == "allowed");
    constraints.elements = {"Au", "Ag"};
    CHECK(refusal(constraints, "HgAu24(PET)18") == "element: Hg is not allowed");
    constraints = {};
    constraints.max_nuclearity = 20;
    CHECK(refusal(constraints, "Au25(PET)18") == "nuclearity: 25 metal atoms, allowed are 1 to 20");
    constraints = {};
    constraints.min_charge = 0;
    CHECK_THAT(refusal(constraints, "[Au25(PET)18]-"), Contains("charge: charge -1"));
    CHECK(refusal(constraints, "Au25(PET)18") == "allowed");
    constraints = {};
    constraints.only_stock = true;
    CHECK_THAT(refusal(constraints, "Au25(SG)18"), Contains("stock: ") && Contains("not in stock"));
    CHECK(refusal(constraints, "Au25(PET)18") == "allowed");
    constraints = {};
    constraints.excluded_hazards = {"carbonyl", "toxic-metal"};
    CHECK(refusal(constraints, "Au9(CO)2(PPh3)8") == "hazard: meets the rule 'carbonyl'");
    CHECK(refusal(constraints, "HgAu24(PET)18") == "hazard: meets the rule 'toxic-metal'");
    constraints = {};
    constraints.max_cost = 0.5;
    CHECK(refusal(constraints, "Au25(PET)18") == "cost: 0.60 is above 0.50");
    constraints = {};
    constraints.forbidden_pairs = {{"Ag", "phosphine"}};
    CHECK(refusal(constraints, "Ag4(PPh3)4") == "forbidden_pair: Ag with phosphine");
    CHECK(refusal(constraints, "Au4(PPh3)4") == "allowed");
}

TEST_CASE("constraints that cannot be met are refused", "[chemistry]") {
    PoolConstraints constraints;
    constraints.excluded_hazards = {"gas"};
    CHECK_THROWS_WITH(PoolFilter(constraints, {}), Contains("no hazard rule 'gas'"));
    constraints = {};
    constraints.min_nuclearity = 9;
    constraints.max_nuclearity = 8;
    CHECK_THROWS_AS(PoolFilter(constraints, {}), InputError);
    constraints = {};
    constraints.only_stock = true;
    CHECK_THROWS_WITH(PoolFilter(constraints, {}), Contains("stock is empty"));
    constraints = {};
    constraints.min_charge = 1;
    constraints.max_charge = 0;
    CHECK_THROWS_AS(PoolFilter(constraints, {}), InputError);
}

TEST_CASE("hazard rules know their groups", "[chemistry]") {
    using Names = std::vector<std::string>;
    CHECK(hazards_of_ligand("[N-]=[N+]=[N-]") == Names{"azide"});
    CHECK(hazards_of_ligand("[O-][Cl+3]([O-])([O-])[O-]") == Names{"perchlorate"});
    CHECK(hazards_of_ligand("[O-]Cl(=O)(=O)=O") == Names{"perchlorate"});
    CHECK(hazards_of_ligand("[C-]#[N+][O-]") == Names{"fulminate"});
    CHECK(hazards_of_ligand("[C-]#[O+]") == Names{"carbonyl"});
    CHECK(hazards_of_ligand("[C-]#N") == Names{"cyanide"});
    CHECK(hazards_of_ligand("[C-]#C") == Names{"acetylide"});
    CHECK(hazards_of_ligand("CC(C)(C)O[O-]") == Names{"peroxide"});
    for (const auto* harmless : {"[C-]#Cc1ccccc1",
                                 "[C-]#[N+]C(C)(C)C",
                                 "[S-]CCc1ccccc1",
                                 "O=[N+]([O-])[O-]",
                                 "[S-]c1ccc(Cl)cc1",
                                 "[n-]1nncc1"}) {
        INFO(harmless);
        CHECK(hazards_of_ligand(harmless).empty());
    }
    CHECK(hazards_of(named("HgAu24(CO)2(PET)16")) == Names{"carbonyl", "toxic-metal"});
    CHECK(hazards_of_ligand("C[Hg]C") == Names{"toxic-metal"});
    for (const auto* azide : {"CN=[N+]=[N-]", "C[N-][N+]#N", "CN=N#N", "[15N-]=[N+]=[N-]"}) {
        INFO(azide);
        CHECK(hazards_of_ligand(azide) == Names{"azide"});
    }
}

TEST_CASE("an anion meets the rule of its atoms, however its formula is written", "[chemistry]") {
    using Names = std::vector<std::string>;
    const auto hazards = [](const std::string& anion) {
        Candidate candidate = named("Au25(PET)18");
        candidate.core.anions = {{anion, 1}};
        return hazards_of(candidate);
    };
    for (const auto* perchlorate : {"ClO4", "O4Cl", "Cl(O2)2", "Cl2O8", "HClO4"}) {
        INFO(perchlorate);
        CHECK(hazards(perchlorate) == Names{"perchlorate"});
    }
    CHECK(hazards("N3") == Names{"azide"});
    CHECK(hazards("ONC") == Names{"fulminate"});
    CHECK(hazards("HgI4") == Names{"toxic-metal"});
    for (const auto* harmless : {"Cl", "N", "N2", "CO3", "SO4", "W6O19", "K(H2O)HP5W30O110"}) {
        INFO(harmless);
        CHECK(hazards(harmless).empty());
    }
}

TEST_CASE("what cannot be read meets every hazard rule", "[chemistry]") {
    Candidate candidate = named("Au25(PET)18");
    const auto all = [](const std::vector<std::string>& met) {
        return met.size() == hazard_rules().size();
    };
    for (const auto* text : {"SR", "CN=[N+]=[N-](C)(C)C", "CN=[N+]=[N-]}"}) {
        INFO(text);
        CHECK(all(hazards_of_ligand(text)));
    }
    candidate.core.anions = {{"N3\n", 1}};
    CHECK(all(hazards_of(candidate)));
}

TEST_CASE("the product holds each new pair once, with counts that suit the core", "[chemistry]") {
    const auto gold = named("Au25(PET)18"), silver = named("Ag4(PPh3)4");
    const PoolFilter filter({}, {});
    ProductOptions options;
    options.reported = {learning_key(gold), learning_key(silver)};
    const auto pool = build_product({gold.core, silver.core, gold.core},
                                    {{gold.ligands, 25}, {silver.ligands, 4}},
                                    filter,
                                    options);
    REQUIRE(pool.candidates.size() == 2);
    CHECK(pool.candidates[0].core.metals == gold.core.metals);
    CHECK(pool.candidates[0].ligands.at(0).count == 14);  // 4 * (25/4)^(2/3)
    CHECK(pool.candidates[1].ligands.at(0).count == 5);   // 18 * (4/25)^(2/3)
    CHECK_FALSE(pool.candidates[0].charge);
    REQUIRE(pool.rejected.size() == 2);
    CHECK(pool.rejected[0].refusal.reason == "reported");
}

TEST_CASE("a limit thins the product evenly and always in the same way", "[chemistry]") {
    std::vector<Core> cores;
    for (int n = 2; n < 42; ++n) {
        cores.push_back(named("Au" + std::to_string(n) + "(PET)2").core);
    }
    const std::vector<KnownLigandSet> sets{{named("Au25(PET)18").ligands, 25},
                                           {named("Au4(PPh3)4").ligands, 4}};
    const PoolFilter filter({}, {});
    ProductOptions options;
    options.limit = 20;
    const auto a = build_product(cores, sets, filter, options);
    const auto b = build_product(cores, sets, filter, options);
    REQUIRE(a.candidates.size() == 20);
    CHECK(a.allowed == 80);
    std::set<int> sizes;
    for (std::size_t i = 0; i < a.candidates.size(); ++i) {
        CHECK(identity_key(a.candidates[i]) == identity_key(b.candidates[i]));
        sizes.insert(a.candidates[i].core.nuclearity());
    }
    CHECK(sizes.size() > 10);
    CHECK(*sizes.rbegin() > 25);
}

TEST_CASE("the stock is read strictly", "[chemistry]") {
    const auto stock = edit_stock();
    std::map<std::string, int> classes;
    for (const auto& item : stock.items()) {
        ++classes[item.ligand.donor_class];
    }
    CHECK(classes["carboxylate"] >= 12);
    CHECK(classes["phosphine"] >= 8);
    CHECK(classes["thiolate"] >= 12);
    REQUIRE(stock.find("CC(=O)[O-]") != nullptr);
    CHECK(stock.find("CC(=O)[O-]")->name == "acetate");
    CHECK(stock.find("CC") == nullptr);

    const test::TempDir folder;
    const auto error = [&](const std::string& text) -> std::string {
        std::ofstream(folder.path() / "s.csv") << text;
        try {
            Stock::load(folder.path() / "s.csv");
        } catch (const InputError& e) {
            return e.what();
        }
        return "read";
    };
    CHECK(error("name,smiles\na,CC\n") == "read");
    CHECK_THAT(error("name,smiles\na,C(\n"), Contains("s.csv:2: smiles"));
    CHECK_THAT(error("name,smiles,cost\na,CC,-1\n"), Contains("s.csv:2: cost"));
    CHECK_THAT(error("name,smiles,cost\na,CC,cheap\n"), Contains("s.csv:2: cost"));
    CHECK_THAT(error("name,smiles\na,CC\nb,CC\n"), Contains("s.csv:3: smiles: 'CC' stands twice"));
    CHECK_THAT(error("name\na\n"), Contains("no column 'smiles'"));
}

TEST_CASE("a ligand in stock is written without its counter-ion", "[chemistry]") {
    const test::TempDir folder;
    const auto error = [&](const std::string& smiles) -> std::string {
        std::ofstream(folder / "s.csv") << "name,smiles\na," << smiles << "\n";
        try {
            Stock::load(folder / "s.csv");
        } catch (const InputError& e) {
            return e.what();
        }
        return "read";
    };
    CHECK_THAT(error("CCC(=O)[O-].[Na+]"),
               Contains("s.csv:2: smiles: 'CCC(=O)[O-].[Na+]' holds the counter-ion [Na+]; write "
                        "the ion that binds alone, as bound: CCC(=O)[O-]"));
    CHECK_THAT(error("[O-]C(=O)C.[O-]C(=O)C.[Mg+2]"), Contains("holds the counter-ion [Mg+2]"));
    CHECK_THAT(error("C[N+](C)(C)CC[S-].[Na+].[Cl-]"), Contains("as bound: C[N+](C)(C)CC[S-]"));
    CHECK_THAT(error("CN1C=C[N+](C)=C1.[I-]"), Contains("holds the counter-ion [I-]"));
    CHECK_THAT(error("Cl.NCC[S-]"), Contains("holds the counter-ion Cl"));
    CHECK(error("[Cl-]") == "read");
    CHECK(error("[Fe+2].c1ccc(P(c2ccccc2)[c-]2cccc2)cc1.c1ccc(P(c2ccccc2)[c-]2cccc2)cc1") ==
          "read");
}

TEST_CASE("a free acid or thiol in stock is warned of, with how it is written as bound",
          "[chemistry]") {
    const test::TempDir folder;
    const auto warning = [&](const std::string& smiles) -> std::string {
        std::ofstream(folder / "s.csv") << "name,smiles\na," << smiles << "\n";
        const auto stock = Stock::load(folder / "s.csv");
        CHECK(stock.items().size() == 1);
        CHECK(stock.warnings().size() <= 1);
        return stock.warnings().empty() ? "none" : stock.warnings()[0];
    };
    CHECK_THAT(warning("OC(=O)CC"),
               Contains("s.csv:2: smiles: 'OC(=O)CC' is a free acid, which no exchange uses; as "
                        "bound: CCC(=O)[O-]"));
    CHECK_THAT(warning("SCCc1ccccc1"), Contains("free thiol") && Contains("bound: [S-]CCc1ccccc1"));
    CHECK_THAT(warning("[SH]CCC(=O)O"), Contains("as bound: O=C(O)CC[S-]"));
    // Bound by something else, or as bound already.
    for (const char* smiles : {"O=C(O)c1ccc([S-])cc1",
                               "O=C(O)c1ccc(P(c2ccccc2)c2ccccc2)cc1",
                               "O=C(O)c1ccncc1",
                               "CC(=O)[O-]",
                               "CO",
                               "CSC"}) {
        CHECK(warning(smiles) == "none");
    }
    CHECK(Stock::load(test::source_dir() / "tests/data/edit_stock.csv").warnings().empty());
}

TEST_CASE("decoys are as popular as the truth and never true", "[chemistry]") {
    std::vector<Candidate> truth;
    std::set<std::string> known;
    std::map<std::string, int> cores, sets;
    for (const auto& row : load_reported_table(data_dir() / "clusters.csv")) {
        if (known.insert(learning_key(row.candidate)).second && truth.size() < 200) {
            truth.push_back(row.candidate);
            ++cores[core_learning_key(row.candidate.core)];
            ++sets[ligand_set_learning_key(row.candidate.ligands)];
        }
    }
    constexpr int kPerPair = 5;
    const auto decoys = degree_matched_decoys(truth, kPerPair, 7, known);
    const auto again = degree_matched_decoys(truth, kPerPair, 7, known);
    REQUIRE(decoys.size() == again.size());
    CHECK(decoys.size() >= truth.size() * kPerPair * 9 / 10);
    std::map<std::string, int> decoy_cores, decoy_sets;
    std::set<std::string> keys = known;
    bool fresh = true, same = true;
    for (std::size_t i = 0; i < decoys.size(); ++i) {
        fresh = keys.insert(learning_key(decoys[i])).second && fresh;
        same = same && identity_key(decoys[i]) == identity_key(again[i]);
        ++decoy_cores[core_learning_key(decoys[i].core)];
        ++decoy_sets[ligand_set_learning_key(decoys[i].ligands)];
    }
    CHECK(fresh);
    CHECK(same);
    // Frequencies follow those of the truth: the share of core popularity is kept within a tenth.
    double moved_cores = 0, moved_sets = 0;
    for (const auto& [key, count] : cores) {
        moved_cores += std::abs(decoy_cores[key] - kPerPair * count);
    }
    for (const auto& [key, count] : sets) {
        moved_sets += std::abs(decoy_sets[key] - kPerPair * count);
    }
    CHECK(moved_cores / static_cast<double>(decoys.size()) < 0.1);
    CHECK(moved_sets / static_cast<double>(decoys.size()) < 0.35);
    CHECK(degree_matched_decoys({}, 3, 1).empty());
}
