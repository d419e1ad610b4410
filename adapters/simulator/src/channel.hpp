// How a simulated worker talks to the daemon.
#pragma once

#include <string>
#include <vector>

#include <cupel/domain/command.hpp>
#include <cupel/domain/error.hpp>

namespace cupel::simulator {

/// An ERR reply that is an answer, not a fault of the line: another worker was faster, a lease is
/// stale.
class Refused : public Error {
  public:
    Refused(std::string code, const std::string& text)
        : Error(code + ": " + text), code_(std::move(code)) {}
    const std::string& code() const noexcept { return code_; }

  private:
    std::string code_;
};

/// Asks until there is an answer: a daemon that restarts is waited for, a command goes out again
/// with the same cmd_id.
class Channel {
  public:
    virtual ~Channel() = default;
    /// The `result` object of the reply as JSON. Throws Refused, or Error when the daemon stays
    /// away.
    virtual std::string ask(const CommandBody& command, const std::vector<std::string>& blobs) = 0;
    std::string ask(const CommandBody& command) { return ask(command, {}); }
};

}  // namespace cupel::simulator
