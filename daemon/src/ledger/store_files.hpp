// The files of a store on disk: made durable, put in each other's place, their blobs carried over.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "store.hpp"

namespace cupel::controller {

/// `blobs` when it is given, else the folder beside the store that a daemon would use.
std::filesystem::path blobs_beside(const std::filesystem::path& store,
                                   const std::filesystem::path& blobs);

/// Removes the database file and what SQLite keeps beside it; for files that were half made.
void remove_database(const std::filesystem::path& path);

/// Puts the closed and complete database `made` in the place of `store`, whose StoreLock the caller
/// holds. What stood there, its WAL and its side file too, stays beside it under the returned name
/// (empty when nothing stood there): `STORE.WHY-20261125T081500Z`. The old database goes aside only
/// when the new one is on the disk. Throws StoreError.
std::filesystem::path replace_store(const std::filesystem::path& store,
                                    const std::filesystem::path& made,
                                    const std::string& why);

/// Before replace_store(): gives the database `made` owner and mode of the store in whose place it
/// comes, or the owner of its folder. The files in `blobs` that it names go to the same owner.
void hand_over(const std::filesystem::path& made,
               const std::filesystem::path& store,
               const std::filesystem::path& blobs);

/// SQLite's online backup of `from`, whoever writes to it, into one new file. Throws StoreError.
void copy_database(const std::filesystem::path& from, const std::filesystem::path& to);

/// Copies the rows of tables from another database of the same schema into this one, in one
/// transaction; what the tables held goes.
void copy_tables(Store& to,
                 const std::filesystem::path& from,
                 const std::vector<std::string>& tables);

struct CarriedBlobs {
    std::int64_t files = 0;  ///< named by the store
    std::int64_t bytes = 0;
    std::vector<std::string> missing;  ///< hashes of files that are nowhere
    std::vector<std::string> damaged;  ///< of those whose bytes are not those they had
};
/// Copies every file that the store names from one folder to another, durably; those that are there
/// already, and whole, stay.
CarriedBlobs carry_blobs(Store& store,
                         const std::filesystem::path& from,
                         const std::filesystem::path& to);

}  // namespace cupel::controller
