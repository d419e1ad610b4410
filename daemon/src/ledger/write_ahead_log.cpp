// Another descriptor of the same file: fdatasync is about the file, whoever wrote it.
#include "write_ahead_log.hpp"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

#include "store.hpp"
#include "store_lock.hpp"

namespace cupel::controller {

WriteAheadLog::WriteAheadLog(const std::filesystem::path& store)
    : path_(real_store(store).string() + "-wal") {
    file_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
    if (file_ < 0) {
        throw StoreError(path_.string() +
                         ": cannot be opened: " + std::generic_category().message(errno));
    }
}

WriteAheadLog::~WriteAheadLog() {
    ::close(file_);
}

void WriteAheadLog::sync() const {
    while (::fdatasync(file_) != 0) {
        if (errno != EINTR) {
            throw StoreError(path_.string() +
                             ": cannot be synced: " + std::generic_category().message(errno));
        }
    }
}

}  // namespace cupel::controller
