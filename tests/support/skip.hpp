// Catch2 2.13 has no SKIP: prints "SKIPPED: reason", which ctest recognises, and leaves the test.
#pragma once

#include <cstdio>

#define CUPEL_SKIP(reason)                    \
    do {                                      \
        std::printf("SKIPPED: %s\n", reason); \
        std::fflush(stdout);                  \
        return;                               \
    } while (false)
