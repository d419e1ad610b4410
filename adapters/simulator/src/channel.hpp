// How a simulated worker talks to the daemon.
#pragma once

#include <string>
#include <vector>

#include <cupel/client/client.hpp>
#include <cupel/domain/command.hpp>

namespace cupel::simulator {

using client::Refused;

/// Asks until there is an answer: a daemon that restarts is waited for, a command goes out again
/// with the same cmd_id.
class Channel {
  public:
    virtual ~Channel() = default;
    /// The `result` object of the reply as JSON. Throws Refused, or client::NoAnswer when the
    /// daemon stays away.
    virtual std::string ask(const CommandBody& command, const std::vector<std::string>& blobs) = 0;
    std::string ask(const CommandBody& command) { return ask(command, {}); }
};

}  // namespace cupel::simulator
