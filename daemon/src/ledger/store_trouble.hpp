// A time in which nothing can be written: since when, why, and when to try again.
#pragma once

#include <optional>
#include <string>

#include "../campaign/leases.hpp"
#include "store.hpp"

namespace cupel::controller {

/// Why a transaction could not be written.
struct StoreFailure {
    std::string text;
    bool full = false;
    bool before_work = false;  ///< it could not even begin: no command is to blame
};

/// Kept in memory, for there is nowhere else. Not thread-safe.
class StoreTrouble {
  public:
    /// A transaction failed at `time` (RFC 3339). The first failure since end() is the one told.
    void begin(const StoreFailure& failure, const std::string& time, Instant now);
    bool lasts() const noexcept { return began_.has_value(); }
    void end() noexcept { began_.reset(); }
    /// Whether to try again now: at once, 2 s later, then ever less often, at least each minute.
    /// A true answer counts as a try.
    bool time_to_probe(Instant now);
    /// As an alarm of no campaign. To be called while it lasts.
    AlarmRow alarm() const;
    /// What is to be written down when it is over. To be called while it lasts.
    std::string account(const std::string& until) const;

  private:
    struct Began {
        std::string id, time;
        StoreFailure failure;
        int probes = 0;
        Instant next_probe{};
    };
    std::optional<Began> began_;
};

}  // namespace cupel::controller
