// Is the history of a store whole? The answer without a running daemon.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace cupel::controller {

/// What a check of the history found; `ok()` when it is whole.
struct VerifyReport {
    std::int64_t events = 0;
    std::int64_t campaigns = 0;
    std::int64_t proposals = 0;
    std::vector<std::string> problems;  ///< the first twenty, in the order of the history
    std::vector<std::string> files;     ///< what is wrong with files of results, as far as asked
    bool ok() const noexcept { return problems.empty() && files.empty(); }
};

/// Opens the store at `path` read-only, beside a running daemon if there is one, and walks its
/// whole history: the hash chain, `gseq` and every campaign's `seq` without gaps, the tail against
/// what the file beside the store remembers, and the last state the history tells of every proposal
/// and campaign against the tables beside it; then the bytes of every file of a result, in `blobs`
/// (empty: `path`.blobs, where a backup has them, or the folder beside the store). Stored replies
/// and counts of refusals are no part of the history: nothing tells what they should be. Reads the
/// store once; memory grows with the number of proposals. Throws StoreError when it cannot be read
/// or is of another version.
VerifyReport check_store(const std::filesystem::path& path,
                         const std::filesystem::path& blobs = {});

}  // namespace cupel::controller
