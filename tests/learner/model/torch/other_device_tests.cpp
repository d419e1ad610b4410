// The code of GPUs, on a device of ours that is as strict as they are (other_device.hpp).
#include <cmath>

#include <torch/torch.h>

#include <cupel/domain/error.hpp>
#include <cupel/learner/learner.hpp>
#include <cupel/learner/pretraining.hpp>
#include <cupel/learner/scoring.hpp>

#include "../../../../learner/model/torch/fused.hpp"
#include "../toy_data.hpp"
#include "catch.hpp"
#include "other_device.hpp"
#include "temp_dir.hpp"

using namespace cupel;
using namespace cupel::learner;
using cupel::test::kOtherDevice;

namespace {

/// Every part of the network: messages along bonds, and the 3-D path for half the cores.
test::ToyData data_with_structures() {
    test::ToyData data = test::toy_data();
    Catalogue catalogue;
    for (std::size_t i = 0; i < data.catalogue.cores().size(); ++i) {
        CoreGraph core = data.catalogue.cores()[i];
        for (int atom = 0; i % 2 == 0 && atom < 5; ++atom) {
            core.elements.push_back(core.metals.front().first);
            core.positions.push_back({2.8F * static_cast<float>(atom % 2),
                                      2.7F * static_cast<float>(atom / 2),
                                      0.1F * static_cast<float>(atom)});
        }
        catalogue.add_core(data.catalogue.core_key(i), core);
    }
    for (std::size_t i = 0; i < 12; ++i) {
        const auto input = test::toy_ligand(i % 2 == 0 ? 16 : 15, 2 + static_cast<int>(i));
        const std::size_t ligand = catalogue.add_ligand(input.graph.smiles, input);
        // A set of one, and a set of many: rows of different widths.
        std::vector<std::size_t> set{ligand};
        if (i == 11) {
            for (std::size_t other = 0; other < 8; ++other) {
                set.push_back(other);
            }
        }
        catalogue.add_set(input.graph.smiles, set);
    }
    data.catalogue = std::move(catalogue);
    return data;
}

LearnerOptions every_part() {
    auto options = test::toy_options();
    options.epochs = 12;
    options.threads = 1;
    options.graph_layers = 2;
    options.graph_width = 8;
    options.structure_layers = 2;
    return options;
}

std::vector<Pair> every_pair() {
    std::vector<Pair> pairs;
    for (std::size_t core = 0; core < 12; ++core) {
        for (std::size_t set = 0; set < 12; ++set) {
            pairs.push_back({core, set});
        }
    }
    return pairs;
}

double farthest(const std::vector<Prediction>& one, const std::vector<Prediction>& other) {
    REQUIRE(one.size() == other.size());
    double most = 0.0;
    for (std::size_t i = 0; i < one.size(); ++i) {
        most = std::max(most, std::abs(one[i].probability - other[i].probability));
    }
    return most;
}

}  // namespace

TEST_CASE("the other device refuses a tensor of the CPU", "[device]") {
    const auto here = torch::ones({2, 3});
    const auto there = here.to(torch::Device(kOtherDevice));
    CHECK((there * 2).sum().item<float>() == 12.0F);
    CHECK_THROWS_WITH(torch::linear(there, here), Catch::Contains("a tensor of the CPU"));
    CHECK_THROWS_WITH(there.index_select(0, torch::zeros({1}, torch::kLong)),
                      Catch::Contains("a tensor of the CPU"));
}

TEST_CASE("one model promises the same on the CPU and on another device", "[device]") {
    const test::TempDir folder;
    const auto data = data_with_structures();
    const auto trained =
        Learner::train(data.catalogue, data.known, {{data.wrong.front(), 0.0, 0.0}}, every_part());
    const std::string name = trained.save(folder.path());
    LearnerOptions machine;
    machine.device = kOtherDevice;
    const long before = test::operators_on_other_device();
    const auto there = Learner::load(folder.path(), name, machine);
    const auto here = Learner::load(folder.path(), name);
    CHECK(farthest(here.predict(data.catalogue, every_pair()),
                   there.predict(data.catalogue, every_pair())) <= 1e-4);
    CHECK(test::operators_on_other_device() > before + 50);
    CHECK(there.hash() == name);
    CHECK(there.save(folder.path()) == name);
}

