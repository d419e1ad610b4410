// Stochastic gradients with a step per weight (AdaGrad) and a ridge.
#include <cmath>
#include <random>
#include <set>

#include <cupel/learner/laplace_head.hpp>
#include <cupel/workbench/linker_regression.hpp>

namespace cupel::workbench {
namespace {

constexpr std::size_t kBits = 1024;
constexpr int kEpochs = 30;
constexpr double kRate = 0.1;
constexpr double kRidge = 2e-3;

std::vector<std::size_t> bits_of(const learner::Catalogue& catalogue, std::size_t set) {
    std::set<std::size_t> bits;
    for (const auto ligand : catalogue.sets().at(set)) {
        for (const auto& bit : catalogue.ligands().at(ligand).fingerprint.counts) {
            bits.insert(bit.first % kBits);
        }
    }
    return {bits.begin(), bits.end()};
}

double logit_of(const std::vector<double>& shared,
                const std::vector<double>* own,
                const std::vector<std::size_t>& bits) {
    double sum = shared[kBits] + (own != nullptr ? (*own)[kBits] : 0.0);
    for (const auto bit : bits) {
        sum += shared[bit] + (own != nullptr ? (*own)[bit] : 0.0);
    }
    return sum;
}

}  // namespace

LinkerRegression::LinkerRegression(const learner::Catalogue& catalogue,
                                   const std::vector<learner::Pair>& known,
                                   std::uint64_t seed)
    : shared_(kBits + 1, 0.0) {
    const std::set<learner::Pair> taken(known.begin(), known.end());
    std::map<std::size_t, std::vector<std::size_t>> bits;
    for (const auto& pair : known) {
        own_[pair.core].assign(kBits + 1, 0.0);
        if (bits.count(pair.set) == 0) {
            bits[pair.set] = bits_of(catalogue, pair.set);
        }
    }
    std::vector<double> shared_squares(kBits + 1, 1e-2);
    auto own_squares = own_;
    for (auto& entry : own_squares) {
        entry.second.assign(kBits + 1, 1e-2);
    }
    std::mt19937_64 random(seed + 61);
    const auto learn = [&](const learner::Pair& pair, double label, double weight) {
        const auto& on = bits.at(pair.set);
        auto& own = own_.at(pair.core);
        auto& squares = own_squares.at(pair.core);
        const double error = weight * (learner::sigmoid(logit_of(shared_, &own, on)) - label);
        const auto step = [&](double& w, double& square) {
            const double gradient = error + kRidge * w;
            square += gradient * gradient;
            w -= kRate * gradient / std::sqrt(square);
        };
        for (const auto bit : on) {
            step(shared_[bit], shared_squares[bit]);
            step(own[bit], squares[bit]);
        }
        step(shared_[kBits], shared_squares[kBits]);
        step(own[kBits], squares[kBits]);
    };
    for (int epoch = 0; epoch < kEpochs; ++epoch) {
        for (std::size_t i = 0; i < known.size(); ++i) {
            learn(known[random() % known.size()], 1.0, 1.0);
            for (int n = 0; n < 4; ++n) {
                const learner::Pair swapped{known[random() % known.size()].core,
                                            known[random() % known.size()].set};
                if (taken.count(swapped) == 0) {
                    learn(swapped, 0.0, 0.25);
                }
            }
        }
    }
}

double LinkerRegression::score(const learner::Catalogue& catalogue,
                               const learner::Pair& pair) const {
    const auto it = own_.find(pair.core);
    return logit_of(
        shared_, it == own_.end() ? nullptr : &it->second, bits_of(catalogue, pair.set));
}

}  // namespace cupel::workbench
