// One counter in the kernel.
#include "wake.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cupel/domain/error.hpp>

namespace cupel::controller {

Wake::Wake() : descriptor_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (descriptor_ < 0) {
        throw Error(std::string("cannot make an eventfd: ") + std::strerror(errno));
    }
}

Wake::~Wake() {
    ::close(descriptor_);
}

void Wake::notify() noexcept {
    const std::uint64_t one = 1;
    // Fails only when the counter is full, and then the waiter is woken already.
    [[maybe_unused]] const auto written = ::write(descriptor_, &one, sizeof one);
}

void Wake::wait(std::chrono::steady_clock::time_point deadline) noexcept {
    pollfd entry{descriptor_, POLLIN, 0};
    const int ready = ::poll(&entry, 1, poll_time(deadline));
    if (ready > 0) {
        clear();
    }
}

int poll_time(std::chrono::steady_clock::time_point deadline) noexcept {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 60'000));
}

void Wake::clear() noexcept {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto got = ::read(descriptor_, &count, sizeof count);
}

}  // namespace cupel::controller
