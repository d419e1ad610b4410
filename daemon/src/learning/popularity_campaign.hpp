// One campaign of the popularity baseline: a pool, what is known, and counts per slot.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "learning_service.hpp"

namespace cupel::controller {

/// Hits and tries of one core or one ligand set.
struct SlotCount {
    double hits = 0.0;  ///< graded
    double tries = 0.0;
};

/// score = sum over the two slots (core, ligand set) of log((hits + 2 p0) / (tries + 2)), p0 = 0.1.
/// A reported pair is one hit in one try, whatever number of rows reports it; a label is one try
/// that hit as far as its pair label says (its target label where it has none), half a try while it
/// is provisional.
/// Deterministic: same pool, table, labels and seed, same picks on every machine. Not thread-safe.
class PopularityCampaign {
  public:
    static constexpr const char* kKernel = "popularity";
    static constexpr double kBaseRate = 0.1;

    /// Throws ConfigError for a policy that is neither `popularity` nor `random`, and where cost is
    /// to matter.
    static void require(const std::string& policy, double cost_exponent);

    /// Reads the pool and the table, leaves out what meets a hazard to be avoided. Throws
    /// InputError: "file:line: problem", or as require() does.
    explicit PopularityCampaign(const LearningTask& task);
    PopularityCampaign(PopularityCampaign&&) noexcept;
    PopularityCampaign& operator=(PopularityCampaign&&) noexcept;
    ~PopularityCampaign();

    std::size_t candidates() const;
    /// One line when the pool names candidates twice, or some are not proposed because the table
    /// reports their pair; else empty.
    const std::string& warning() const;
    /// SHA-256 over the counts.
    std::string model() const;
    /// SHA-256 over the reported learning keys and the labels, as cupel-learner computes it.
    std::string data_snapshot() const;
    /// Learning keys of the table and of the labels, sorted.
    std::vector<std::string> data_keys() const;

    /// Replaces all labels.
    void observe(const std::vector<LearnerLabel>& labels);
    /// As observe(); returns the model as it was after the training before.
    std::string train(const std::vector<LearnerLabel>& labels);
    /// Takes the request's labels, then picks up to `count` candidates that are not pending,
    /// excluded or labelled, whose core and ligand set (counts left out) are not known, made or
    /// pending, nor failed under the same conditions, and whose ligands are in stock. Equal scores
    /// are drawn by seed. Throws InputError when the stock cannot be read.
    Suggestion suggest(const SuggestRequest& request);
    /// A JSON object; computed from the counts in `acquisition_input`, empty: the present ones.
    /// Throws InputError when that is not what suggest() gave.
    std::string why(const Candidate& candidate, const std::string& acquisition_input) const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace cupel::controller
