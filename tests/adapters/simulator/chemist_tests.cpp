// Outcomes of the virtual bench: seeded, of every kind, structures only from what forms.
#include <fstream>
#include <map>

#include <cupel/codec/candidate_codec.hpp>
#include <cupel/domain/vocabulary.hpp>
#include <cupel/simulator/chemist.hpp>

#include "catch.hpp"
#include "temp_dir.hpp"
#include "test_paths.hpp"

namespace {

using namespace cupel;

struct Bench {
    Bench() {
        files = simulator::make_laboratory(
            test::source_dir() / "learner" / "data" / "clusters.csv", dir.path(), {1, 30, 20});
        std::ifstream file(files.pool);
        for (std::string line; std::getline(file, line);) {
            pool.push_back(codec::decode_candidate(line));
        }
    }
    test::TempDir dir;
    simulator::LaboratoryFiles files;
    std::vector<Candidate> pool;
};

}  // namespace

TEST_CASE("every kind of outcome is drawn, crystals above all for what forms", "[simulator]") {
    const Bench bench;
    simulator::Chemist chemist(simulator::Truth::load(bench.files.truth), 1);
    const auto truth = simulator::Truth::load(bench.files.truth);
    std::map<std::string, int> kinds;
    int crystals_of_true = 0;
    int trues = 0;
    for (std::size_t i = 0; i < bench.pool.size(); i += 4) {
        const auto attempt = chemist.make(bench.pool[i], 1);
        const bool is_true = truth.find(bench.pool[i]) != nullptr;
        trues += is_true ? 1 : 0;
        CHECK(attempt.outcome.has_value() == attempt.cif.empty());
        CHECK_FALSE(attempt.note.empty());
        if (attempt.outcome) {
            ++kinds[std::string(to_string(attempt.outcome->kind))];
            CHECK(attempt.consumed.has_value() ==
                  (attempt.outcome->kind == OutcomeKind::ExecutionFailed));
        } else {
            ++kinds["cif"];
            crystals_of_true += is_true ? 1 : 0;
        }
    }
    for (const char* kind : {"cif",
                             "amorphous",
                             "no_reaction",
                             "decomposed",
                             "mixture",
                             "crystals_unsolved",
                             "execution_failed"}) {
        INFO(kind);
        CHECK(kinds[kind] > 0);
    }
    CHECK(crystals_of_true * 10 >= trues * 7);
}

TEST_CASE("an attempt depends on seed, candidate and number alone", "[simulator]") {
    const Bench bench;
    simulator::Chemist one(simulator::Truth::load(bench.files.truth), 7);
    simulator::Chemist two(simulator::Truth::load(bench.files.truth), 7);
    two.make(bench.pool[3], 1);
    for (std::size_t i = 0; i < 12; ++i) {
        const auto a = one.make(bench.pool[i], 1);
        const auto b = two.make(bench.pool[i], 1);
        CHECK(a.note == b.note);
        CHECK(a.cif == b.cif);
    }
}

TEST_CASE("a fault is an execution failure that consumed nothing", "[simulator]") {
    const Bench bench;
    simulator::Chemist chemist(simulator::Truth::load(bench.files.truth), 1);
    const auto attempt = chemist.make(bench.pool[0], 1, true);
    REQUIRE(attempt.outcome.has_value());
    CHECK(attempt.outcome->kind == OutcomeKind::ExecutionFailed);
    CHECK(attempt.consumed == std::optional<bool>(false));
    CHECK(attempt.cif.empty());
}
