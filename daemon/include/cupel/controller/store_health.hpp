// What a store looks like from outside, item by item, with what to do about each fault.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace cupel::controller {

/// One thing that was looked at.
struct Finding {
    std::string check;  ///< "disk"
    bool ok = true;
    std::string text;    ///< what was found
    std::string remedy;  ///< what to do; empty when it is ok
};

/// Looks at the store without changing it, beside a running daemon if there is one: SQLite's pages,
/// the end of the hash chain, the side file, every stored key computed again, every file that a row
/// names, the room on the disk, the size of the write-ahead log, the clock against the last event,
/// open alarms. Reads each proposal once and no event but the last thousand. Never throws for what
/// it finds: a store that cannot be opened is a finding.
std::vector<Finding> examine_store(const std::filesystem::path& store,
                                   const std::filesystem::path& blobs);

}  // namespace cupel::controller
