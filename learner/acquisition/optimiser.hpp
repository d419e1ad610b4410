// A quasi-Newton minimiser with a fixed amount of work.
#pragma once

#include <functional>

#include <Eigen/Dense>

namespace cupel::acquisition {

/// Value at a point; fills the gradient.
using Objective = std::function<double(const Eigen::VectorXd&, Eigen::VectorXd&)>;

/// The best point found by BFGS with backtracking in at most `evaluations` calls; never worse than
/// the start. A value that is not finite counts as too far.
Eigen::VectorXd minimise(const Objective& objective, Eigen::VectorXd start, int evaluations);

}  // namespace cupel::acquisition
