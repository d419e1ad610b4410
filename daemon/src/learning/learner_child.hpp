// The process `cupel-learner serve` and what it writes, line by line.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "../bus/log.hpp"
#include "../supervision/child.hpp"
#include "flood_gate.hpp"
#include "learner_messages.hpp"
#include "learner_process.hpp"

namespace cupel::controller {

/// A long line of somebody else's, cut for the log.
std::string shortened(const std::string& text, std::size_t longest = 200);

/// One child at a time. What it says on standard error goes to the log, of a flood a part. For one
/// thread.
class LearnerChild {
  public:
    using TimePoint = std::chrono::steady_clock::time_point;

    LearnerChild(const LearnerProcessOptions& options, const Log& log);

    bool runs() const { return child_.has_value(); }
    /// Throws Error when the program cannot be run.
    void start();
    void send(const nlohmann::json& request);
    /// Waits for the deadline at most, and gives each line of standard output to `hear`. When the
    /// child has to be given up, what it did: "ended with exit status 1", "wrote a line of ...".
    std::optional<std::string> listen(TimePoint deadline,
                                      Wake& wake,
                                      const std::function<void(const std::string&)>& hear);
    /// Kills what still runs.
    void give_up() noexcept { child_.reset(); }
    /// The end of its input first, then SIGTERM, then SIGKILL.
    void stop(Wake& wake);

  private:
    void say(const std::string& line);
    void say_lines();
    void say_left_out(std::optional<std::int64_t> lines);
    bool ends_within(std::chrono::milliseconds patience, Wake& wake);

    const LearnerProcessOptions& options_;
    const Log& log_;
    std::optional<Child> child_;
    LineBuffer output_, errors_;
    std::string last_error_;
    FloodGate gate_;  ///< also for the children that come after: each may begin with a flood
};

}  // namespace cupel::controller
