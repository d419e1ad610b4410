// Runs the operator's program for each new alarm: mail, web hook, a lamp.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <thread>

#include "../bus/log.hpp"
#include "wake.hpp"

namespace cupel::controller {

struct NewAlarm {
    std::string id, campaign, text, time;
};

/// One run at a time, in order, on a thread of its own; nobody waits for it. The program has the
/// alarm as a JSON object on its standard input and as CUPEL_ALARM_ID, _CAMPAIGN, _TEXT, _TIME. A
/// run that fails or takes too long is a line of the log and nothing else: an alarm about alarms
/// would never end.
class AlarmCommand {
  public:
    static constexpr std::size_t kQueue = 64;  ///< of those the oldest is dropped, and logged

    /// `program` as in the configuration: a path, or a bare name to look for.
    AlarmCommand(std::string program, std::chrono::milliseconds timeout, Log log);
    /// Kills what runs; what waits is not run.
    ~AlarmCommand();
    AlarmCommand(const AlarmCommand&) = delete;
    AlarmCommand& operator=(const AlarmCommand&) = delete;

    /// Thread-safe, returns at once.
    void raise(NewAlarm alarm);

  private:
    void loop();
    void run(const NewAlarm& alarm);
    bool stopping();

    const std::string program_;
    const std::chrono::milliseconds timeout_;
    const Log log_;
    std::mutex mutex_;  ///< queue_, stopping_
    std::condition_variable ready_;
    std::deque<NewAlarm> queue_;
    bool stopping_ = false;
    Wake wake_;
    std::thread thread_;
};

}  // namespace cupel::controller
