// What the processors spent on this process.
#pragma once

#include <sys/resource.h>
#include <sys/time.h>

namespace cupel::test {

/// Of all its threads, in seconds, however many others wait for the processors.
inline double processor_seconds() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto of = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
    };
    return of(usage.ru_utime) + of(usage.ru_stime);
}

}  // namespace cupel::test
