// One policy let loose on one table with one seed.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <cupel/acquisition/replay_table.hpp>

#include "calibration.hpp"
#include "covariance.hpp"
#include "table_model.hpp"

namespace cupel::acquisition {

/// Labels given before the first choice: so many random hits and misses.
inline constexpr std::size_t kStartHits = 2, kStartMisses = 8;

struct LoopSettings {
    std::size_t batch = 8;
    std::size_t budget = 96;
    ModelSettings model;
};

struct LoopResult {
    std::vector<std::size_t> start;   ///< experiments given, hits first
    std::vector<std::size_t> chosen;  ///< in order; fewer than the budget when the table runs out
    std::vector<char> hit;            ///< one per chosen experiment
    Calibration calibration;          ///< over everything unmeasured at the end
    double seconds = 0.0;
};

/// The same seed starts every policy from the same labels. `covariance` belongs to `table`;
/// `after_round` is called with the number of experiments done. Throws InputError when the table
/// has too few hits or misses to start from.
LoopResult run_closed_loop(const ReplayTable& table,
                           std::shared_ptr<const Covariance> covariance,
                           const std::string& policy,
                           std::uint64_t seed,
                           const LoopSettings& settings,
                           const std::function<void(std::size_t)>& after_round = {});

}  // namespace cupel::acquisition
