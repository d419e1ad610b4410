// How far probabilities can be trusted.
#pragma once

#include <optional>
#include <vector>

namespace cupel::acquisition {

struct Calibration {
    std::optional<double> ece;  ///< calibration_error()
    /// 1 - Brier / Brier of the base rate; 0 when all outcomes agree.
    std::optional<double> brier_skill;
};

/// `probabilities` beside what happened (1 or 0); nothing left to predict gives nothing.
Calibration calibration_of(const std::vector<double>& probabilities, const std::vector<char>& hit);

}  // namespace cupel::acquisition
