// A non-blocking description where there can be one; poll() before each small piece elsewhere.
#include "log_stream.hpp"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <exception>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cupel::controller {
namespace {

using Clock = std::chrono::steady_clock;

}  // namespace

LogStream::LogStream(int descriptor) : descriptor_(descriptor) {
    struct stat there {};
    if (::fstat(descriptor, &there) != 0) {
        return;
    }
    if (S_ISREG(there.st_mode)) {
        kind_ = Kind::File;
    } else if (S_ISSOCK(there.st_mode)) {
        kind_ = Kind::Socket;
    } else {
        // O_NONBLOCK on the descriptor itself would be O_NONBLOCK for the shell that started us.
        const std::string path = "/proc/self/fd/" + std::to_string(descriptor);
        const int own = ::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        if (own >= 0) {
            descriptor_ = own;
            kind_ = Kind::Ours;
        }
    }
}

LogStream::~LogStream() {
    if (kind_ == Kind::Ours) {
        ::close(descriptor_);
    }
}

std::size_t LogStream::write(std::string_view lines) {
    if (torn_ && !send("\n", 1)) {
        return 0;
    }
    std::size_t done = 0;
    while (done < lines.size()) {
        const std::size_t count = send(lines.data() + done, lines.size() - done);
        if (count == 0) {
            break;
        }
        done += count;
    }
    torn_ = done > 0 && lines[done - 1] != '\n';
    return done;
}

std::size_t LogStream::send(const char* bytes, std::size_t count) {
    for (;;) {
        const auto sent = attempt(bytes, count);
        if (sent > 0) {
            return static_cast<std::size_t>(sent);
        }
        const bool full = sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
        if (sent < 0 && errno != EINTR && (!full || !wait_for_room())) {
            return 0;
        }
    }
}

void LogStream::hurry(std::chrono::milliseconds patience) noexcept {
    deadline_ = Clock::now() + patience;
    hurried_.notify();
}

std::int64_t LogStream::attempt(const char* bytes, std::size_t count) noexcept {
    switch (kind_) {
        case Kind::Ours:
        case Kind::File:
            return ::write(descriptor_, bytes, count);
        case Kind::Socket:
            return ::send(descriptor_, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL);
        case Kind::Borrowed: {
            pollfd entry{descriptor_, POLLOUT, 0};
            if (::poll(&entry, 1, 0) == 0) {
                errno = EAGAIN;
                return -1;
            }
            // A pipe with room takes as much at once.
            return ::write(descriptor_, bytes, std::min<std::size_t>(count, PIPE_BUF));
        }
    }
    return -1;
}

bool LogStream::wait_for_room() noexcept {
    for (;;) {
        const auto deadline = deadline_.load();
        pollfd entries[] = {{descriptor_, POLLOUT, 0}, {hurried_.descriptor(), POLLIN, 0}};
        ::poll(entries, 2, poll_time(deadline));
        if (entries[0].revents != 0) {
            return true;
        }
        if (entries[1].revents != 0) {
            hurried_.clear();
        } else if (Clock::now() >= deadline) {
            return false;
        }
    }
}

void say(const std::string& line, std::chrono::milliseconds patience) noexcept {
    try {
        LogStream stream(STDERR_FILENO);
        stream.hurry(patience);
        stream.write(line + "\n");
    } catch (const std::exception&) {
        // No descriptor, no memory: the exit code has to say it.
    }
}

}  // namespace cupel::controller
