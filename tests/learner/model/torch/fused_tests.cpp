// Fused operators and their derivatives against index_select and index_add, and finite differences.
#include <functional>

#include "../../../../learner/model/torch/fused.hpp"
#include "../../../../learner/model/torch/optimiser.hpp"
#include "catch.hpp"

using namespace cupel::learner;

namespace {

torch::Tensor draw(std::vector<std::int64_t> shape, std::uint64_t seed) {
    auto generator = at::detail::createCPUGenerator(seed);
    return torch::randn(shape, generator).set_requires_grad(true);
}

double largest_difference(const torch::Tensor& a, const torch::Tensor& b) {
    return a.numel() == 0 ? 0.0 : (a - b).abs().max().item<double>();
}

using Operation = std::function<torch::Tensor(const std::vector<torch::Tensor>&)>;

// The fused operator equals the composition, forward and backward, for weights drawn at random.
void compare(const Operation& fused, const Operation& composed, std::vector<torch::Tensor> inputs) {
    const auto a = fused(inputs);
    const auto b = composed(inputs);
    REQUIRE(a.sizes() == b.sizes());
    // Single precision, sums in another order.
    CHECK(largest_difference(a, b) <= 1e-5);
    const auto weights = draw(a.sizes().vec(), 99).detach();
    const auto da = torch::autograd::grad({(a * weights).sum()}, inputs);
    const auto db = torch::autograd::grad({(b * weights).sum()}, inputs);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        CHECK(largest_difference(da[i], db[i]) <= 2e-5);
    }
}

// Central differences along single entries: exact for functions linear in each entry, up to the
// rounding of single precision, unless a ReLU turns within the step.
void check_differences(const Operation& fused, const std::vector<torch::Tensor>& inputs) {
    const auto out = fused(inputs);
    const auto weights = draw(out.sizes().vec(), 98).detach();
    const auto value = [&] {
        return (fused(inputs).detach().to(torch::kDouble) * weights).sum().item<double>();
    };
    const auto slopes = torch::autograd::grad({(out * weights).sum()}, inputs);
    constexpr double kStep = 1e-3;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        auto flat = inputs[i].detach().view({-1});
        for (std::int64_t j = 0; j < flat.numel(); j += 1 + flat.numel() / 40) {
            auto entry = flat.narrow(0, j, 1);
            const double before = entry.item<double>();
            entry.fill_(before + kStep);
            const double above = value();
            entry.fill_(before - kStep);
            const double below = value();
            entry.fill_(before);
            CHECK((above - below) / (2 * kStep) ==
                  Approx(slopes[i].contiguous().view({-1})[j].item<double>()).margin(2e-2));
        }
    }
}

std::vector<std::int64_t> numbers(std::size_t count, std::int64_t below, std::uint64_t seed) {
    auto generator = at::detail::createCPUGenerator(seed);
    const auto drawn =
        torch::randint(below, {static_cast<std::int64_t>(count)}, generator, torch::kLong);
    return {drawn.data_ptr<std::int64_t>(), drawn.data_ptr<std::int64_t>() + count};
}

}  // namespace

TEST_CASE("gather-scale-scatter equals index_select and index_add", "[learner]") {
    for (const std::int64_t width : {1, 16, 48, 150}) {
        const auto rows = numbers(70, 13, 1);
        const auto columns = numbers(70, 17, 2);
        std::vector<float> scale;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            scale.push_back(0.1F * static_cast<float>(i % 11) - 0.3F);
        }
        const auto scales = torch::tensor(scale).unsqueeze(1);
        const auto row = torch::tensor(rows, torch::kLong);
        const auto column = torch::tensor(columns, torch::kLong);
        const auto links = make_links(13, 17, rows, columns, torch::kCPU, &scale);
        const auto plain = make_links(13, 17, rows, columns, torch::kCPU);
        const auto x = draw({17, width}, 3);
        const auto composed = [&](const torch::Tensor& in, const torch::Tensor& by) {
            return torch::zeros({13, width}).index_add(0, row, in.index_select(0, column) * by);
        };
        compare([&](const auto& in) { return gather_scatter(in[0], links); },
                [&](const auto& in) { return composed(in[0], scales); },
                {x});
        compare([&](const auto& in) { return gather_scatter(in[0], plain); },
                [&](const auto& in) {
                    return composed(in[0], torch::ones({1, 1}));
                },
                {x});
        check_differences([&](const auto& in) { return gather_scatter(in[0], links); }, {x});
    }
}

