// The thread that owns the child and everything that is said to it.
#include "learner_process.hpp"

#include <algorithm>
#include <csignal>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include <nlohmann/json.hpp>

#include <cupel/codec/candidate_codec.hpp>
#include <cupel/domain/error.hpp>

#include "../bus/log.hpp"
#include "../supervision/child.hpp"
#include "../supervision/wake.hpp"
#include "answer_gate.hpp"
#include "learner_messages.hpp"

namespace cupel::controller {
namespace {

using Json = nlohmann::json;
using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kLongestLine = 64u << 20;
constexpr std::size_t kLongestComplaint = 200;  ///< characters of a foreign line in the log
constexpr int kStraysLogged = 10;
constexpr const char* kAway = "the learner is away and comes back by itself";
constexpr const char* kBusy = "the learner is busy training";
constexpr const char* kSlow = "the learner is busy and did not answer in time";
constexpr const char* kOpening =
    "the learner is still opening the campaign; ask once more in a while";

std::string shortened(const std::string& text) {
    return text.size() <= kLongestComplaint ? text : text.substr(0, kLongestComplaint) + " ...";
}

/// Something asked for and not answered yet.
struct Call {
    std::string verb, campaign;
    Json request;
    std::optional<Json> labels;                      ///< all labels, where the call carries them
    std::function<void(const Json& ok)> done;        ///< may throw: the answer does not hold
    std::function<void(const std::string&)> refuse;  ///< empty: a call of our own
    int deaths = 0;                                  ///< children that ended before its answer
    SteadyClock::time_point asked = SteadyClock::now();
    bool late = false;  ///< a question that was refused while its answer was under way
    bool own() const { return !refuse; }
};

/// A campaign that was opened, with all that is needed to open it again.
struct Session {
    Json open;
    Json labels = Json::array();      ///< the newest
    Json told = Json::array();        ///< what this child knows
    bool open_here = false;           ///< in this child
    int deaths = 0;                   ///< children that ended while it was opened again
    std::set<std::string> set_aside;  ///< labels that cannot be learnt and were spoken of
};

}  // namespace

struct LearnerProcess::Impl {
    Impl(LearnerProcessOptions given, LogSink sink)
        : options(std::move(given)), log(std::move(sink)) {}

    // Any thread. `fill` completes the request on the thread of ours.
    template <typename T>
    void ask(const std::string& verb,
             const std::string& campaign,
             const Done<T>& done,
             std::function<T(const Json&)> read,
             std::function<void(Call&)> fill) {
        Call call;
        call.verb = verb;
        call.campaign = campaign;
        call.request = {{"do", verb}, {"campaign", campaign}};
        call.done = [this, done, read = std::move(read)](const Json& ok) {
            gate.answer<T>(done, read(ok));
        };
        call.refuse = [this, done](const std::string& why) { gate.refuse<T>(done, why); };
        const std::lock_guard lock(mutex);
        if (stopping) {
            return;
        }
        inbox.emplace_back(std::move(call), std::move(fill));
        if (!thread.joinable()) {
            thread = std::thread([this] { run(); });
        }
        wake.notify();
    }
    void stop() {
        gate.close();
        {
            const std::lock_guard lock(mutex);
            stopping = true;
            wake.notify();
        }
        if (thread.joinable()) {
            thread.join();
        }
    }
    // The thread.
    void run() {
        while (take_inbox()) {
            const auto now = SteadyClock::now();
            if (!child && (incident || !queue.empty()) && now >= next_start) {
                start();
            }
            if (child && !current) {
                next();
            }
            refuse_late_questions();
            if (child) {
                listen();
            } else {
                const bool restarts = incident || !queue.empty();
                wake.wait(restarts ? next_start : now + std::chrono::minutes(1));
            }
        }
        shut_down();
    }

    /// False when it is time to end.
    bool take_inbox() {
        std::vector<std::pair<Call, std::function<void(Call&)>>> fresh;
        {
            const std::lock_guard lock(mutex);
            if (stopping) {
                return false;
            }
            fresh.swap(inbox);
        }
        for (auto& [call, fill] : fresh) {
            const bool question = call.verb == "why";
            if (question && incident && !child) {
                call.refuse(kAway);
                continue;
            }
            if (question && current && current->verb == "train") {
                call.refuse(kBusy);
                continue;
            }
            try {
                fill(call);
                if (question) {
                    ask_soon(std::move(call));
                } else {
                    queue.push_back(std::move(call));
                }
            } catch (const std::exception& error) {
                call.refuse("this cannot be put to the learner: " + std::string(error.what()));
            }
        }
        note([](LearnerStatus&) {});  // how many wait
        return true;
    }

