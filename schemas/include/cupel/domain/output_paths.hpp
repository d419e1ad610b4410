// Where a command is told to write: looked at before the work, not after it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace cupel {

/// A file that a command writes. An empty path is an option that was not given.
struct WrittenPath {
    std::string option;          ///< that names it: "--json"
    std::filesystem::path path;  ///< as the user wrote it
    /// The new file is moved into the place of what stands there, so that must not be a device.
    bool moved_there = false;
};

/// A file that it reads. An empty path is an option that was not given.
struct ReadPath {
    std::filesystem::path path;
    std::string what;  ///< "the table read by --cores"
};

/// Throws InputError("bad_path"), one line that begins with the option, where a file would be
/// written over one that is read, or over another that is written. Links and other spellings of
/// the same file are seen through; devices may be named twice.
void check_nothing_overwritten(const std::vector<WrittenPath>& written,
                               const std::vector<ReadPath>& read);

/// Throws InputError("bad_path"), one line that begins with the option and gives the reason, where
/// no file can be made.
void check_writable(const std::vector<WrittenPath>& written);

/// Both of them.
void check_outputs(const std::vector<WrittenPath>& written, const std::vector<ReadPath>& read);

}  // namespace cupel
