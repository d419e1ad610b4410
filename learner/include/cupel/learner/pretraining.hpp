// First weights of the encoders, learned without any core and ligand that go together.
#pragma once

#include <filesystem>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <cupel/learner/catalogue.hpp>
#include <cupel/learner/learner.hpp>
#include <cupel/learner/named_arrays.hpp>

namespace cupel::learner {

/// A core with numbers to predict from its formula; NaN = not known, teaches nothing.
struct CoreExample {
    CoreGraph core;
    std::vector<double> targets;
    bool held_out = false;  ///< judges, and trains nothing
};

/// Weights by the names the networks give them, and how well the held-out examples are met.
struct PretrainedWeights {
    NamedArrays arrays;
    std::vector<std::pair<std::string, double>> quality;
};

/// The formula path ("core.element", "core.one", "core.two") on `targets`; quality is R2 over the
/// held-out examples, target by target. `options` name the network (widths,
/// layers, dropout, learning rate, seed, device) and the epochs. Throws Error for fewer than 20.
PretrainedWeights pretrain_cores(const std::vector<CoreExample>& examples,
                                 const std::vector<std::string>& targets,
                                 const LearnerOptions& options,
                                 const ProgressCallback& progress = {});

/// The ligand encoder ("ligand.*"): donor class from structure with all that names the donor
/// masked, masked fingerprint bits, and with message passing masked atoms and which atoms are
/// donors. A fifth of the ligands, by hash of SMILES, is held out; quality is the accuracy there
/// beside that of the commonest answer. Throws Error for fewer than 20 ligands.
PretrainedWeights pretrain_ligands(const std::vector<LigandInput>& ligands,
                                   const LearnerOptions& options,
                                   const ProgressCallback& progress = {});

/// One file of named arrays with its SHA-256 inside; returns the hash.
std::string save_weights(const NamedArrays& arrays, const std::filesystem::path& file);
/// Throws InputError("bad_weights") when the file is not there, damaged, or changed.
NamedArrays load_weights(const std::filesystem::path& file);

}  // namespace cupel::learner
