// The tables of a store, made anew from its history.
#pragma once

#include <cstdint>
#include <filesystem>

#include <cupel/controller/store_check.hpp>

namespace cupel::controller {

struct RebuildReport {
    VerifyReport now;            ///< of the new store
    std::filesystem::path kept;  ///< where the old store is
};

/// Makes campaigns, proposals, results, observations and alarms anew from the events of the store
/// at `path`, which no daemon may hold; events, stored replies, refusals, names of files and the
/// epoch are taken over. The old database stays beside the new one. Brings an older schema up to
/// date. Throws StoreError, with the store as it was, when it is in use, when its history is itself
/// damaged, or when there is no space.
RebuildReport rebuild_store(const std::filesystem::path& path);

}  // namespace cupel::controller