TEST_CASE("a transposed input is gathered as what it stands for", "[learner]") {
    const auto links = make_links(2, 3, {0, 1, 1}, {2, 0, 1}, torch::kCPU);
    const auto x = draw({5, 3}, 8);
    compare([&](const auto& in) { return gather_scatter(in[0].t(), links); },
            [&](const auto& in) {
                const auto y = in[0].t();
                return torch::stack({y[2], y[0] + y[1]});
            },
            {x});
}

TEST_CASE("the largest of each row is found and takes the derivative", "[learner]") {
    const auto links = make_links(4, 5, {0, 0, 0, 1, 3, 3}, {0, 2, 4, 3, 1, 0}, torch::kCPU);
    const auto x = draw({5, 19}, 4);
    compare([&](const auto& in) { return gather_largest(torch::relu(in[0]), links); },
            [&](const auto& in) {
                const auto y = torch::cat({torch::relu(in[0]), torch::zeros({1, 19})}, 0);
                return y.index_select(0, torch::tensor({0, 2, 4, 3, 5, 5, 5, 5, 5, 1, 0, 5}))
                    .view({4, 3, 19})
                    .amax(1);
            },
            {x});
}

TEST_CASE("messages with a ReLU equal their composition", "[learner]") {
    for (const std::int64_t width : {7, 48}) {
        const auto to = numbers(90, 21, 5);
        const auto from = numbers(90, 21, 6);
        const auto kind = numbers(90, 4, 7);
        const auto links = make_links(21, 21, to, from, torch::kCPU, nullptr, &kind);
        const auto x = draw({21, width}, 8);
        const auto kinds = draw({4, width}, 9);
        const auto fused = [&](const auto& in) { return pass_messages(in[0], in[1], links); };
        compare(fused,
                [&](const auto& in) {
                    const auto message =
                        torch::relu(in[0].index_select(0, torch::tensor(from, torch::kLong)) +
                                    in[1].index_select(0, torch::tensor(kind, torch::kLong)));
                    return in[0].index_add(0, torch::tensor(to, torch::kLong), message);
                },
                {x, kinds});
    }
}

TEST_CASE("logits of pairs equal their composition", "[learner]") {
    for (const auto& [dot, rectified] : {std::pair{64, 64}, std::pair{8, 20}, std::pair{33, 0}}) {
        const auto core = torch::tensor(numbers(200, 12, 10), torch::kLong);
        const auto set = torch::tensor(numbers(200, 9, 11), torch::kLong);
        const std::int64_t e = dot;
        const std::int64_t r = rectified;
        const auto fused = [&](const auto& in) {
            return pair_logits(in[0], in[1], in[2], in[3], core, set);
        };
        compare(fused,
                [&](const auto& in) {
                    const auto c = in[0].index_select(0, core);
                    const auto s = in[1].index_select(0, set);
                    return (c.narrow(1, 0, e) * s.narrow(1, 0, e)).matmul(in[2]) +
                           torch::relu(c.narrow(1, e, r) + s.narrow(1, e, r)).matmul(in[3]);
                },
                {draw({12, e + r}, 12), draw({9, e + r}, 13), draw({e}, 14), draw({r}, 15)});
    }
}

TEST_CASE("the optimiser steps as LibTorch's AdamW does", "[learner]") {
    std::map<std::string, torch::Tensor> ours{{"w", draw({37}, 16)}};
    auto theirs = ours.at("w").detach().clone().set_requires_grad(true);
    torch::optim::AdamW reference({theirs}, torch::optim::AdamWOptions(0.01).weight_decay(0.1));
    Optimiser optimiser(ours, 0.1);
    const auto target = draw({37}, 17).detach();
    auto average = theirs.detach().clone();
    for (int step = 0; step < 20; ++step) {
        optimiser.clear();
        (ours.at("w") - target).square().sum().backward();
        optimiser.step(0.01, 0.9);
        reference.zero_grad();
        (theirs - target).square().sum().backward();
        reference.step();
        average = average * 0.9 + theirs.detach() * 0.1;
    }
    CHECK(largest_difference(ours.at("w"), theirs) <= 1e-5);
    optimiser.finish();
    CHECK(largest_difference(ours.at("w"), average) <= 1e-5);
}
