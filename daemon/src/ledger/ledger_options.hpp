// What the ledger needs to know before it opens its store.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "../campaign/leases.hpp"
#include "blob_store.hpp"

namespace cupel::controller {

class Metrics;

struct LedgerOptions {
    std::filesystem::path store;  ///< SQLite database; its folder must exist
    std::filesystem::path blobs;  ///< folder of content-addressed files; made when absent
    LeaseTimes leases;
    std::shared_ptr<Metrics> metrics;            ///< may be null
    int heartbeat_s = 5;                         ///< told to clients in HELLO; the bus beats
    std::string version = "0.1.0";               ///< told to clients in HELLO
    std::size_t group_max = 256;                 ///< commands per transaction
    std::chrono::microseconds group_time{2000};  ///< longest time a transaction gathers commands
    std::chrono::milliseconds busy_wait{2000};   ///< for another program that holds the store
    int max_claims = 64;                         ///< proposals one client may hold at once
    std::size_t max_blob = 8u << 20;             ///< bytes of one blob frame
    std::uint64_t largest_blob = kLargestBlob;   ///< bytes of a file sent in parts
    /// Told in words, once, when nothing can be written any more; may be empty.
    std::function<void(const std::string&)> trouble;
};

}  // namespace cupel::controller
