// Units and calendars.
#include "time_text.hpp"

#include <cmath>
#include <cstdlib>
#include <ctime>

#include <cupel/domain/error.hpp>

namespace cupel::cli {
namespace {

constexpr double kLongest = 365 * 86400.0;  ///< seconds; as schemas/json has it

}  // namespace

double parse_duration(std::string_view text, const std::string& option) {
    const std::string copy(text);
    char* end = nullptr;
    const double number = std::strtod(copy.c_str(), &end);
    const std::string unit(end);
    double scale = 0.0;
    if (unit == "s") {
        scale = 1.0;
    } else if (unit == "min" || unit == "m") {
        scale = 60.0;
    } else if (unit == "h") {
        scale = 3600.0;
    } else if (unit == "d") {
        scale = 86400.0;
    }
    if (end == copy.c_str() || scale == 0.0 || !std::isfinite(number) || number < 0.0) {
        throw InputError(
            "bad_duration",
            option + ": expected a time as 90s, 45min, 12h or 3d, got \"" + copy + "\"");
    }
    if (number * scale > kLongest) {
        throw InputError("bad_duration", option + ": expected at most 365d, got \"" + copy + "\"");
    }
    return number * scale;
}

std::string duration_text(double seconds) {
    const auto in = [&](double unit, const char* name) {
        return std::to_string(std::llround(seconds / unit)) + name;
    };
    if (seconds >= 4 * 86400.0) {
        return in(86400.0, " days");
    }
    if (seconds >= 2 * 3600.0) {
        return in(3600.0, " h");
    }
    return seconds >= 120.0 ? in(60.0, " min") : in(1.0, " s");
}

std::string local_text(Timestamp time) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
    std::tm parts{};
    ::localtime_r(&seconds, &parts);
    char text[64];
    std::strftime(text, sizeof text, "%a %d %b %H:%M", &parts);
    return text;
}

std::string local_text(const std::string& rfc3339) {
    const auto time = try_parse_rfc3339(rfc3339);
    return time ? local_text(*time) : rfc3339;
}

}  // namespace cupel::cli
