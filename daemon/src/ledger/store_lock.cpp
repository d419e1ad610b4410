// flock: no stale lock can stay behind.
#include "store_lock.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "store.hpp"

namespace cupel::controller {

StoreLock::StoreLock(const std::filesystem::path& store) {
    const std::string path = store.string() + ".lock";
    descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (descriptor_ < 0) {
        throw StoreError(path + ": cannot open: " + std::strerror(errno));
    }
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
        const int code = errno;
        ::close(descriptor_);
        throw StoreError(store.string() + (code == EWOULDBLOCK ? " is in use by another cupeld"
                                                               : std::string(": cannot lock: ") +
                                                                     std::strerror(code)));
    }
}

StoreLock::~StoreLock() {
    ::close(descriptor_);
}

}  // namespace cupel::controller
