// The protocol of sd_notify(3).
#include "notify.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace cupel::controller {
namespace {

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

/// A status is one line.
std::string status_of(std::string text) {
    std::replace(text.begin(), text.end(), '\n', ' ');
    return "STATUS=" + text;
}

}  // namespace

Notify::Notify() : address_(environment("NOTIFY_SOCKET")) {
    const bool usable = !address_.empty() && (address_[0] == '/' || address_[0] == '@') &&
                        address_.size() < sizeof(sockaddr_un::sun_path);
    if (!usable) {
        return;
    }
    socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const std::string watched = environment("WATCHDOG_PID");
    if (watched.empty() || watched == std::to_string(::getpid())) {
        watchdog_ = std::chrono::milliseconds(
            std::strtoll(environment("WATCHDOG_USEC").c_str(), nullptr, 10) / 1000);
    }
}

Notify::~Notify() {
    if (socket_ >= 0) {
        ::close(socket_);
    }
}

void Notify::ready(const std::string& status) const {
    send("READY=1\n" + status_of(status));
}

void Notify::status(const std::string& text) const {
    send(status_of(text));
}

void Notify::reloading() const {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    send("RELOADING=1\nMONOTONIC_USEC=" +
         std::to_string(std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000));
}

void Notify::stopping() const {
    send("STOPPING=1\n" + status_of("stopping: answering what came in, ending the learner"));
}

void Notify::alive() const {
    send("WATCHDOG=1");
}

void Notify::send(const std::string& state) const noexcept {
    if (socket_ < 0) {
        return;
    }
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    std::memcpy(to.sun_path, address_.data(), address_.size());
    if (to.sun_path[0] == '@') {
        to.sun_path[0] = '\0';  // a name of the abstract space
    }
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
    // Whoever does not read is not waited for.
    [[maybe_unused]] const auto sent = ::sendto(socket_,
                                                state.data(),
                                                state.size(),
                                                MSG_NOSIGNAL,
                                                reinterpret_cast<const sockaddr*>(&to),
                                                length);
}

}  // namespace cupel::controller
