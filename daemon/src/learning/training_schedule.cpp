// The rules, one line each.
#include "training_schedule.hpp"

namespace cupel::controller {

std::string_view to_string(Training training) noexcept {
    switch (training) {
        case Training::None:
            return "none";
        case Training::Warm:
            return "warm";
        case Training::Full:
            return "full";
    }
    return "";
}

Training next_training(const TrainingState& state) noexcept {
    if (state.full_every_h > 0.0 && state.since_full > 0 &&
        state.hours_since_full >= state.full_every_h) {
        return Training::Full;
    }
    if (state.since_training < state.train_every) {
        return state.taken_back ? Training::Warm : Training::None;
    }
    const bool grown = state.rows_at_full > 0 && 10 * state.since_full >= state.rows_at_full;
    return grown || state.drifting || state.anchor_falls >= 2 ? Training::Full : Training::Warm;
}

}  // namespace cupel::controller
