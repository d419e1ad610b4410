// Whether the long form of a test was asked for: CUPEL_LONG_TESTS=1, as `make check-full` does.
#pragma once

#include <cstdlib>
#include <string>

namespace cupel::test {

inline bool long_run() {
    const char* wish = std::getenv("CUPEL_LONG_TESTS");
    return wish != nullptr && *wish != '\0' && std::string(wish) != "0";
}

}  // namespace cupel::test
