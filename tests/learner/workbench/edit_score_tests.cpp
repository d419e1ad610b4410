// Edits in numbers, and the score that is learnt from what was reported.
#include <cupel/workbench/dataset.hpp>
#include <cupel/workbench/edit_score.hpp>

#include "catch.hpp"

using namespace cupel;
using namespace cupel::workbench;

namespace {

Candidate cluster(Composition metals, const std::string& smiles) {
    Candidate c;
    c.core.metals = std::move(metals);
    c.ligands = {{{smiles, "", 0, {}, "", 0}, 4}};
    return c;
}

std::size_t place(const std::string& name) {
    const auto& names = EditScore::names();
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (names[i] == name) {
            return i;
        }
    }
    FAIL("no feature named " + name);
    return 0;
}

}  // namespace

TEST_CASE("an edit is told by its kind and its size", "[workbench]") {
    learner::Catalogue catalogue;
    const auto parent = add_candidate(catalogue, cluster({{"Au", 25}}, "[S-]CCc1ccccc1"));
    const auto removed = add_candidate(catalogue, cluster({{"Au", 24}}, "[S-]CCc1ccccc1"));
    const auto doped = add_candidate(catalogue, cluster({{"Au", 24}, {"Pt", 1}}, "[S-]CCc1ccccc1"));
    const auto silver = add_candidate(catalogue, cluster({{"Au", 24}, {"Ag", 1}}, "[S-]C"));
    const auto& cores = catalogue.cores();
    CHECK(one_metal_apart(cores[parent.core], cores[removed.core]));
    CHECK(one_metal_apart(cores[parent.core], cores[doped.core]));
    CHECK(one_metal_apart(cores[removed.core], cores[doped.core]));
    CHECK_FALSE(one_metal_apart(cores[parent.core], cores[parent.core]));
    CHECK(edit_size(catalogue, parent, removed) == 1);
    CHECK(edit_size(catalogue, parent, silver) == 2);
    const auto f = edit_features(catalogue, parent, doped, 1.5, 0.0, 3.0, 1.0);
    CHECK(f[place("interaction")] == 1.5);
    CHECK(f[place("substitution_by_another_metal")] == 1.0);
    CHECK(f[place("nearest")] == Approx(0.0).margin(2e-3));
    CHECK(f[place("removal")] == 0.0);
    CHECK(f[place("exchange")] == 0.0);
    const auto g = edit_features(catalogue, parent, silver, 0.0, 0.0, 0.0, 0.5);
    CHECK(g[place("substitution_by_a_new_coinage_metal")] == 1.0);
    CHECK(g[place("exchange")] == 1.0);
    CHECK(g[place("unlike_ligands")] > 0.3);
    CHECK(g[place("compound")] == 1.0);
}

TEST_CASE("the edit score learns what reported edits have in common", "[workbench]") {
    CHECK(EditScore().score(EditFeatures{2.0}) == 2.0);
    // Forty parents: a removal is what was reported, though the pair score prefers an exchange.
    EditFeatures removal{0.0};
    removal[place("removal")] = 1.0;
    EditFeatures exchange{1.0};
    exchange[place("exchange")] = 1.0;
    EditChoice choice;
    choice.candidates = {exchange, removal, exchange};
    choice.chosen = 1;
    const std::vector<const EditChoice*> choices(40, &choice);
    const auto fitted = EditScore::fitted(choices);
    CHECK(fitted.score(removal) > fitted.score(exchange) + 2.0);
    CHECK(fitted.weights() == EditScore::fitted(choices).weights());
    CHECK(EditScore::fitted({}).weights() == EditScore().weights());
}
