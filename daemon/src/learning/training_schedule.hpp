// When a campaign's model is trained again, and how thoroughly.
#pragma once

#include <string_view>

namespace cupel::controller {

enum class Training { None, Warm, Full };

std::string_view to_string(Training training) noexcept;

/// What the decision rests on.
struct TrainingState {
    int train_every = 8;         ///< labels between two trainings
    double full_every_h = 24.0;  ///< hours between two full ones; 0 = never for that
    int since_training = 0;      ///< labels that came since the last one
    int rows_at_full = 0;        ///< known clusters and labels that the last full training saw
    int since_full = 0;          ///< labels that came since it
    int anchor_falls = 0;        ///< trainings in a row after which the anchor's AUC was lower
    bool drifting = false;       ///< the model keeps less than it promises (RollbackWatch)
    double hours_since_full = 0.0;
    bool taken_back = false;  ///< labels that it was taught, and no training began since
};

/// Warm every `train_every` labels, and at once where taught labels were taken back. Full instead
/// when the labels grew by a tenth, the model drifts or the anchor's AUC fell twice; and
/// `full_every_h` after the last full one when anything is new.
Training next_training(const TrainingState& state) noexcept;

}  // namespace cupel::controller
