// Durable files: temporary name, fsync, rename, fsync of the folder.
#include "blob_store.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

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

void write_durably(const std::filesystem::path& path, const std::string& bytes) {
    const std::filesystem::path temporary = path.parent_path() / ("tmp-" + make_ulid());
    const int descriptor = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (descriptor < 0) {
        fail(temporary, "create");
    }
    std::size_t written = 0;
    while (written < bytes.size()) {
        const ssize_t step = ::write(descriptor, bytes.data() + written, bytes.size() - written);
        if (step < 0 && errno != EINTR) {
            const int code = errno;
            ::close(descriptor);
            ::unlink(temporary.c_str());
            errno = code;
            fail(temporary, "write");
        }
        written += step > 0 ? static_cast<std::size_t>(step) : 0;
    }
    const bool synced = ::fsync(descriptor) == 0;
    ::close(descriptor);
    fault_point(FaultPoint::BlobWritten);
    if (!synced || ::rename(temporary.c_str(), path.c_str()) != 0) {
        const int code = errno;
        ::unlink(temporary.c_str());
        errno = code;
        fail(path, "write");
    }
    fault_point(FaultPoint::BlobRenamed);
    sync_folder(path.parent_path());
}

void make_folder(const std::filesystem::path& folder) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) {
        throw StoreError(folder.string() + ": cannot make the folder: " + error.message());
    }
}

std::string slurp(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

}  // namespace

std::filesystem::path blob_path(const std::filesystem::path& folder, const std::string& sha256) {
    return is_hash(sha256) ? folder / sha256.substr(0, 2) / sha256 : folder / "no-such-hash";
}

std::string put_blob_file(const std::filesystem::path& folder, const std::string& bytes) {
    const std::string hash = sha256_hex(bytes);
    const std::filesystem::path path = blob_path(folder, hash);
    std::error_code ignored;
    if (std::filesystem::file_size(path, ignored) == bytes.size() && !ignored) {
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
                   const std::string& bytes) {
    if (!is_hash(sha256) || count == 0 || index >= count || count > 4096) {
        throw InputError("bad_blob", "BLOB_PUT: expected a sha256 and index < count <= 4096");
    }
    const std::filesystem::path parts = folder / "parts" / sha256;
    std::error_code ignored;
    if (std::filesystem::is_regular_file(blob_path(folder, sha256), ignored)) {
        // Sent again because its reply was lost: what is whole needs no part, and keeps none.
        std::filesystem::remove_all(parts, ignored);
        return true;
    }
    make_folder(parts);
    write_durably(parts / std::to_string(index), bytes);
    fault_point(FaultPoint::PartStored);
    std::string whole;
    for (std::uint32_t part = 0; part < count; ++part) {
        if (!std::filesystem::exists(parts / std::to_string(part), ignored)) {
            return false;
        }
    }
    for (std::uint32_t part = 0; part < count; ++part) {
        whole += slurp(parts / std::to_string(part));
    }
    if (sha256_hex(whole) != sha256) {
        std::filesystem::remove_all(parts, ignored);
        throw InputError("bad_blob",
                         "BLOB_PUT: the parts do not give sha256 " + sha256 + "; send all again");
    }
    // The parts go last: whoever dies between still has one or the other.
    put_blob_file(folder, whole);
    fault_point(FaultPoint::PartsJoined);
    std::filesystem::remove_all(parts, ignored);
    return true;
}

std::string read_blob_file(const std::filesystem::path& folder, const std::string& sha256) {
    const std::filesystem::path path = blob_path(folder, sha256);
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(path, ignored)) {
        throw InputError("no_such_blob", "no blob has the sha256 \"" + sha256 + "\"");
    }
    return slurp(path);
}

}  // namespace cupel::controller
