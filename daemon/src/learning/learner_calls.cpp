// A queue, the call that is out, and what every open campaign would have to be told again.
#include "learner_calls.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace cupel::controller {
namespace {

using Json = nlohmann::json;

constexpr const char* kBusy = "the learner is busy training";
constexpr const char* kSlow = "the learner is busy and did not answer in time";
constexpr const char* kOpening =
    "the learner is still opening the campaign; ask once more in a while";

LearnerCall own_call(const std::string& verb, const std::string& campaign) {
    LearnerCall own;
    own.verb = verb;
    own.campaign = campaign;
    own.request = {{"do", verb}, {"campaign", campaign}};
    own.done = [](const Json&) {};
    return own;
}

/// These bring the labels along, so that the child need not be told them before.
bool carries_labels(const std::string& verb) {
    return verb == "observe" || verb == "train" || verb == "rollback" || verb == "forget";
}

/// Empty when the answer is none of an error.
std::string error_of(const Json& answer) {
    if (!answer.contains("error")) {
        return "";
    }
    const Json& error = answer["error"];
    return error.is_object() && error.contains("text") && error["text"].is_string()
               ? error["text"].get<std::string>()
               : error.dump();
}

}  // namespace

LearnerCalls::LearnerCalls(Limits limits, Alarm alarm)
    : limits_(limits), alarm_(std::move(alarm)) {}

void LearnerCalls::add(LearnerCall call) {
    if (!call.is_question()) {
        queue_.push_back(std::move(call));
        return;
    }
    if (current_ && current_->verb == "train") {
        call.refuse(kBusy);
        return;
    }
    auto place = queue_.begin();
    for (auto at = queue_.begin(); at != queue_.end(); ++at) {
        if (at->campaign == call.campaign && at->verb == "open") {
            place = at + 1;
        }
    }
    queue_.insert(place, std::move(call));
}

bool LearnerCalls::is_opening(const std::string& campaign) const {
    const auto opens = [&](const LearnerCall& call) {
        return call.verb == "open" && call.campaign == campaign;
    };
    return (current_ && opens(*current_)) || std::any_of(queue_.begin(), queue_.end(), opens);
}

bool LearnerCalls::is_late(const LearnerCall& call, TimePoint now) const {
    return call.is_question() && !call.late && now >= call.asked + limits_.why_patience;
}

void LearnerCalls::refuse_late_questions(TimePoint now) {
    for (auto at = queue_.begin(); at != queue_.end();) {
        if (is_late(*at, now)) {
            at->refuse(is_opening(at->campaign) ? kOpening : kSlow);
            at = queue_.erase(at);
        } else {
            ++at;
        }
    }
    if (current_ && is_late(*current_, now)) {
        // Its answer is still to come and means nothing any more.
        current_->refuse(kSlow);
        current_->late = true;
        current_->refuse = [](const std::string&) {};
        current_->done = [](const Json&) {};
    }
}

LearnerCalls::TimePoint LearnerCalls::first_late_question(TimePoint now) const {
    auto first = now + std::chrono::minutes(1);
    const auto look = [&](const LearnerCall& call) {
        if (call.is_question() && !call.late) {
            first = std::min(first, call.asked + limits_.why_patience);
        }
    };
    std::for_each(queue_.begin(), queue_.end(), look);
    if (current_) {
        look(*current_);
    }
    return first;
}

void LearnerCalls::begin_with_new_child(bool ping) {
    pinged_ = !ping;
    replays_.clear();
    for (auto& [name, session] : sessions_) {
        session.open_here = false;
        session.told = Json::array();
        if (session.deaths < limits_.attempts) {
            replays_.push_back(name);
        }
    }
}

void LearnerCalls::make_current(LearnerCall call) {
    call.request["id"] = ++last_id_;
    current_ = std::move(call);
}

const LearnerCall* LearnerCalls::next() {
    if (!pinged_) {
        pinged_ = true;
        make_current(own_call("ping", ""));
    }
    while (!replays_.empty() && !current_) {
        const std::string name = replays_.front();
        if (!bring_up_to_date(name)) {
            replays_.pop_front();
        }
    }
    while (!queue_.empty() && !current_) {
        LearnerCall& first = queue_.front();
        if (first.verb != "open") {
            const auto found = sessions_.find(first.campaign);
            if (found == sessions_.end()) {
                first.refuse("campaign '" + first.campaign + "' is not open");
                queue_.pop_front();
                continue;
            }
            if (first.labels) {
                found->second.labels = *first.labels;
            }
            if (carries_labels(first.verb) ? open_again(first.campaign)
                                           : bring_up_to_date(first.campaign)) {
                break;
            }
        }
        make_current(std::move(first));
        queue_.pop_front();
    }
    return current();
}

