// The log sink as the daemon's parts hold it: never empty, never throwing.
#pragma once

#include <string>
#include <utility>

#include <cupel/controller.hpp>

namespace cupel::controller {

class Log {
  public:
    Log() = default;
    explicit Log(LogSink sink) : sink_(std::move(sink)) {}

    void debug(const std::string& line) const { write(LogLevel::Debug, line); }
    void info(const std::string& line) const { write(LogLevel::Info, line); }
    void warning(const std::string& line) const { write(LogLevel::Warning, line); }
    void error(const std::string& line) const { write(LogLevel::Error, line); }

  private:
    void write(LogLevel level, const std::string& line) const {
        if (sink_) {
            sink_(level, line);
        }
    }
    LogSink sink_;
};

}  // namespace cupel::controller
