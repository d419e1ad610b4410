// One row of the history: what happened, when, in which order.
#pragma once

#include <cstdint>
#include <string>

#include <cupel/domain/timestamp.hpp>

namespace cupel {

/// Appended once, never changed. `seq` is contiguous per campaign, `gseq` over the whole store.
struct Event {
    std::string id;  ///< ULID
    std::string campaign;
    std::int64_t seq = 0;
    std::int64_t gseq = 0;
    std::string kind;      ///< "CLAIMED"
    std::string proposal;  ///< empty when the event concerns none
    std::string cause;     ///< id of the command's message that caused it; empty when none did
    Timestamp time{};
    std::string body_json = "{}";
    /// What it did to the tables beside the history, as JSON; kept in the store, never sent. Empty
    /// when another event of the same transaction tells it.
    std::string changes_json;
    std::string chain;  ///< SHA-256 over the previous row's chain and this row, hex
};

}  // namespace cupel
