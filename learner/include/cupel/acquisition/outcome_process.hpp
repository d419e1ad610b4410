// An exact Gaussian process over how far a model's logits are off, learned from hits and misses.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

namespace cupel::acquisition {

/// The logit of candidate i is what the model says of it plus g(i), a Gaussian process: an offset
/// of all and a tilt of the model's own logits (the prior of its calibration), and covariances of
/// several kinds. How large each kind is follows from its evidence: every size of a grid counts by
/// how well it explains the outcomes, so nothing is fitted. Outcomes are taken in by expectation
/// propagation. O(n^3) in the outcomes for each size; meant for hundreds.
class OutcomeProcess {
  public:
    /// Of two candidates; positive semi-definite, about 1 on the diagonal.
    using Covariance = std::function<double(std::size_t a, std::size_t b)>;

    /// `logits` of every candidate; they and `kinds` are asked for whenever outcomes came in.
    OutcomeProcess(std::vector<double> logits, std::vector<Covariance> kinds);
    void observe(std::size_t candidate, bool hit);
    /// Probabilities of hits at these candidates, with every outcome taken in.
    std::vector<double> probabilities(const std::vector<std::size_t>& candidates) const;

  private:
    struct Model {
        std::size_t kind = 0;
        double variance = 0.0;  ///< of the kind, in units of the probit
    };
    double covariance(const Model& model, std::size_t a, std::size_t b) const;

    std::vector<double> means_;  ///< in units of the probit
    std::vector<Covariance> kinds_;
    std::vector<Model> models_;
    std::vector<std::size_t> rows_;
    std::vector<bool> hits_;
};

}  // namespace cupel::acquisition
