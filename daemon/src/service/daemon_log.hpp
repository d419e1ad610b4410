// The log of cupeld: lines to standard error, written by a thread of their own.
#pragma once

#include <memory>

#include <cupel/controller.hpp>

#include "log_format.hpp"

namespace cupel::controller {

/// Rather loses lines than waits: a reader of our standard error that stops must not stop the
/// daemon. Whoever reads again is told how many lines are missing, at the place where they are. The
/// destructor writes what is left, as far as somebody reads it within a second.
class DaemonLog {
  public:
    explicit DaemonLog(const Config& config);
    ~DaemonLog();
    DaemonLog(const DaemonLog&) = delete;
    DaemonLog& operator=(const DaemonLog&) = delete;

    /// Thread-safe, and usable as long as this object lives.
    LogSink sink() const;
    /// Of the configuration: "debug" .. "error". Thread-safe.
    void set_level(const Config& config);

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace cupel::controller
