// A queue, a thread, a child.
#include "alarm_command.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include <cupel/domain/error.hpp>

#include "child.hpp"
#include "find_program.hpp"

namespace cupel::controller {
namespace {

constexpr std::size_t kSaidKept = 300;  ///< bytes of what it wrote, for the log

/// Environment and log bear no line breaks.
std::string one_line(std::string text) {
    std::replace_if(
        text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
    return text.substr(0, 4096);
}

std::string json_of(const NewAlarm& alarm) {
    const nlohmann::ordered_json object{{"alarm", alarm.id},
                                        {"campaign", alarm.campaign},
                                        {"text", alarm.text},
                                        {"time", alarm.time}};
    return object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace

AlarmCommand::AlarmCommand(std::string program, std::chrono::milliseconds timeout, Log log)
    : program_(std::move(program)), timeout_(timeout), log_(std::move(log)) {
    thread_ = std::thread([this] { loop(); });
}

AlarmCommand::~AlarmCommand() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    ready_.notify_one();
    wake_.notify();
    thread_.join();
}

void AlarmCommand::raise(NewAlarm alarm) {
    std::string dropped;
    {
        const std::lock_guard lock(mutex_);
        if (queue_.size() >= kQueue) {
            dropped = queue_.front().id;
            queue_.pop_front();
        }
        queue_.push_back(std::move(alarm));
    }
    ready_.notify_one();
    if (!dropped.empty()) {
        log_.warning(
            "alarms.command is too slow: it was not run for an alarm; cupel alarms lists it",
            {{"alarm", dropped}});
    }
}

bool AlarmCommand::stopping() {
    const std::lock_guard lock(mutex_);
    return stopping_;
}

void AlarmCommand::loop() {
    for (;;) {
        std::unique_lock lock(mutex_);
        ready_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
        if (stopping_) {
            return;
        }
        const NewAlarm alarm = std::move(queue_.front());
        queue_.pop_front();
        lock.unlock();
        try {
            run(alarm);
        } catch (const std::exception& error) {
            log_.error("alarms.command: " + std::string(error.what()), {{"alarm", alarm.id}});
        }
    }
}

void AlarmCommand::run(const NewAlarm& alarm) {
    const auto program = find_program(program_);
    if (!program) {
        throw Error(no_program("alarms.command", program_));
    }
    ChildOptions how;
    how.arguments = {*program};
    how.environment = {"CUPEL_ALARM_ID=" + alarm.id,
                       "CUPEL_ALARM_CAMPAIGN=" + alarm.campaign,
                       "CUPEL_ALARM_TEXT=" + one_line(alarm.text),
                       "CUPEL_ALARM_TIME=" + alarm.time};
    Child child(how);
    child.send(json_of(alarm));
    child.close_input();
    const auto deadline = std::chrono::steady_clock::now() + timeout_;
    std::string said;
    for (;;) {
        const ChildNews news = child.wait(deadline, wake_);
        said = (said + news.output + news.errors).substr(0, kSaidKept);
        const std::string words = said.empty() ? "" : "; it said: " + one_line(said);
        if (stopping()) {
            return;
        }
        if (news.end) {
            if (news.end->signal != 0 || news.end->exit_status != 0) {
                log_.error("alarms.command ended with " + news.end->words() + words,
                           {{"alarm", alarm.id}});
            } else {
                log_.debug("alarms.command was run", {{"alarm", alarm.id}});
            }
            return;
        }
        if (std::chrono::steady_clock::now() >= deadline) {
            log_.error("alarms.command took longer than alarms.timeout_s and was ended" + words,
                       {{"alarm", alarm.id}});
            return;
        }
    }
}

}  // namespace cupel::controller
