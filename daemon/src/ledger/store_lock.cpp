// flock: no stale lock can stay behind.
#include "store_lock.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "owner.hpp"
#include "store.hpp"

namespace cupel::controller {
namespace {

/// Throws StoreError; -1 when there is no such file and none is to be made.
int open_locked(const std::filesystem::path& path, int flags, const std::filesystem::path& store) {
    const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC, 0644);
    if (descriptor < 0) {
        if (errno == ENOENT && (flags & O_CREAT) == 0) {
            return -1;
        }
        throw StoreError(path.string() + ": cannot open: " + std::strerror(errno));
    }
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        const int code = errno;
        ::close(descriptor);
        throw StoreError(store.string() +
                         (code == EWOULDBLOCK
                              ? " is in use by another cupeld; stop it first"
                              : std::string(": cannot lock: ") + std::strerror(code)));
    }
    return descriptor;
}

}  // namespace

std::filesystem::path real_store(const std::filesystem::path& store) {
    namespace fs = std::filesystem;
    constexpr int kMostLinks = 40;  // as the system itself
    std::error_code error;
    fs::path real = fs::weakly_canonical(fs::absolute(store), error);
    // A link to nothing is left as it is by then.
    for (int links = 0; !error && fs::is_symlink(real, error) && links < kMostLinks; ++links) {
        const fs::path target = fs::read_symlink(real, error);
        real = fs::weakly_canonical(real.parent_path() / target, error);
    }
    return error && error != std::errc::no_such_file_or_directory ? store : real;
}

StoreLock::StoreLock(const std::filesystem::path& store) : store_(real_store(store)) {
    std::error_code error;
    if (store_.has_parent_path()) {
        std::filesystem::create_directories(store_.parent_path(), error);
    }
    if (error) {
        throw StoreError(store.string() + ": cannot make its folder: " + error.message());
    }
    const std::filesystem::path beside = store_.string() + ".lock";
    beside_ = open_locked(beside, O_RDWR | O_CREAT, store);
    if (const auto owner = owner_of_store(store_)) {
        give_to(beside, *owner);
    }
    try {
        // flock is apart from SQLite's locks of byte ranges. But closing a file ends those of its
        // process: no connection outlives this lock.
        file_ = open_locked(store_, O_RDONLY, store);
    } catch (...) {
        ::close(beside_);
        throw;
    }
}

StoreLock::~StoreLock() {
    if (file_ >= 0) {
        ::close(file_);
    }
    ::close(beside_);
}

}  // namespace cupel::controller