TEST_CASE("a model that another device trained is the one that the CPU trains", "[device]") {
    const auto data = data_with_structures();
    auto options = every_part();
    options.dropout = 0.0;  // the masks are drawn in another order there
    const auto here = Learner::train(data.catalogue, data.known, {}, options);
    options.device = kOtherDevice;
    const auto there = Learner::train(data.catalogue, data.known, {}, options);
    // Sums in another order, twelve steps long.
    CHECK(farthest(here.predict(data.catalogue, every_pair()),
                   there.predict(data.catalogue, every_pair())) <= 1e-2);
    const std::vector<LabelledPair> labels{{data.wrong.front(), 0.0, 0.0}};
    CHECK(farthest(here.retrained(data.catalogue, data.known, labels, 3)
                       .predict(data.catalogue, every_pair()),
                   there.retrained(data.catalogue, data.known, labels, 3)
                       .predict(data.catalogue, every_pair())) <= 1e-2);
}

TEST_CASE("training with dropout, and pretraining, run on another device", "[device]") {
    const auto data = data_with_structures();
    auto options = every_part();
    options.device = kOtherDevice;
    const auto model = Learner::train(data.catalogue, data.known, {}, options);
    CHECK(std::isfinite(model.predict(data.catalogue, every_pair()).front().probability));
    std::vector<LigandInput> ligands;
    std::vector<CoreExample> cores;
    for (int i = 1; i <= 30; ++i) {
        ligands.push_back(test::toy_ligand(i % 2 == 0 ? 15 : 16, 1 + i / 2));
        cores.push_back({test::toy_core(29, i), {std::sqrt(i)}, i % 5 == 0});
    }
    CHECK(std::isfinite(pretrain_cores(cores, {"root"}, options).quality.front().second));
    CHECK(pretrain_ligands(ligands, options).quality.size() == 4);
}

TEST_CASE("the best pairs are the same on another device", "[device]") {
    ScoringSide cores{7, {}, {}};
    ScoringSide sets{9, {}, {}};
    for (int i = 0; i < 9 * 4; ++i) {
        const auto value = static_cast<float>(std::sin(1.7 * i));
        for (auto* side : {&cores, &sets}) {
            if (static_cast<std::size_t>(i) < side->count * 4) {
                side->dot.push_back(value);
                side->rectified.push_back(side == &cores ? -value : value * value);
            }
        }
    }
    const std::vector<float> weights{1.0F, -0.5F, 0.25F, 2.0F};
    const auto here = top_pairs(cores, sets, weights, 10, 1);
    const auto there = top_pairs_on(kOtherDevice, cores, sets, weights, 10);
    REQUIRE(there.size() == here.size());
    for (std::size_t i = 0; i < here.size(); ++i) {
        CHECK(there[i].core == here[i].core);
        CHECK(there[i].set == here[i].set);
        CHECK(there[i].score == Approx(here[i].score).margin(1e-5));
    }
}

TEST_CASE("a row of many links has its largest on another device too", "[device]") {
    std::vector<std::int64_t> rows, columns;
    for (std::int64_t i = 0; i < 100; ++i) {
        rows.push_back(i == 99 ? 1 : 0);
        columns.push_back(i);
    }
    const auto x = torch::arange(100, torch::kFloat).view({100, 1});
    const torch::Device device(kOtherDevice);
    const auto here = gather_largest(x, make_links(2, 100, rows, columns, torch::kCPU));
    const auto there = gather_largest(x.to(device), make_links(2, 100, rows, columns, device));
    CHECK(torch::equal(here, there.cpu()));
}
