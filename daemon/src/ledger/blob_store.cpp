// Durable files: temporary name, fsync, rename, fsync of the folder.
#include "blob_store.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include <cupel/domain/sha256.hpp>
#include <cupel/domain/ulid.hpp>

#include "fault_point.hpp"
#include "store.hpp"

namespace cupel::controller {
namespace {

bool is_hash(const std::string& text) {
    return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

[[noreturn]] void fail(const std::filesystem::path& path, const char* doing) {
    const int code = errno;
    throw StoreError(path.string() + ": cannot " + doing + ": " + std::strerror(code),
                     code == ENOSPC || code == EDQUOT);
}

void sync_folder(const std::filesystem::path& folder) {
    const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) {
        fail(folder, "open");
    }
    const int result = ::fsync(descriptor);
    ::close(descriptor);
    if (result != 0) {
        fail(folder, "fsync");
    }
}

/// A file that appears under its name when all of it is on the disk, and else leaves nothing.
class NewFile {
  public:
    explicit NewFile(const std::filesystem::path& folder)
        : temporary_(folder / ("tmp-" + make_ulid())),
          descriptor_(::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644)) {
        if (descriptor_ < 0) {
            fail(temporary_, "create");
        }
    }
    ~NewFile() {
        if (descriptor_ >= 0) {
            ::close(descriptor_);
        }
        if (!kept_) {
            ::unlink(temporary_.c_str());
        }
    }
    NewFile(const NewFile&) = delete;
    NewFile& operator=(const NewFile&) = delete;

    void write(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t step = ::write(descriptor_, bytes.data(), bytes.size());
            if (step < 0 && errno != EINTR) {
                fail(temporary_, "write");
            }
            bytes.remove_prefix(step > 0 ? static_cast<std::size_t>(step) : 0);
        }
    }
    void keep_as(const std::filesystem::path& path) {
        const bool synced = ::fsync(descriptor_) == 0;
        const int code = errno;
        ::close(std::exchange(descriptor_, -1));
        errno = code;
        fault_point(FaultPoint::BlobWritten);
        if (!synced || ::rename(temporary_.c_str(), path.c_str()) != 0) {
            fail(path, "write");
        }
        kept_ = true;
        fault_point(FaultPoint::BlobRenamed);
        sync_folder(path.parent_path());
    }

  private:
    const std::filesystem::path temporary_;
    int descriptor_;
    bool kept_ = false;
};

void write_durably(const std::filesystem::path& path, std::string_view bytes) {
    NewFile file(path.parent_path());
    file.write(bytes);
    file.keep_as(path);
}

void make_folder(const std::filesystem::path& folder) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) {
        throw StoreError(folder.string() + ": cannot make the folder: " + error.message());
    }
}

/// `length` bytes from `offset` on, fewer at the end of the file. Throws StoreError.
std::string slurp(const std::filesystem::path& path,
                  std::uint64_t offset = 0,
                  std::uint64_t length = kLargestBlob) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        fail(path, "open");
    }
    struct Closed {
        int descriptor;
        ~Closed() { ::close(descriptor); }
    } closed{descriptor};
    const off_t end = ::lseek(descriptor, 0, SEEK_END);
    if (end < 0) {
        fail(path, "read");
    }
    const auto size = static_cast<std::uint64_t>(end);
    std::string bytes(std::min(length, size - std::min(size, offset)), '\0');
    for (std::size_t done = 0; done < bytes.size();) {
        const ssize_t step = ::pread(descriptor,
                                     bytes.data() + done,
                                     bytes.size() - done,
                                     static_cast<off_t>(offset + done));
        if (step == 0 || (step < 0 && errno != EINTR)) {
            fail(path, "read");
        }
        done += step > 0 ? static_cast<std::size_t>(step) : 0;
    }
    return bytes;
}

