// Edits of known clusters: the reference case, closures by charge, and finiteness.
#include <algorithm>
#include <cstdlib>
#include <set>

#include <cupel/chemistry/candidate_name.hpp>
#include <cupel/chemistry/edits.hpp>
#include <cupel/chemistry/electron_count.hpp>

#include "catch.hpp"
#include "test_paths.hpp"

using namespace cupel;
using namespace cupel::chemistry;

namespace {

const std::string kParent = "[Cu20Cl(PET)12(PPh3)4(MeCOO)6]+";

Stock edit_stock() {
    return Stock::load(test::source_dir() / "tests/data/edit_stock.csv");
}

Candidate named(const std::string& name) {
    return parse_candidate_name(name, Abbreviations::standard());
}

const Candidate* find(const EditNeighbourhood& edits, const std::string& name) {
    const std::string key = identity_key(named(name));
    const auto it = std::find_if(edits.kept.begin(), edits.kept.end(), [&](const auto& candidate) {
        return identity_key(candidate) == key;
    });
    return it == edits.kept.end() ? nullptr : &*it;
}

}  // namespace

TEST_CASE("the reference edit is generated and says how", "[chemistry]") {
    const auto edits = edits_of(named(kParent), kParent, edit_stock());
    const Candidate* edited = find(edits, "[Cu19Cl(PET)12(PPh3)3(HCOO)6]0");
    REQUIRE(edited != nullptr);
    REQUIRE(edited->edit);
    CHECK(edited->edit->parent == kParent);
    CHECK(edited->edit->steps ==
          std::vector<std::string>{"[Cu(PPh3)]+ removed", "acetate -> formate"});
    CHECK(count_electrons(*edited).n == 0);
    // The same without the charge closing is refused.
    const std::string open = named("[Cu19Cl(PET)12(PPh3)3(HCOO)6]+").name();
    const auto refused = std::find_if(edits.rejected.begin(),
                                      edits.rejected.end(),
                                      [&](const auto& entry) { return entry.name == open; });
    REQUIRE(refused != edits.rejected.end());
    CHECK(refused->refusal.reason == "charge");
    CHECK(refused->refusal.text == "charge +1 -> +1 changes the electron count by -1");
}

TEST_CASE("kept edits move the electron count by nothing or by two, and none comes twice",
          "[chemistry]") {
    const auto edits = edits_of(named(kParent), kParent, edit_stock());
    std::set<std::string> keys{identity_key(named(kParent))};
    int odd = 0, repeated = 0, stepless = 0;
    for (const auto& candidate : edits.kept) {
        const int n = count_electrons(candidate).n.value();
        odd += n != 0 && std::abs(n) != 2 ? 1 : 0;
        repeated += keys.insert(identity_key(candidate)).second ? 0 : 1;
        stepless += candidate.edit->steps.empty() || candidate.edit->steps.size() > 4 ? 1 : 0;
    }
    CHECK(odd == 0);
    CHECK(repeated == 0);
    CHECK(stepless == 0);
    CHECK(edits.kept.size() > 1000);
    CHECK(edits.kept.size() < 20000);
    for (const auto& rejected : edits.rejected) {
        if (rejected.refusal.reason != "charge") {
            FAIL_CHECK(rejected.name << ": " << rejected.refusal.reason);
        }
    }
}

TEST_CASE("elementary edits alone change one thing", "[chemistry]") {
    EditOptions options;
    options.compound = false;
    const auto stock = edit_stock();
    const auto edits = edits_of(named("[Au25(PET)18]-"), "Au25", stock, options);
    CHECK(find(edits, "[PdAu24(PET)18]0") != nullptr);
    CHECK(find(edits, "[PtAu24(PET)18]2-") != nullptr);
    CHECK(find(edits, "[HgAu24(PET)18]0") != nullptr);
    CHECK(find(edits, "[AgAu24(PET)18]-") != nullptr);
    CHECK(find(edits, "[Au25(SPhMe2)18]-") != nullptr);
    CHECK(find(edits, "[Au24(PET)17]-") != nullptr);
    CHECK(find(edits, "[AgAu24(SPhMe2)18]-") == nullptr);
    CHECK(find(edits, "[Au25(PPh3)18]-") == nullptr);
    const auto compound = edits_of(named("[Au25(PET)18]-"), "Au25", stock);
    CHECK(find(compound, "[AgAu24(SPhMe2)18]-") != nullptr);
}

TEST_CASE("hydrides and anions are edited where they are known", "[chemistry]") {
    const Stock none;
    const auto hydride = edits_of(named("[Cu25H22(PPh3)12]+"), "p", none);
    CHECK(find(hydride, "[Cu25H21(PPh3)12]2+") != nullptr);
    CHECK(find(hydride, "[Cu25H23(PPh3)12]0") != nullptr);
    const auto chloride = edits_of(named("[Au11Cl2(PPh3)8]+"), "p", none);
    CHECK(find(chloride, "[Au11Br2(PPh3)8]+") != nullptr);
    for (const auto& candidate : chloride.kept) {
        CHECK_FALSE(candidate.core.hydrides);
    }
    const auto sulfide = edits_of(named("[Cu12S6(PEt3)8]0"), "p", none);
    CHECK(find(sulfide, "[Cu12Se6(PEt3)8]0") != nullptr);
}

TEST_CASE("an unknown charge stays unknown", "[chemistry]") {
    const auto edits = edits_of(named("Au25(PET)18"), "Au25", edit_stock());
    CHECK(edits.rejected.empty());
    CHECK(find(edits, "PdAu24(PET)18") != nullptr);
    const bool any_known = std::any_of(
        edits.kept.begin(), edits.kept.end(), [](const auto& c) { return c.charge.has_value(); });
    CHECK_FALSE(any_known);
}

TEST_CASE("a small cluster is not edited away", "[chemistry]") {
    const auto edits = edits_of(named("[Au2(PPh3)2]2+"), "p", Stock{});
    for (const auto& candidate : edits.kept) {
        CHECK(candidate.core.nuclearity() >= 2);
        CHECK_FALSE(candidate.ligands.empty());
    }
}