    /// A question goes before what takes long, but not before the opening of its own campaign.
    void ask_soon(Call question) {
        auto place = queue.begin();
        for (auto at = queue.begin(); at != queue.end(); ++at) {
            if (at->campaign == question.campaign && at->verb == "open") {
                place = at + 1;
            }
        }
        queue.insert(place, std::move(question));
    }

    bool is_opening(const std::string& campaign) const {
        const auto opens = [&](const Call& call) {
            return call.verb == "open" && call.campaign == campaign;
        };
        return (current && opens(*current)) || std::any_of(queue.begin(), queue.end(), opens);
    }

    void refuse_late_questions() {
        const auto late = [&](const Call& call) {
            return call.verb == "why" && !call.late &&
                   SteadyClock::now() >= call.asked + options.why_patience;
        };
        for (auto at = queue.begin(); at != queue.end();) {
            if (late(*at)) {
                at->refuse(is_opening(at->campaign) ? kOpening : kSlow);
                at = queue.erase(at);
            } else {
                ++at;
            }
        }
        if (current && late(*current)) {
            // Its answer is still to come and means nothing any more.
            current->refuse(kSlow);
            current->late = true;
            current->refuse = [](const std::string&) {};
            current->done = [](const Json&) {};
        }
    }
    /// When the first question becomes too late.
    SteadyClock::time_point first_late_question() const {
        auto first = SteadyClock::now() + std::chrono::minutes(1);
        for (const auto& call : queue) {
            if (call.verb == "why") {
                first = std::min(first, call.asked + options.why_patience);
            }
        }
        if (current && current->verb == "why" && !current->late) {
            first = std::min(first, current->asked + options.why_patience);
        }
        return first;
    }

    void start() {
        std::error_code reported_by_the_learner;
        std::filesystem::create_directories(options.models, reported_by_the_learner);
        ChildOptions how;
        how.arguments = {options.program, "serve"};
        how.arguments.insert(how.arguments.end(), options.extra.begin(), options.extra.end());
        how.address_space = options.memory;
        output = LineBuffer(kLongestLine);
        errors = LineBuffer(kLongestLine);
        last_error.clear();
        pinged = !incident;
        replays.clear();
        for (auto& [name, session] : sessions) {
            session.open_here = false;
            session.told = Json::array();
            if (session.deaths < options.attempts) {
                replays.push_back(name);
            }
        }
        try {
            child.emplace(how);
            log.info("cupel-learner started, process " + std::to_string(child->pid()));
        } catch (const Error& error) {
            lost(error.what());
        }
    }

    /// Sends what is due: our own calls that bring the child up to date, then the first in line.
    void next() {
        if (!pinged) {
            pinged = true;
            send(own_call("ping", ""));
            return;
        }
        while (!replays.empty() && !current) {
            const std::string name = replays.front();
            if (!bring_up_to_date(name)) {
                replays.pop_front();
            }
        }
        while (!queue.empty() && !current) {
            Call& first = queue.front();
            if (first.verb != "open") {
                const auto found = sessions.find(first.campaign);
                if (found == sessions.end()) {
                    first.refuse("campaign '" + first.campaign + "' is not open");
                    queue.pop_front();
                    continue;
                }
                if (first.labels) {
                    found->second.labels = *first.labels;
                }
                const bool carries_them = first.verb == "observe" || first.verb == "train" ||
                                          first.verb == "rollback" || first.verb == "forget";
                if (carries_them ? open_again(first.campaign) : bring_up_to_date(first.campaign)) {
                    return;
                }
            }
            Call due = std::move(first);
            queue.pop_front();
            send(std::move(due));
        }
        if (!current && incident) {
            recovered();
        }
    }

    /// True when a call of our own had to be sent first.
    bool open_again(const std::string& name) {
        Session& session = sessions.at(name);
        if (session.open_here) {
            return false;
        }
        Call own = own_call("open", name);
        own.request = session.open;
        send(std::move(own));
        return true;
    }
    bool bring_up_to_date(const std::string& name) {
        if (sessions.count(name) == 0) {
            return false;
        }
        if (open_again(name)) {
            return true;
        }
        Session& session = sessions.at(name);
        if (session.told == session.labels) {
            return false;
        }
        Call own = own_call("observe", name);
        own.labels = session.labels;
        own.request["labels"] = session.labels;
        send(std::move(own));
        return true;
    }
    static Call own_call(const std::string& verb, const std::string& campaign) {
        Call own;
        own.verb = verb;
        own.campaign = campaign;
        own.request = {{"do", verb}, {"campaign", campaign}};
        own.done = [](const Json&) {};
        return own;
    }

