// Kills the process at a named point, so that tests can prove what survives.
#include <csignal>
#include <cstdlib>
#include <string>

#include "store.hpp"

namespace cupel::controller {

#ifdef CUPEL_FAULT_POINTS
void fault_point(const char* name) {
    // Read once: "name:n", n counted from 1. Called from the ledger thread alone.
    static const std::string wanted = [] {
        const char* text = std::getenv("CUPEL_KILL_AT");
        return std::string(text == nullptr ? "" : text);
    }();
    static long passed = 0;
    const auto colon = wanted.rfind(':');
    if (colon == std::string::npos || wanted.compare(0, colon, name) != 0) {
        return;
    }
    if (++passed >= std::strtol(wanted.c_str() + colon + 1, nullptr, 10)) {
        std::raise(SIGKILL);
    }
}
#endif

}  // namespace cupel::controller
