// Content-addressed files: written and fsynced before any row names them.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <cupel/domain/error.hpp>

namespace cupel::controller {

/// Where the file with this SHA-256 lies: two characters of folder, then the whole hash.
/// Anything that is no hash gives a path that does not exist.
std::filesystem::path blob_path(const std::filesystem::path& folder, const std::string& sha256);

/// Puts `bytes` under their hash: temporary file, fsync, rename, fsync of the folder. Writing what
/// is there already does nothing. Returns the hash. Throws StoreError.
std::string put_blob_file(const std::filesystem::path& folder, const std::string& bytes);

/// Bytes of a file that comes in parts.
inline constexpr std::uint64_t kLargestBlob = std::uint64_t{1} << 30;
/// Without a new part: then nobody goes on with it any more.
inline constexpr std::chrono::hours kPartsKept{7 * 24};

/// Puts one part of a large file; when the last of `count` is there, joins them and checks the
/// hash. True when the file is whole. Throws InputError "bad_blob" when the parts do not give
/// `sha256`, "too_large" when they are more than `most` bytes: neither keeps any of them.
bool put_blob_part(const std::filesystem::path& folder,
                   const std::string& sha256,
                   std::uint32_t index,
                   std::uint32_t count,
                   const std::string& bytes,
                   std::uint64_t most = kLargestBlob);

/// Removes the parts of files to which none was added since `before`, and what a write that was cut
/// short has left. To be called where the parts are put. What cannot be removed stays for the next
/// time.
void remove_leavings(const std::filesystem::path& folder,
                     std::filesystem::file_time_type before) noexcept;

/// The folder and those in it that files are put into; not what else somebody keeps there.
std::vector<std::filesystem::path> blob_folders(const std::filesystem::path& folder);

enum class BlobState {
    Whole,
    Missing,
    Damaged,  ///< there, but its bytes have another hash
};
/// Reads the whole file, a part at a time. Throws StoreError for one that is there and cannot be
/// read.
BlobState look_at_blob(const std::filesystem::path& folder, const std::string& sha256);
/// The same for who goes on to the next: what cannot be read is Damaged.
BlobState try_look_at_blob(const std::filesystem::path& folder, const std::string& sha256);

/// Bytes of a file in one answer.
inline constexpr std::uint64_t kLargestAnswer = std::uint64_t{32} << 20;

struct BlobPart {
    std::string bytes;
    std::uint64_t whole = 0;  ///< bytes of the file
};

/// All bytes; throws InputError "no_such_blob" when there is none, StoreError when the file cannot
/// be read.
std::string read_blob_file(const std::filesystem::path& folder, const std::string& sha256);

/// Its bytes from `offset` on, `length` of them or all. Throws as read_blob_file; InputError
/// "too_large" when that is more than kLargestAnswer; StoreError also when the bytes are no longer
/// those it was stored with (looked at where all of them are read).
BlobPart read_blob_part(const std::filesystem::path& folder,
                        const std::string& sha256,
                        std::uint64_t offset,
                        std::optional<std::uint64_t> length);

}  // namespace cupel::controller