/// Writes the parts one after the other into the file of this hash. False, and no file, when they
/// give another one. Holds a part in memory, not the file.
bool join(const std::filesystem::path& parts,
          std::uint32_t count,
          const std::filesystem::path& folder,
          const std::string& sha256) {
    const std::filesystem::path path = blob_path(folder, sha256);
    make_folder(path.parent_path());
    NewFile whole(path.parent_path());
    Sha256 hash;
    for (std::uint32_t part = 0; part < count; ++part) {
        const std::string bytes = slurp(parts / std::to_string(part));
        hash.update(bytes);
        whole.write(bytes);
    }
    if (hash.hex() != sha256) {
        return false;
    }
    whole.keep_as(path);
    sync_folder(folder);
    fault_point(FaultPoint::BlobDurable);
    return true;
}

/// Bytes of a stored file. Throws InputError "no_such_blob", StoreError.
std::uint64_t blob_size(const std::filesystem::path& folder, const std::string& sha256) {
    const std::filesystem::path path = blob_path(folder, sha256);
    std::error_code problem;
    const auto size = std::filesystem::file_size(path, problem);
    if (problem == std::errc::no_such_file_or_directory) {
        throw InputError("no_such_blob", "no blob has the sha256 \"" + sha256 + "\"");
    }
    if (problem) {
        throw StoreError(path.string() + ": cannot read: " + problem.message());
    }
    return size;
}

/// Bytes of the files in `parts`, but for this one.
std::uint64_t size_beside(const std::filesystem::path& parts, const std::string& name) {
    std::uint64_t bytes = 0;
    std::error_code gone;
    for (const auto& entry : std::filesystem::directory_iterator(parts, gone)) {
        if (entry.path().filename() != name) {
            const auto size = entry.file_size(gone);
            bytes += gone ? 0 : size;
        }
    }
    return bytes;
}

}  // namespace

std::filesystem::path blob_path(const std::filesystem::path& folder, const std::string& sha256) {
    return is_hash(sha256) ? folder / sha256.substr(0, 2) / sha256 : folder / "no-such-hash";
}

std::string put_blob_file(const std::filesystem::path& folder, const std::string& bytes) {
    const std::string hash = sha256_hex(bytes);
    const std::filesystem::path path = blob_path(folder, hash);
    // What a disk has damaged since is written again: the sender has it, and nobody else may.
    if (try_look_at_blob(folder, hash) == BlobState::Whole) {
        return hash;
    }
    make_folder(path.parent_path());
    write_durably(path, bytes);
    sync_folder(folder);
    fault_point(FaultPoint::BlobDurable);
    return hash;
}

bool put_blob_part(const std::filesystem::path& folder,
                   const std::string& sha256,
                   std::uint32_t index,
                   std::uint32_t count,
                   const std::string& bytes,
                   std::uint64_t most) {
    if (!is_hash(sha256) || count == 0 || index >= count || count > 4096) {
        throw InputError("bad_blob", "BLOB_PUT: expected a sha256 and index < count <= 4096");
    }
    const std::filesystem::path parts = folder / "parts" / sha256;
    std::error_code ignored;
    // Hashed when the first part comes; with each it would take long. Of a damaged file there are
    // parts by the time the others come.
    const bool whole = index == 0
                           ? try_look_at_blob(folder, sha256) == BlobState::Whole
                           : std::filesystem::is_regular_file(blob_path(folder, sha256), ignored) &&
                                 !std::filesystem::exists(parts, ignored);
    if (whole) {
        // Sent again because its reply was lost: what is whole needs no part, and keeps none.
        std::filesystem::remove_all(parts, ignored);
        return true;
    }
    make_folder(parts);
    const std::string name = std::to_string(index);
    if (size_beside(parts, name) + bytes.size() > most) {
        std::filesystem::remove_all(parts, ignored);
        throw InputError("too_large",
                         "BLOB_PUT: a file holds at most " + std::to_string(most) +
                             " bytes; the parts of " + sha256 + " are more");
    }
    write_durably(parts / name, bytes);
    fault_point(FaultPoint::PartStored);
    for (std::uint32_t part = 0; part < count; ++part) {
        if (!std::filesystem::exists(parts / std::to_string(part), ignored)) {
            return false;
        }
    }
    if (!join(parts, count, folder, sha256)) {
        std::filesystem::remove_all(parts, ignored);
        throw InputError("bad_blob",
                         "BLOB_PUT: the parts do not give sha256 " + sha256 + "; send all again");
    }
    // The parts go last: whoever dies between still has one or the other.
    fault_point(FaultPoint::PartsJoined);
    std::filesystem::remove_all(parts, ignored);
    return true;
}

