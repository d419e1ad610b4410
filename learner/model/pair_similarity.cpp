// Each core and each set once, however many pairs name it.
#include <algorithm>
#include <cmath>
#include <map>

#include <cupel/learner/pair_similarity.hpp>

#include "similarity.hpp"

namespace cupel::learner {

PairSimilarity::PairSimilarity(const Catalogue& catalogue, const std::vector<Pair>& pairs) {
    std::map<std::size_t, std::size_t> core_places, set_places;
    std::vector<const CoreGraph*> cores;
    std::vector<std::size_t> sets;
    for (const auto& pair : pairs) {
        const auto core = core_places.emplace(pair.core, core_places.size());
        if (core.second) {
            cores.push_back(&catalogue.cores()[pair.core]);
        }
        core_.push_back(core.first->second);
        const auto set = set_places.emplace(pair.set, set_places.size());
        if (set.second) {
            sets.push_back(pair.set);
        }
        set_.push_back(set.first->second);
    }
    const auto rows = kernel_rows(cores);
    core_count_ = cores.size();
    cores_.resize(core_count_ * core_count_);
    for (std::size_t i = 0; i < core_count_; ++i) {
        for (std::size_t j = 0; j <= i; ++j) {
            cores_[i * core_count_ + j] = cores_[j * core_count_ + i] =
                static_cast<float>(core_similarity(rows.data() + i * kKernelFeatures,
                                                   rows.data() + j * kKernelFeatures));
        }
    }
    const SetInputs inputs = set_inputs(catalogue, sets);
    const auto ligands = sketches(inputs.ligands.features);
    const std::size_t count = ligands.size();
    std::vector<double> alike(count * count);
    for (std::size_t i = 0; i < count; ++i) {
        for (std::size_t j = 0; j <= i; ++j) {
            alike[i * count + j] = alike[j * count + i] = ligand_similarity(ligands[i], ligands[j]);
        }
    }
    set_count_ = sets.size();
    std::vector<std::vector<std::size_t>> members(set_count_);
    for (std::size_t i = 0; i < inputs.sets.ligand.size(); ++i) {
        members[static_cast<std::size_t>(inputs.sets.set_of[i])].push_back(
            static_cast<std::size_t>(inputs.sets.ligand[i]));
    }
    // Sums over the species of both; the cosine needs no shares, they cancel.
    const auto between = [&](std::size_t s, std::size_t t) {
        double sum = 0.0;
        for (const std::size_t i : members[s]) {
            for (const std::size_t j : members[t]) {
                sum += alike[i * count + j];
            }
        }
        return sum;
    };
    std::vector<double> norms(set_count_);
    for (std::size_t s = 0; s < set_count_; ++s) {
        norms[s] = std::sqrt(std::max(between(s, s), 1e-12));
    }
    sets_.resize(set_count_ * set_count_);
    for (std::size_t s = 0; s < set_count_; ++s) {
        for (std::size_t t = 0; t <= s; ++t) {
            sets_[s * set_count_ + t] = sets_[t * set_count_ + s] =
                static_cast<float>(set_similarity(
                    between(s, t) / (norms[s] * norms[t]), members[s].size(), members[t].size()));
        }
    }
}

double PairSimilarity::cores(std::size_t a, std::size_t b) const {
    return static_cast<double>(cores_[core_.at(a) * core_count_ + core_.at(b)]);
}

double PairSimilarity::sets(std::size_t a, std::size_t b) const {
    return static_cast<double>(sets_[set_.at(a) * set_count_ + set_.at(b)]);
}

}  // namespace cupel::learner