    void send(Call due) {
        due.request["id"] = ++last_id;
        note([&](LearnerStatus& now) {
            now.state = "busy";
            now.doing = due.verb;
        });
        child->send(due.request.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
        current = std::move(due);
        sent = last_heard = SteadyClock::now();
    }

    void listen() {
        const auto silent =
            current ? last_heard + options.silence : SteadyClock::now() + std::chrono::minutes(1);
        const auto deadline = std::min(silent, first_late_question());
        const ChildNews news = child->wait(deadline, wake);
        errors.add(news.errors);
        output.add(news.output);
        std::string line;
        while (errors.next(line)) {
            complain(line);
        }
        while (output.next(line)) {
            understand(line);
        }
        if (news.end) {
            complain(errors.rest());
            lost("ended with " + news.end->words() +
                 (last_error.empty() ? "" : "; it said: " + shortened(last_error)));
        } else if (output.overfull() || errors.overfull()) {
            lost("wrote a line of more than " + std::to_string(kLongestLine >> 20) + " MiB");
        } else if (current && SteadyClock::now() >= last_heard + options.silence) {
            lost("said nothing for " +
                 std::to_string(std::chrono::ceil<std::chrono::seconds>(options.silence).count()) +
                 " s during " + current->verb);
        }
    }

    void complain(const std::string& line) {
        if (!line.empty()) {
            last_error = line;
            log.info("[cupel-learner] " + line);
        }
    }

    void understand(const std::string& line) {
        if (line.find_first_not_of(" \t\r") == std::string::npos) {
            return;
        }
        const Json json = Json::parse(line, nullptr, false);
        if (json.is_object() && json.contains("progress")) {
            last_heard = SteadyClock::now();
            const Json& progress = json["progress"];
            log.debug("[cupel-learner] " + (progress.is_object() && progress.contains("text")
                                                ? progress["text"].dump()
                                                : progress.dump()));
            return;
        }
        const bool reply = json.is_object() && (json.contains("ok") || json.contains("error"));
        const Json id = reply && json.contains("id") ? json["id"] : Json();
        // A request that it could not read is answered without an id; there is only one out.
        const bool ours = reply && current && (id == current->request["id"] || id.is_null());
        if (ours) {
            answered(json);
        } else if (++strays <= kStraysLogged || strays % 1000 == 0) {
            log.warning("cupel-learner wrote a line that is no answer (number " +
                        std::to_string(strays) + "): " + shortened(line));
        }
    }

    void answered(const Json& reply) {
        Call call = std::move(*current);
        current.reset();
        const std::chrono::duration<double> took = SteadyClock::now() - sent;
        note([&](LearnerStatus& now) {
            now.state = "ready";
            now.doing.clear();
            now.trainings += call.verb == "train" ? 1 : 0;
            now.training_s += call.verb == "train" ? took.count() : 0.0;
        });
        std::string problem;
        if (reply.contains("error")) {
            const Json& error = reply["error"];
            problem = error.is_object() && error.contains("text") && error["text"].is_string()
                          ? error["text"].get<std::string>()
                          : error.dump();
        } else {
            try {
                remember(call, reply["ok"]);
                speak_of_labels_set_aside(call.campaign, reply["ok"]);
                call.done(reply["ok"]);
            } catch (const std::exception& failure) {
                problem = "the answer of cupel-learner to " + call.verb +
                          " does not hold: " + failure.what();
            }
        }
        if (problem.empty()) {
            if (!call.own() && incident) {
                recovered();
            }
            return;
        }
        if (!call.own()) {
            call.refuse(problem);
        } else {
            own_call_failed(call, problem);
        }
    }

    /// What the child knows after it did as it was told.
    void remember(const Call& call, const Json& ok) {
        if (call.verb == "open") {
            Session& session = sessions[call.campaign];
            session.deaths = 0;
            session.open_here = true;
            session.told = Json::array();
            if (!call.own()) {
                session.open = call.request;
                session.labels = Json::array();
            }
        } else if (call.labels && sessions.count(call.campaign) != 0) {
            Session& session = sessions.at(call.campaign);
            if (call.verb != "suggest") {
                session.told = *call.labels;
            }
            if ((call.verb == "train" && ok.at("promoted").get<bool>()) ||
                call.verb == "rollback") {
                session.open["model"] = ok.at("model");  // a fresh child goes on from there
            }
        }
    }

    /// Once for each label that the learner could not read.
    void speak_of_labels_set_aside(const std::string& campaign, const Json& ok) {
        const auto session = sessions.find(campaign);
        if (session == sessions.end() || !ok.is_object() || !ok.contains("set_aside")) {
            return;
        }
        for (const auto& problem : ok.at("set_aside").get<std::vector<std::string>>()) {
            if (session->second.set_aside.insert(problem).second) {
                gate.alarm(campaign, "a result teaches the model nothing: " + problem);
            }
        }
    }

    void own_call_failed(const Call& call, const std::string& problem) {
        const std::string text = "the learner cannot take up the campaign again: " + problem;
        if (!replays.empty() && replays.front() == call.campaign) {
            replays.pop_front();
        }
        if (!queue.empty() && queue.front().campaign == call.campaign &&
            queue.front().verb != "open") {
            Call waiting = std::move(queue.front());
            queue.pop_front();
            waiting.refuse(text);
        } else {
            gate.alarm(call.campaign, text);
        }
    }

    /// The child is over, or is to be.
    void lost(const std::string& reason) {
        child.reset();
        if (!current || current->verb == "ping") {
            // It died of nothing in particular: whoever waits has waited once more.
            for (auto& call : queue) {
                ++call.deaths;
            }
        } else if (!current->own()) {
            ++current->deaths;
            queue.push_front(std::move(*current));
        } else if (replays.empty() && !queue.empty()) {
            ++queue.front().deaths;  // it was opened for that one
        } else if (sessions.count(current->campaign) != 0) {
            ++sessions.at(current->campaign).deaths;
        }
        current.reset();
        std::deque<Call> kept;
        for (auto& call : queue) {
            if (call.deaths >= options.attempts) {
                call.refuse("the learner " + reason + " (" + std::to_string(call.deaths) +
                            " times during this)");
            } else if (call.verb == "why") {
                call.refuse(kAway);
            } else {
                kept.push_back(std::move(call));
            }
        }
        queue = std::move(kept);
        note([&](LearnerStatus& now) {
            now.state = "away";
            now.doing.clear();
            now.problem = reason;
            ++now.restarts;
        });
        const int doublings = std::min(failures, 20);
        const auto pause = std::min(options.longest_pause, options.first_pause * (1 << doublings));
        ++failures;
        next_start = SteadyClock::now() + pause;
        const std::string line = "cupel-learner " + reason + "; started again in " +
                                 std::to_string(pause.count()) + " ms";
        log.warning(line);
        if (!std::exchange(incident, true)) {
            alarm = "the learner " + reason + "; it is started again, calls wait";
            gate.alarm("", alarm);
        }
    }

    void recovered() {
        incident = false;
        const std::string line = "the learner answers again after " + std::to_string(failures) +
                                 (failures == 1 ? " restart" : " restarts");
        failures = 0;
        note([](LearnerStatus& now) { now.problem.clear(); });
        log.info(line);
        gate.close_alarm("", alarm, line);
    }

    void shut_down() {
        if (!child) {
            return;
        }
        child->close_input();
        if (!ends_within(options.stop_patience)) {
            child->signal(SIGTERM);
            if (!ends_within(options.stop_patience)) {
                child->signal(SIGKILL);
                ends_within(options.stop_patience);
            }
        }
        child.reset();
    }
    bool ends_within(std::chrono::milliseconds patience) {
        const auto deadline = SteadyClock::now() + patience;
        do {
            const ChildNews news = child->wait(deadline, wake);
            errors.add(news.errors);
            std::string line;
            while (errors.next(line)) {
                complain(line);
            }
            if (news.end) {
                return true;
            }
        } while (SteadyClock::now() < deadline);
        return false;
    }

    template <typename Change>
    void note(const Change& change) {
        const std::lock_guard lock(mutex);
        change(account);
        account.waiting = static_cast<int>(queue.size());
    }

    const LearnerProcessOptions options;
    const Log log;
    AnswerGate gate;
    Wake wake;
    std::mutex mutex;  ///< inbox, stopping, thread, account
    LearnerStatus account;
    std::vector<std::pair<Call, std::function<void(Call&)>>> inbox;
    bool stopping = false;

    // Owned by the thread from here on.
    std::optional<Child> child;
    std::deque<Call> queue;
    std::optional<Call> current;
    std::map<std::string, Session> sessions;
    std::deque<std::string> replays;  ///< campaigns to open again in a fresh child
    LineBuffer output{kLongestLine}, errors{kLongestLine};
    std::string last_error;
    std::int64_t last_id = 0;
    std::int64_t strays = 0;
    SteadyClock::time_point sent, last_heard, next_start;
    bool incident = false;
    bool pinged = true;
    int failures = 0;
    std::string alarm;  ///< text of the one that is open during an incident

    std::thread thread;
};

LearnerProcess::LearnerProcess(LearnerProcessOptions options, LogSink log)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(log))) {}

