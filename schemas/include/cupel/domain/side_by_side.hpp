// Independent jobs on a few threads.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace cupel {

/// Runs job(0..count-1), `threads` at a time, and calls done(i) after each, one call at a time.
/// The first exception ends the work and is thrown again here.
inline void run_side_by_side(
    std::size_t count,
    int threads,
    const std::function<void(std::size_t)>& job,
    const std::function<void(std::size_t)>& done = [](std::size_t) {}) {
    std::atomic<std::size_t> next{0};
    std::mutex mutex;
    std::exception_ptr failure;
    const auto work = [&] {
        for (std::size_t i = next++; i < count; i = next++) {
            try {
                job(i);
                const std::lock_guard lock(mutex);
                done(i);
            } catch (...) {
                const std::lock_guard lock(mutex);
                failure = failure ? failure : std::current_exception();
                next = count;
            }
        }
    };
    std::vector<std::thread> workers;
    for (int i = 1; i < threads && static_cast<std::size_t>(i) < count; ++i) {
        workers.emplace_back(work);
    }
    work();
    for (auto& worker : workers) {
        worker.join();
    }
    if (failure) {
        std::rethrow_exception(failure);
    }
}

/// Runs part(range, first, last) over 0..count-1 in `threads` ranges of neighbours, side by side.
/// The first exception is thrown again here.
inline void run_in_ranges(
    std::size_t count,
    int threads,
    const std::function<void(std::size_t range, std::size_t first, std::size_t last)>& part) {
    const auto ranges = static_cast<std::size_t>(std::max(threads, 1));
    const std::size_t share = (count + ranges - 1) / ranges;
    run_side_by_side(ranges, threads, [&](std::size_t range) {
        const std::size_t first = std::min(count, range * share);
        part(range, first, std::min(count, first + share));
    });
}

}  // namespace cupel
