// What Prometheus scrapes: counts of this run beside the figures of STATUS.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace cupel::controller {

/// Thread-safe. Labels are campaigns, states, kinds of commands and error codes: there are few of
/// each, so a client cannot make the list grow.
class Metrics {
  public:
    explicit Metrics(const std::string& version);
    ~Metrics();
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    /// A command was answered: `result` is "OK" or an error code, `took` from its arrival on.
    void answered(std::string_view kind,
                  std::string_view result,
                  std::chrono::duration<double> took);
    /// An ERR reply left, for a command or for what was none.
    void refused(const std::string& code);
    /// A transaction with events was committed.
    void committed(std::chrono::duration<double> took, std::size_t events);

    /// Everything in Prometheus' text format. `status_json` is the reply to STATUS; empty: the
    /// daemon did not give it, which is a figure as well.
    std::string text(const std::string& status_json) const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace cupel::controller
