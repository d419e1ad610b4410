// Preloaded into a daemon under test: fdatasync of a write-ahead log fails while the file that
// CUPEL_SYNC_FAILS_WHILE names exists, as it does on a disk that cannot keep what it is given.
#include <cerrno>
#include <cstdlib>
#include <string>
#include <string_view>

#include <sys/syscall.h>
#include <unistd.h>

namespace {

bool is_write_ahead_log(int file) {
    const std::string link = "/proc/self/fd/" + std::to_string(file);
    char name[4096];
    const ssize_t length = ::readlink(link.c_str(), name, sizeof name);
    return length > 0 && std::string_view(name, static_cast<std::size_t>(length)).ends_with("-wal");
}

}  // namespace

extern "C" int fdatasync(int file) {
    const char* sign = std::getenv("CUPEL_SYNC_FAILS_WHILE");
    if (sign != nullptr && ::access(sign, F_OK) == 0 && is_write_ahead_log(file)) {
        errno = EIO;
        return -1;
    }
    return static_cast<int>(::syscall(SYS_fdatasync, file));
}
