// The ledger against the reference machine: long random walks, compared after every command.
#include <cstdlib>
#include <filesystem>
#include <map>
#include <random>
#include <string>

#include "catch.hpp"
#include "long_run.hpp"
#include "walk.hpp"

using namespace cupel::test;
namespace ref = reference;

namespace {

/// Another campaign for every seed.
ref::Rules rules_of(std::uint32_t seed) {
    std::mt19937 random(seed * 7919u + 1u);
    const auto below = [&](int limit) {
        return std::uniform_int_distribution<int>(0, limit - 1)(random);
    };
    ref::Rules rules;
    rules.open_offers = 2 + below(9);
    rules.budget = 5 + below(60);
    rules.max_unknown = 1 + below(6);
    rules.max_attempts = 1 + below(4);
    rules.decline_limit = 1 + below(4);
    rules.max_claims = 2 + below(10);
    rules.review = below(2) == 0;
    rules.reoffer_failed = below(3) != 0;
    rules.whole_batches = below(4) == 0;
    rules.supersede = below(2) == 0;
    rules.train_every = 1 + below(8);
    rules.offer_ttl = below(3) == 0 ? 1800 + below(1000000) : 0;
    return rules;
}

}  // namespace

TEST_CASE("the ledger does what the reference machine says", "[model]") {
    // What is compared here does not depend on the disk; durability has tests of its own.
    if (std::filesystem::is_directory("/dev/shm")) {
        setenv("TMPDIR", "/dev/shm", 0);
    }
    const char* wish = std::getenv("CUPEL_MODEL_SEED");
    const int commands = long_run() ? 1'000'000 : 20'000;
    std::map<std::size_t, int> rows;
    int sent = 0;
    std::uint32_t seed = wish != nullptr ? static_cast<std::uint32_t>(std::stoul(wish)) : 1;
    const auto rows_left = [&rows] { return rows.size() < ref::table().size(); };
    // Deep rows are rare: the walk goes on, within reason, until each was taken.
    for (; sent < commands || (rows_left() && sent < 3 * commands); ++seed) {
        Walk walk(seed, rules_of(seed));
        try {
            sent += walk.run(500);
        } catch (const Difference& difference) {
            FAIL(difference.what());
        }
        for (const auto& [row, times] : walk.machine().rows_taken()) {
            rows[row] += times;
        }
        if (wish != nullptr) {
            return;
        }
    }
    WARN(sent << " commands, " << seed - 1 << " campaigns");
    // What was never taken was never tested.
    for (std::size_t n = 0; n < ref::table().size(); ++n) {
        const ref::Row& row = ref::table()[n];
        INFO("row " << ref::word(row.from) << " | " << row.input << " | " << ref::word(row.to));
        CHECK(rows[n] > 0);
    }
}
