// A line of the log as people, programs and the journal read it.
#pragma once

#include <string>

#include <cupel/controller.hpp>
#include <cupel/domain/timestamp.hpp>

namespace cupel::controller {

struct LogFormat {
    bool json = false;     ///< one object a line
    bool journal = false;  ///< mark the level as sd-daemon(3) says; no time in front of a sentence
};

/// Without the end of the line. Whatever a client wrote stays on this line: control characters are
/// escaped.
std::string log_text(const LogFormat& format, const LogLine& line, Timestamp time);

/// "debug", "info", "warning", "error".
const char* level_word(LogLevel level);

/// Is standard error the journal's? As $JOURNAL_STREAM says (systemd.exec(5)).
bool stderr_is_journal();

}  // namespace cupel::controller
