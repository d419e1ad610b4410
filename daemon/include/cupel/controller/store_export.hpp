// A store as text that other programs read, and back.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <cupel/controller/store_check.hpp>

namespace cupel::controller {

struct ExportReport {
    VerifyReport history;  ///< of the events, as they were written; the tables are not looked at
    std::int64_t events = 0;
    std::int64_t files = 0;
    std::vector<std::string> missing;  ///< hashes of files that the store names and has not
    std::vector<std::string> damaged;  ///< of those whose bytes are not those they had
};

/// Writes the whole store into the new folder `folder`, beside a running daemon if there is one:
/// `export.json` (format, schema, epoch, counts, the last hash of the chain), one file of JSON
/// lines for each table that is no consequence of the history (`event.jsonl` and `blob.jsonl` are
/// the ones for people), and `files/` with the results' files under readable names. A line is an
/// object of the columns; JSON text in a column stands there as JSON. A damaged history is written
/// as it is, a damaged file left out; the report says so. Throws InputError when `folder` exists,
/// StoreError when the store cannot be read.
ExportReport export_store(const std::filesystem::path& store,
                          const std::filesystem::path& blobs,
                          const std::filesystem::path& folder);

/// Only the events, one a line with header and body, into the new file `file`.
ExportReport export_events(const std::filesystem::path& store, const std::filesystem::path& file);

struct ImportReport {
    VerifyReport check;                ///< of the new store
    std::vector<std::string> missing;  ///< hashes of files that the store names and has not
    std::vector<std::string> damaged;  ///< of those whose bytes are not those they had
};

/// Makes the store `store`, which must not exist, from a folder that export_store() wrote: every
/// table as it was, the tables told by the history made anew from it, the chain checked. A file
/// that is missing or damaged is left out and reported. When a daemon opens it, it is a restored
/// store, as after restore_store(). Throws InputError with file and line for what is no such
/// export, StoreError when the store cannot be written.
ImportReport import_store(const std::filesystem::path& folder,
                          const std::filesystem::path& store,
                          const std::filesystem::path& blobs);

}  // namespace cupel::controller
