// How far probabilities can be trusted.
#pragma once

#include <vector>

namespace cupel::acquisition {

struct Calibration {
    double ece = 0.0;          ///< expected calibration error over 15 bins of equal mass
    double brier_skill = 0.0;  ///< 1 - Brier / Brier of the base rate; 0 when all outcomes agree
};

/// `probabilities` beside what happened (1 or 0); empty input gives zeros.
Calibration calibration_of(const std::vector<double>& probabilities, const std::vector<char>& hit);

}  // namespace cupel::acquisition
