// How far probabilities are from what came of them.
#pragma once

#include <vector>

namespace cupel {

/// Expected calibration error over 15 bins of equal mass; 0 for no rows. `outcomes` (0..1) stand
/// beside `probabilities`. Rows of equal probability share their mean outcome, so their order is of
/// no account and a constant shows its distance from the base rate, 0 where it is the base rate.
double calibration_error(const std::vector<double>& probabilities,
                         const std::vector<double>& outcomes);

}  // namespace cupel
