// One axis of the experiments (a slot or a numeric condition): how far its labels lie apart.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <Eigen/Dense>

#include <cupel/acquisition/replay_table.hpp>

namespace cupel::acquisition {

/// Labels of one axis and the distances between them, of one or more kinds ("parts"). Every kind
/// is conditionally negative definite, so that exp(-rate * distance) is a covariance for any rate.
class Dimension {
  public:
    /// Parts: Tanimoto (1 - minmax of counts) where there are fingerprints, squared Euclidean over
    /// standardised features where there are some, and always "is another label".
    explicit Dimension(const Slot& slot);
    /// One part: the squared difference.
    explicit Dimension(const NumericColumn& column);

    const std::string& name() const { return name_; }
    Eigen::Index labels() const { return labels_; }
    Eigen::Index parts() const { return parts_; }
    /// True for the part that only tells labels apart.
    bool is_delta(Eigen::Index part) const { return part == delta_; }
    std::uint32_t label(std::size_t row) const { return label_of_row_[row]; }
    /// Distances from the labels `left` (rows) to the labels `right` (columns): symmetric, zero
    /// between equal labels, mean 1 over the others.
    Eigen::MatrixXd distances(Eigen::Index part,
                              const std::vector<std::uint32_t>& left,
                              const std::vector<std::uint32_t>& right) const;

  private:
    void add_part(Eigen::MatrixXd distances);

    std::string name_;
    Eigen::Index labels_ = 0;
    Eigen::Index parts_ = 0;
    Eigen::Index delta_ = -1;
    std::vector<Eigen::MatrixXd> distances_;  // slots
    std::vector<double> positions_;           // numbers: there may be one level per experiment
    std::vector<std::uint32_t> label_of_row_;
};

/// The distinct values of a numeric condition, ascending, and which one each experiment has.
struct Levels {
    std::vector<double> values;
    std::vector<std::uint32_t> level_of_row;
};
Levels levels_of(const NumericColumn& column);

/// Share of two count fingerprints in common, sum min / sum max; 1 for two empty ones.
double minmax_similarity(const Fingerprint& a, const Fingerprint& b);

/// Every slot, then every numeric column, of a table; axes with a single label are left out.
std::vector<Dimension> dimensions_of(const ReplayTable& table);

}  // namespace cupel::acquisition
