// Copies of a store that live on their own, and the way back.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <cupel/controller/store_check.hpp>

namespace cupel::controller {

struct BackupReport {
    VerifyReport check;  ///< of the copy
    std::int64_t files = 0;
    std::int64_t bytes = 0;            ///< of the files
    std::vector<std::string> missing;  ///< hashes of files that the store names and has not
    std::vector<std::string> damaged;  ///< of those whose bytes are not those they had
};

/// Copies the store at `store` into the single file `file`, and the files of its results into the
/// folder `file`.blobs, in the layout of a blob folder. Beside a running daemon, which goes on
/// meanwhile; the copy is the state of one moment. `blobs`: empty for the folder beside the store.
/// The copy is verified. Throws InputError when `file` exists, StoreError when it cannot be done.
BackupReport backup_store(const std::filesystem::path& store,
                          const std::filesystem::path& blobs,
                          const std::filesystem::path& file);

/// A proposal that somebody started after the backup was made.
struct LostStart {
    std::string proposal, campaign, name;
    std::string state;       ///< in the store that was replaced
    bool in_backup = false;  ///< otherwise it is carried over; it becomes UNKNOWN either way
};

struct RestoreReport {
    VerifyReport check;                ///< of what is in place now
    std::filesystem::path kept;        ///< the store that was there; empty when there was none
    std::vector<std::string> missing;  ///< hashes of files that are in neither folder
    std::vector<std::string> damaged;  ///< of those whose bytes are not those they had
    std::vector<LostStart> lost;       ///< read from the old store
    /// There was no store that can be read and goes on from the backup: what was started since is
    /// not known, and campaigns stay RESTORED until a person resumes them.
    bool lost_is_unknown = false;
};

/// Puts the backup in the place of the store, which no daemon may hold. When a daemon opens it, a
/// new epoch begins, every campaign is RESTORED, and what was OFFERED, CLAIMED or STARTED is
/// UNKNOWN with the cause `restored`, and so is what the old store knows to be begun and the backup
/// does not know at all. The old store stays beside it. Throws StoreError, with the
/// store as it was, when it is in use or the backup is damaged; InputError when there is no such
/// backup.
RestoreReport restore_store(const std::filesystem::path& file,
                            const std::filesystem::path& store,
                            const std::filesystem::path& blobs);

}  // namespace cupel::controller
