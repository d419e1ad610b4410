// The log sink as the daemon's parts hold it: never empty, never throwing.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <cupel/controller.hpp>

namespace cupel::controller {

using LogFields = std::vector<std::pair<std::string, std::string>>;

class Log {
  public:
    Log() = default;
    explicit Log(LogSink sink) : sink_(std::move(sink)) {}

    void debug(const std::string& line, LogFields fields = {}) const {
        write({LogLevel::Debug, line, std::move(fields)});
    }
    void info(const std::string& line, LogFields fields = {}) const {
        write({LogLevel::Info, line, std::move(fields)});
    }
    void warning(const std::string& line, LogFields fields = {}) const {
        write({LogLevel::Warning, line, std::move(fields)});
    }
    void error(const std::string& line, LogFields fields = {}) const {
        write({LogLevel::Error, line, std::move(fields)});
    }

  private:
    void write(const LogLine& line) const {
        if (sink_) {
            sink_(line);
        }
    }
    LogSink sink_;
};

}  // namespace cupel::controller
