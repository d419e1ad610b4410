// Pipes cut into lines, and an end in three steps.
#include "learner_child.hpp"

#include <algorithm>
#include <csignal>
#include <cstddef>
#include <filesystem>

namespace cupel::controller {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kLongestLine = 64u << 20;
constexpr std::size_t kLongestLogged = 2000;  ///< bytes of a line of its standard error

}  // namespace

std::string shortened(const std::string& text, std::size_t longest) {
    return text.size() <= longest ? text : text.substr(0, longest) + " ...";
}

LearnerChild::LearnerChild(const LearnerProcessOptions& options, const Log& log)
    : options_(options), log_(log), output_(kLongestLine), errors_(kLongestLine) {}

void LearnerChild::start() {
    std::error_code reported_by_the_learner;
    std::filesystem::create_directories(options_.models, reported_by_the_learner);
    ChildOptions how;
    how.arguments = {options_.program, "serve"};
    how.arguments.insert(how.arguments.end(), options_.extra.begin(), options_.extra.end());
    how.address_space = options_.memory;
    output_ = LineBuffer(kLongestLine);
    errors_ = LineBuffer(kLongestLine);
    last_error_.clear();
    child_.emplace(how);
    log_.info("cupel-learner started, process " + std::to_string(child_->pid()));
}

void LearnerChild::send(const nlohmann::json& request) {
    child_->send(request.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

std::optional<std::string> LearnerChild::listen(
    TimePoint deadline, Wake& wake, const std::function<void(const std::string&)>& hear) {
    const ChildNews news = child_->wait(std::min(deadline, gate_.next().value_or(deadline)), wake);
    errors_.add(news.errors);
    output_.add(news.output);
    say_lines();
    std::string line;
    while (output_.next(line)) {
        hear(line);
    }
    if (news.end) {
        say(errors_.rest());
        say_left_out(gate_.rest());
        return "ended with " + news.end->words() +
               (last_error_.empty() ? "" : "; it said: " + shortened(last_error_));
    }
    if (output_.overfull() || errors_.overfull()) {
        return "wrote a line of more than " + std::to_string(kLongestLine >> 20) + " MiB";
    }
    return std::nullopt;
}

void LearnerChild::say_lines() {
    std::string line;
    while (errors_.next(line)) {
        say(line);
    }
    say_left_out(gate_.due(SteadyClock::now()));
}

void LearnerChild::say_left_out(std::optional<std::int64_t> lines) {
    if (lines) {
        log_.warning("cupel-learner wrote " + std::to_string(*lines) +
                     " more lines to its standard error, too many to log");
    }
}

void LearnerChild::say(const std::string& line) {
    if (!line.empty()) {
        last_error_ = shortened(line, kLongestLogged);
        if (gate_.pass(SteadyClock::now())) {
            log_.info("[cupel-learner] " + last_error_);
        }
    }
}

void LearnerChild::stop(Wake& wake) {
    if (!child_) {
        return;
    }
    child_->close_input();
    if (!ends_within(options_.stop_patience, wake)) {
        child_->signal(SIGTERM);
        if (!ends_within(options_.stop_patience, wake)) {
            child_->signal(SIGKILL);
            ends_within(options_.stop_patience, wake);
        }
    }
    child_.reset();
    say_left_out(gate_.rest());
}

bool LearnerChild::ends_within(std::chrono::milliseconds patience, Wake& wake) {
    const auto deadline = SteadyClock::now() + patience;
    do {
        const ChildNews news = child_->wait(deadline, wake);
        errors_.add(news.errors);
        say_lines();
        if (news.end) {
            return true;
        }
    } while (SteadyClock::now() < deadline);
    return false;
}

}  // namespace cupel::controller
