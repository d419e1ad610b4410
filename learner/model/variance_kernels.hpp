// Dense work on the covariance of the head's weights.
#pragma once

#include <cstddef>
#include <vector>

namespace cupel::learner {

/// Lower Cholesky factor of a d x d covariance, row by row; pivots that rounding made negative
/// become zero columns. `defect`, where given, receives the most negative pivot (0 if none).
std::vector<double> cholesky(const std::vector<double>& matrix,
                             std::size_t d,
                             double* defect = nullptr);

/// A number that no eigenvalue of the covariance is above, a few per cent above the largest.
double largest_eigenvalue(const std::vector<double>& matrix, std::size_t d);

/// The factor in single precision, rows padded with zeros for factored_squares.
std::vector<float> packed_factor(const std::vector<double>& lower, std::size_t d);

/// out[k] = |factor^T x_k|^2 = x_k^T covariance x_k for `count` rows of d numbers.
void factored_squares(
    const float* packed, std::size_t d, const float* rows, std::size_t count, double* out);

}  // namespace cupel::learner
