// Choosing a batch from a joint posterior.
#include <algorithm>
#include <set>

#include <cupel/acquisition/replay.hpp>

#include "catch.hpp"
#include "policies.hpp"

using namespace cupel::acquisition;

namespace {

// Experiments 0 and 1 are near twins, 2 is on its own and promises a little less.
JointPosterior twins() {
    const Eigen::MatrixXd k = (Eigen::Matrix3d() << 1.0,
                               0.98,
                               0.0,  //
                               0.98,
                               1.0,
                               0.0,  //
                               0.0,
                               0.0,
                               1.0)
                                  .finished();
    return {Eigen::Vector3d(0.50, 0.49, 0.40),
            k.diagonal(),
            [k](Eigen::Index i) { return Eigen::VectorXd(k.col(i)); },
            0.0,
            0.2};
}

}  // namespace

TEST_CASE("greedy takes twins, batch repair does not", "[acquisition]") {
    CHECK(choose_batch("greedy", twins(), {0, 1, 2}, 2) == std::vector<std::size_t>{0, 1});
    for (const char* policy : {"poh", "ucb", "ei"}) {
        CAPTURE(policy);
        CHECK(choose_batch(policy, twins(), {0, 1, 2}, 2) == std::vector<std::size_t>{0, 2});
    }
}

TEST_CASE("every policy names each open experiment at most once", "[acquisition]") {
    for (const auto& policy : policy_names()) {
        if (!needs_model(policy)) {
            continue;
        }
        CAPTURE(policy);
        const auto batch = choose_batch(policy, twins(), {2, 0}, 8);
        CHECK(std::set<std::size_t>(batch.begin(), batch.end()) == std::set<std::size_t>{0, 2});
        CHECK(batch.size() == 2);
    }
}

TEST_CASE("a policy without a model cannot be asked for a batch", "[acquisition]") {
    CHECK_THROWS_AS(choose_batch("random", twins(), {0}, 1), std::logic_error);
    CHECK_THROWS_AS(choose_batch("thompson", twins(), {0}, 1), std::logic_error);
    CHECK_FALSE(is_policy("thompson"));
}