bool LearnerCalls::open_again(const std::string& name) {
    Session& session = sessions_.at(name);
    if (session.open_here) {
        return false;
    }
    LearnerCall own = own_call("open", name);
    own.request = session.open;
    make_current(std::move(own));
    return true;
}

bool LearnerCalls::bring_up_to_date(const std::string& name) {
    if (sessions_.count(name) == 0) {
        return false;
    }
    if (open_again(name)) {
        return true;
    }
    Session& session = sessions_.at(name);
    if (session.told == session.labels) {
        return false;
    }
    LearnerCall own = own_call("observe", name);
    own.labels = session.labels;
    own.request["labels"] = session.labels;
    make_current(std::move(own));
    return true;
}

bool LearnerCalls::is_answer(const Json& line) const {
    if (!current_ || !line.is_object() || (!line.contains("ok") && !line.contains("error"))) {
        return false;
    }
    // A request that it could not read is answered without an id; there is only one out.
    const auto id = line.find("id");
    return id == line.end() || id->is_null() || *id == current_->request["id"];
}

bool LearnerCalls::take_answer(const Json& answer) {
    LearnerCall call = std::move(*current_);
    current_.reset();
    std::string problem = error_of(answer);
    if (problem.empty()) {
        try {
            remember(call, answer.at("ok"));
            speak_of_labels_set_aside(call.campaign, answer.at("ok"));
            call.done(answer.at("ok"));
            return !call.own();
        } catch (const std::exception& failure) {
            problem =
                "the answer of cupel-learner to " + call.verb + " does not hold: " + failure.what();
        }
    }
    if (call.own()) {
        own_call_failed(call, problem);
    } else {
        call.refuse(problem);
    }
    return false;
}

void LearnerCalls::remember(const LearnerCall& call, const Json& ok) {
    if (call.verb == "open") {
        Session& session = sessions_[call.campaign];
        session.deaths = 0;
        session.open_here = true;
        session.told = Json::array();
        if (!call.own()) {
            session.open = call.request;
            session.labels = Json::array();
        }
    } else if (call.labels && sessions_.count(call.campaign) != 0) {
        Session& session = sessions_.at(call.campaign);
        if (call.verb != "suggest") {
            session.told = *call.labels;
        }
        if ((call.verb == "train" && ok.at("promoted").get<bool>()) || call.verb == "rollback") {
            session.open["model"] = ok.at("model");  // a new child goes on from there
        }
    }
}

void LearnerCalls::speak_of_labels_set_aside(const std::string& campaign, const Json& ok) {
    const auto session = sessions_.find(campaign);
    if (session == sessions_.end() || !ok.is_object() || !ok.contains("set_aside")) {
        return;
    }
    for (const auto& problem : ok.at("set_aside").get<std::vector<std::string>>()) {
        if (session->second.set_aside.insert(problem).second) {
            alarm_(campaign, "a result teaches the model nothing: " + problem);
        }
    }
}

void LearnerCalls::own_call_failed(const LearnerCall& call, const std::string& problem) {
    const std::string text = "the learner cannot take up the campaign again: " + problem;
    if (!replays_.empty() && replays_.front() == call.campaign) {
        replays_.pop_front();
    }
    if (!queue_.empty() && queue_.front().campaign == call.campaign &&
        queue_.front().verb != "open") {
        LearnerCall waiting = std::move(queue_.front());
        queue_.pop_front();
        waiting.refuse(text);
    } else {
        alarm_(call.campaign, text);
    }
}

void LearnerCalls::child_lost(const std::string& reason) {
    if (!current_ || current_->verb == "ping") {
        // It died of nothing in particular: whoever waits has waited once more.
        for (auto& call : queue_) {
            ++call.deaths;
        }
    } else if (!current_->own()) {
        ++current_->deaths;
        queue_.push_front(std::move(*current_));
    } else if (replays_.empty() && !queue_.empty()) {
        ++queue_.front().deaths;  // it was opened for that one
    } else if (sessions_.count(current_->campaign) != 0) {
        ++sessions_.at(current_->campaign).deaths;
    }
    current_.reset();
    std::deque<LearnerCall> kept;
    for (auto& call : queue_) {
        if (call.deaths >= limits_.attempts) {
            call.refuse("the learner " + reason + " (" + std::to_string(call.deaths) +
                        " times during this)");
        } else if (call.is_question()) {
            call.refuse(kLearnerAway);
        } else {
            kept.push_back(std::move(call));
        }
    }
    queue_ = std::move(kept);
}

}  // namespace cupel::controller
