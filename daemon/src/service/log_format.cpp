// Sentences with NAME=VALUE behind them, or JSON; marks for the journal in front of either.
#include "log_format.hpp"

#include <cstdlib>

#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

namespace cupel::controller {
namespace {

using Json = nlohmann::ordered_json;

/// Of sd-daemon(3).
const char* mark(LogLevel level) {
    switch (level) {
        case LogLevel::Debug:
            return "<7>";
        case LogLevel::Info:
            return "<6>";
        case LogLevel::Warning:
            return "<4>";
        case LogLevel::Error:
            return "<3>";
    }
    return "";
}

}  // namespace

const char* level_word(LogLevel level) {
    switch (level) {
        case LogLevel::Debug:
            return "debug";
        case LogLevel::Info:
            return "info";
        case LogLevel::Warning:
            return "warning";
        case LogLevel::Error:
            return "error";
    }
    return "";
}

std::string log_text(const LogFormat& format, const LogLine& line, Timestamp time) {
    const std::string front = format.journal ? mark(line.level) : "";
    if (format.json) {
        Json object{
            {"time", to_rfc3339(time)}, {"level", level_word(line.level)}, {"text", line.text}};
        for (const auto& [name, value] : line.fields) {
            object[name] = value;
        }
        return front + object.dump(-1, ' ', false, Json::error_handler_t::replace);
    }
    std::string text = front;
    if (!format.journal) {
        text += to_rfc3339(time) + " " + level_word(line.level) + " ";
    }
    return text + to_string(line);
}

bool stderr_is_journal() {
    const char* stream = std::getenv("JOURNAL_STREAM");
    struct stat there {};
    return stream != nullptr && ::fstat(STDERR_FILENO, &there) == 0 &&
           std::to_string(there.st_dev) + ":" + std::to_string(there.st_ino) == stream;
}

}  // namespace cupel::controller