LearnerStatus LearnerProcess::status() const {
    const std::lock_guard lock(impl_->mutex);
    LearnerStatus now = impl_->account;
    now.waiting += static_cast<int>(impl_->inbox.size());
    return now;
}

LearnerProcess::~LearnerProcess() {
    stop();
}

void LearnerProcess::attach(Post post, AlarmSink alarm) {
    impl_->gate.attach(std::move(post), std::move(alarm));
}

void LearnerProcess::attach_closer(AlarmCloser closer) {
    impl_->gate.attach_closer(std::move(closer));
}

void LearnerProcess::open(const LearningTask& task, Done<OpenedModel> done) {
    impl_->ask<OpenedModel>(
        "open", task.campaign, done, read_opened, [impl = impl_.get(), task](Call& call) {
            call.request["pool"] = task.pool;
            call.request["data"] = task.data;
            call.request["models"] = impl->options.models.string();
            call.request["policy"] = task.policy;
            call.request["seed"] = task.seed;
            call.request["model"] = task.model;
            call.request["cost_exponent"] = task.cost_exponent;
            call.request["work_cost"] = task.work_cost;
            call.request["stock"] = task.stock;
            call.request["avoid_hazards"] = task.avoid_hazards;
            call.request["device"] = impl->options.device;
            if (impl->options.epochs > 0) {
                call.request["epochs"] = impl->options.epochs;
            }
        });
}

