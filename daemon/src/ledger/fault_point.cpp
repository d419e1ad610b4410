// Reads the wish once, counts, and raises SIGKILL: nothing is flushed, nothing is unwound.
#include "fault_point.hpp"

#ifdef CUPEL_FAULT_POINTS

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <string>

namespace cupel::controller {
namespace {

struct Wish {
    FaultPoint point;
    long passing = 0;  ///< counted from 1
};

std::optional<Wish> read_wish() {
    const char* text = std::getenv("CUPEL_KILL_AT");
    const std::string wish(text == nullptr ? "" : text);
    const auto colon = wish.rfind(':');
    for (const auto& [point, name] : kFaultPoints) {
        if (colon != std::string::npos && wish.compare(0, colon, name) == 0) {
            return Wish{point, std::strtol(wish.c_str() + colon + 1, nullptr, 10)};
        }
    }
    return std::nullopt;
}

}  // namespace

void fault_point(FaultPoint point) {
    static const std::optional<Wish> wish = read_wish();
    static std::atomic<long> passed{0};  // points lie on the ledger's and on the blobs' thread
    if (wish && wish->point == point && ++passed == wish->passing) {
        std::raise(SIGKILL);
    }
}

}  // namespace cupel::controller

#endif