void remove_leavings(const std::filesystem::path& folder,
                     std::filesystem::file_time_type before) noexcept {
    try {
        std::error_code ignored;
        // Of a process that was killed while it wrote.
        for (const auto& hundredth : std::filesystem::directory_iterator(folder, ignored)) {
            for (const auto& file :
                 std::filesystem::directory_iterator(hundredth.path(), ignored)) {
                const bool temporary = file.path().filename().string().rfind("tmp-", 0) == 0;
                if (temporary && file.last_write_time(ignored) < before && !ignored) {
                    std::filesystem::remove(file.path(), ignored);
                }
            }
        }
        for (const auto& file : std::filesystem::directory_iterator(folder / "parts", ignored)) {
            // Of the folder of one file: each part that comes is a new name in it.
            const auto newest = file.last_write_time(ignored);
            if (!ignored && newest < before) {
                std::filesystem::remove_all(file.path(), ignored);
            }
        }
    } catch (const std::exception&) {
        // They stay, and are looked at again.
    }
}

std::vector<std::filesystem::path> blob_folders(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> all{folder};
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
        const std::string name = entry.path().filename().string();
        const bool beginning =
            name.size() == 2 && name.find_first_not_of("0123456789abcdef") == std::string::npos;
        if (beginning || name == "parts") {
            all.push_back(entry.path());
        }
    }
    return all;
}

BlobState look_at_blob(const std::filesystem::path& folder, const std::string& sha256) {
    const std::filesystem::path path = blob_path(folder, sha256);
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(path, ignored)) {
        return BlobState::Missing;
    }
    constexpr std::uint64_t kStep = 1u << 20;
    const std::uint64_t size = blob_size(folder, sha256);
    Sha256 hash;
    for (std::uint64_t offset = 0; offset < size; offset += kStep) {
        hash.update(slurp(path, offset, kStep));
    }
    return hash.hex() == sha256 ? BlobState::Whole : BlobState::Damaged;
}

BlobState try_look_at_blob(const std::filesystem::path& folder, const std::string& sha256) {
    try {
        return look_at_blob(folder, sha256);
    } catch (const Error&) {
        return BlobState::Damaged;
    }
}

std::string read_blob_file(const std::filesystem::path& folder, const std::string& sha256) {
    (void)blob_size(folder, sha256);
    return slurp(blob_path(folder, sha256));
}

BlobPart read_blob_part(const std::filesystem::path& folder,
                        const std::string& sha256,
                        std::uint64_t offset,
                        std::optional<std::uint64_t> length) {
    const std::filesystem::path path = blob_path(folder, sha256);
    const std::uint64_t size = blob_size(folder, sha256);
    const std::uint64_t left = size - std::min(size, offset);
    if (std::min(length.value_or(left), left) > kLargestAnswer) {
        throw InputError("too_large",
                         "the file has " + std::to_string(size) + " bytes; ask for at most " +
                             std::to_string(kLargestAnswer) + " at a time, with offset and length");
    }
    BlobPart part{slurp(path, offset, length.value_or(size)), size};
    if (part.bytes.size() == size && sha256_hex(part.bytes) != sha256) {
        // No use in asking again.
        throw InputError("damaged_blob",
                         path.string() + ": its bytes are not those it was stored with; cupel " +
                             "verify tells more");
    }
    return part;
}

}  // namespace cupel::controller
