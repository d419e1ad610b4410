// The operator's program for alarms: what it is given, and that nobody suffers from it.
#include <condition_variable>
#include <fstream>
#include <mutex>

#include <nlohmann/json.hpp>
#include <sys/stat.h>

#include "catch.hpp"
#include "supervision/alarm_command.hpp"
#include "temp_dir.hpp"

using namespace cupel;
using namespace cupel::controller;
using namespace cupel::test;

namespace {

/// A shell script in a folder of its own, and the log of whoever runs it.
class Operator {
  public:
    explicit Operator(const std::string& script) : program((dir / "alarm").string()) {
        std::ofstream(program) << "#!/bin/sh\ncd \"$(dirname \"$0\")\"\n" << script;
        std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    }
    Log log() {
        return Log([this](const LogLine& line) {
            const std::lock_guard lock(mutex_);
            lines_.push_back(to_string(line));
            news_.notify_all();
        });
    }
    /// The first line with `text`, once it is there.
    std::string expect(const std::string& text) {
        std::unique_lock lock(mutex_);
        std::string found;
        const auto there = [&] {
            for (const auto& line : lines_) {
                if (found.empty() && line.find(text) != std::string::npos) {
                    found = line;
                }
            }
            return !found.empty();
        };
        if (!news_.wait_for(lock, std::chrono::seconds(20), there)) {
            throw std::runtime_error("no line with " + text);
        }
        return found;
    }
    int lines_with(const std::string& text) {
        const std::lock_guard lock(mutex_);
        int count = 0;
        for (const auto& line : lines_) {
            count += line.find(text) != std::string::npos ? 1 : 0;
        }
        return count;
    }
    std::string file(const std::string& name) const {
        std::ifstream in(dir / name);
        return {std::istreambuf_iterator<char>(in), {}};
    }

    TempDir dir;
    std::string program;

  private:
    std::mutex mutex_;
    std::condition_variable news_;
    std::vector<std::string> lines_;
};

constexpr std::chrono::seconds kTimeout{20};

NewAlarm alarm(const std::string& id, const std::string& text = "the learner is gone") {
    return {id, "gold", text, "2026-11-24T12:00:00.000Z"};
}

}  // namespace

TEST_CASE("the program is given the alarm twice: as JSON and by name", "[alarms]") {
    Operator person(
        "cat > input\nprintf '%s|' \"$CUPEL_ALARM_ID\" \"$CUPEL_ALARM_CAMPAIGN\" "
        "\"$CUPEL_ALARM_TEXT\" \"$CUPEL_ALARM_TIME\" > names\n");
    AlarmCommand command(person.program, kTimeout, person.log());
    command.raise(alarm("A1", "\"quoted\"\nand $(broken)"));
    CHECK(person.expect("was run") == "alarms.command was run alarm=A1");
    const auto json = nlohmann::json::parse(person.file("input"));
    CHECK(json == nlohmann::json{{"alarm", "A1"},
                                 {"campaign", "gold"},
                                 {"text", "\"quoted\"\nand $(broken)"},
                                 {"time", "2026-11-24T12:00:00.000Z"}});
    CHECK(person.file("names") == "A1|gold|\"quoted\" and $(broken)|2026-11-24T12:00:00.000Z|");
}

TEST_CASE("a program that fails is a line of the log, and the next alarm is told", "[alarms]") {
    Operator person("[ \"$CUPEL_ALARM_ID\" = A2 ] || { echo no route to host >&2; exit 3; }\n");
    AlarmCommand command(person.program, kTimeout, person.log());
    command.raise(alarm("A1"));
    command.raise(alarm("A2"));
    CHECK(person.expect("exit status 3") ==
          "alarms.command ended with exit status 3; it said: no route to host  alarm=A1");
    person.expect("was run alarm=A2");
}

TEST_CASE("a program that hangs is ended, and the next alarm is told", "[alarms]") {
    Operator person("[ \"$CUPEL_ALARM_ID\" = A2 ] || exec sleep 600\n");
    AlarmCommand command(person.program, std::chrono::milliseconds(300), person.log());
    command.raise(alarm("A1"));
    command.raise(alarm("A2"));
    person.expect("took longer than alarms.timeout_s and was ended alarm=A1");
    person.expect("was run alarm=A2");
}

TEST_CASE("a program that is not there is named", "[alarms]") {
    Operator person("");
    AlarmCommand command((person.dir / "nothing").string(), kTimeout, person.log());
    command.raise(alarm("A1"));
    CHECK(person.expect("there is no program").find("alarms.command: ") == 0);
}

TEST_CASE("a flood of alarms is bounded, the oldest are left out and named", "[alarms]") {
    Operator person("echo > started\nread forever < never\n");
    ::mkfifo((person.dir / "started").c_str(), 0600);
    ::mkfifo((person.dir / "never").c_str(), 0600);
    {
        AlarmCommand command(person.program, std::chrono::minutes(10), person.log());
        command.raise(alarm("first"));
        std::ifstream(person.dir / "started").get();  // it runs, the queue is empty
        for (std::size_t n = 0; n < AlarmCommand::kQueue + 2; ++n) {
            command.raise(alarm("A" + std::to_string(n)));
        }
    }  // ends at once although a program runs
    CHECK(person.lines_with("was not run for an alarm") == 2);
    CHECK(person.lines_with("alarm=A0") == 1);
    CHECK(person.lines_with("alarm=A1") == 1);
}
