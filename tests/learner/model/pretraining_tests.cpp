// First weights: learned without pairs, kept in a file with their hash, taken by name.
#include <cmath>
#include <fstream>
#include <limits>

#include <cupel/domain/error.hpp>
#include <cupel/learner/metrics.hpp>
#include <cupel/learner/pretraining.hpp>

#include "catch.hpp"
#include "temp_dir.hpp"
#include "toy_data.hpp"

using namespace cupel::learner;

namespace {

LearnerOptions options_of(int epochs) {
    auto options = cupel::test::toy_options();
    options.epochs = epochs;
    options.dropout = 0.0;
    return options;
}

std::vector<CoreExample> toy_cores() {
    std::vector<CoreExample> examples;
    for (const int metal : {29, 47, 79}) {
        for (int n = 2; n <= 40; ++n) {
            CoreExample example;
            example.core = cupel::test::toy_core(metal, n);
            example.targets = {metal / 50.0 - std::pow(n, -1.0 / 3.0),
                               std::numeric_limits<double>::quiet_NaN()};
            example.held_out = n % 5 == 0;
            examples.push_back(std::move(example));
        }
    }
    return examples;
}

std::vector<LigandInput> toy_ligands() {
    std::vector<LigandInput> ligands;
    for (int length = 1; length <= 20; ++length) {
        for (const int donor : {15, 16}) {
            ligands.push_back(cupel::test::toy_ligand(donor, length));
        }
    }
    return ligands;
}

}  // namespace

TEST_CASE("the formula path learns a number per composition and foretells sizes not seen",
          "[pretraining]") {
    const auto result = pretrain_cores(toy_cores(), {"energy", "unknown"}, options_of(200));
    REQUIRE(result.quality.size() == 2);
    CHECK(result.quality[0].second > 0.8);
    CHECK(std::isfinite(result.quality[1].second));
    CHECK(result.arrays.count("core.two.weight") == 1);
    CHECK(result.arrays.count("ligand.one.weight") == 0);
}

TEST_CASE("the ligand encoder learns the donor from structure alone", "[pretraining]") {
    auto options = options_of(120);
    options.graph_layers = 1;
    options.graph_width = 8;
    const auto result = pretrain_ligands(toy_ligands(), options);
    REQUIRE(result.quality.size() == 4);
    CHECK(result.quality[0].second > result.quality[1].second);  // donor class against commonest
    CHECK(result.arrays.count("ligand.one.weight") == 1);
    CHECK(result.arrays.count("ligand.atom.weight") == 1);
    CHECK(result.arrays.count("core.one.weight") == 0);
}

TEST_CASE("the same seed gives the same first weights; a model starts from them", "[pretraining]") {
    auto options = options_of(10);
    const auto one = pretrain_cores(toy_cores(), {"a", "b"}, options);
    CHECK(hash_arrays(one.arrays) ==
          hash_arrays(pretrain_cores(toy_cores(), {"a", "b"}, options).arrays));
    const auto data = cupel::test::toy_data();
    const auto plain = Learner::train(data.catalogue, data.known, {}, options);
    options.pretrained = std::make_shared<NamedArrays>(one.arrays);
    const auto warm = Learner::train(data.catalogue, data.known, {}, options);
    CHECK(warm.hash() != plain.hash());
    CHECK(warm.options().text() == plain.options().text());
    SECTION("weights of another width are refused by name") {
        options.width = 16;
        CHECK_THROWS_WITH(Learner::train(data.catalogue, data.known, {}, options),
                          Catch::Contains("core.one"));
    }
    SECTION("weights of no network are refused") {
        options.pretrained = std::make_shared<NamedArrays>();
        CHECK_THROWS_AS(Learner::train(data.catalogue, data.known, {}, options), cupel::Error);
    }
}

TEST_CASE("a file of weights is read back, and refused when it was changed", "[pretraining]") {
    const cupel::test::TempDir folder;
    const auto file = folder / "first.weights";
    NamedArrays arrays;
    arrays["a"] = make_array(std::vector<double>{1.0, 2.0});
    CHECK(save_weights(arrays, file) == hash_arrays(arrays));
    const auto read = load_weights(file);
    CHECK(hash_arrays(read) == hash_arrays(arrays));
    CHECK(read.size() == 1);
    {
        std::fstream out(file, std::ios::in | std::ios::out | std::ios::binary);
        out.seekp(32);
        out.write("X", 1);
    }
    try {
        load_weights(file);
        FAIL("changed weights were read");
    } catch (const cupel::InputError& error) {
        CHECK(error.code() == "bad_weights");
        CHECK(std::string(error.what()).find('\n') == std::string::npos);
    }
    CHECK_THROWS_WITH(load_weights(folder / "none"), Catch::Contains("cupel pretrain"));
}

TEST_CASE("too few examples are a clear error", "[pretraining]") {
    CHECK_THROWS_WITH(pretrain_cores({}, {"a"}, options_of(1)), Catch::Contains("at least 20"));
    CHECK_THROWS_WITH(pretrain_ligands({}, options_of(1)), Catch::Contains("at least 20"));
}