void LearnerProcess::observe(const std::string& campaign,
                             std::vector<LearnerLabel> labels,
                             Done<OpenedModel> done) {
    impl_->ask<OpenedModel>(
        "observe", campaign, done, read_opened, [labels = std::move(labels)](Call& call) {
            call.labels = labels_json(labels);
            call.request["labels"] = *call.labels;
        });
}

void LearnerProcess::train(const std::string& campaign,
                           bool full,
                           std::vector<LearnerLabel> labels,
                           Done<TrainedModel> done) {
    impl_->ask<TrainedModel>(
        "train", campaign, done, read_trained, [full, labels = std::move(labels)](Call& call) {
            call.labels = labels_json(labels);
            call.request["labels"] = *call.labels;
            call.request["kind"] = full ? "full" : "warm";
        });
}

void LearnerProcess::roll_back(const std::string& campaign,
                               const std::string& model,
                               std::vector<LearnerLabel> labels,
                               Done<OpenedModel> done) {
    impl_->ask<OpenedModel>(
        "rollback", campaign, done, read_opened, [model, labels = std::move(labels)](Call& call) {
            call.labels = labels_json(labels);
            call.request["labels"] = *call.labels;
            call.request["model"] = model;
        });
}

void LearnerProcess::forget(const std::string& campaign, std::vector<std::string> models) {
    const auto read = [](const Json&) { return std::string(); };
    const Done<std::string> nobody_waits = [](Answer<std::string>) {};
    impl_->ask<std::string>(
        "forget", campaign, nobody_waits, read, [models = std::move(models)](Call& call) {
            call.request["models"] = models;
        });
}

void LearnerProcess::suggest(SuggestRequest request, Done<Suggestion> done) {
    const std::string campaign = request.campaign;
    impl_->ask<Suggestion>(
        "suggest", campaign, done, read_suggestion, [request = std::move(request)](Call& call) {
            call.labels = labels_json(request.labels);
            call.request["count"] = request.count;
            call.request["seed"] = request.seed;
            call.request["pending"] = request.pending;
            call.request["excluded"] = request.excluded;
        });
}

void LearnerProcess::why(const std::string& campaign,
                         const Candidate& candidate,
                         const std::string& acquisition_input,
                         Done<std::string> done) {
    const auto read = [](const Json& ok) {
        return ok.dump(-1, ' ', false, Json::error_handler_t::replace);
    };
    impl_->ask<std::string>(
        "why", campaign, done, read, [candidate, acquisition_input](Call& call) {
            call.request["candidate"] = Json::parse(codec::encode(candidate));
            call.request["acquisition_input"] =
                acquisition_input.empty() ? Json(nullptr) : Json(acquisition_input);
        });
}

void LearnerProcess::stop() {
    impl_->stop();
}

}  // namespace cupel::controller
