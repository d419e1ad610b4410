// The thread that owns the child and everything that is said to it.
#include "learner_process.hpp"

#include <algorithm>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

#include <nlohmann/json.hpp>

#include <cupel/domain/error.hpp>

#include "../bus/log.hpp"
#include "../supervision/backoff.hpp"
#include "../supervision/wake.hpp"
#include "answer_gate.hpp"
#include "learner_calls.hpp"
#include "learner_child.hpp"
#include "learner_messages.hpp"

namespace cupel::controller {
namespace {

using Json = nlohmann::json;
using SteadyClock = std::chrono::steady_clock;

constexpr int kStraysLogged = 10;

void carry(LearnerCall& call, const std::vector<LearnerLabel>& labels) {
    call.labels = labels_json(labels);
    call.request["labels"] = *call.labels;
}

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
             std::function<void(LearnerCall&)> fill) {
        LearnerCall call;
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
            if (!child.runs() && is_wanted() && SteadyClock::now() >= backoff.next()) {
                start();
            }
            if (child.runs() && calls.current() == nullptr) {
                say_what_is_due();
            }
            calls.refuse_late_questions(SteadyClock::now());
            if (child.runs()) {
                listen();
            } else {
                wake.wait(is_wanted() ? backoff.next()
                                      : SteadyClock::now() + std::chrono::minutes(1));
            }
        }
        child.stop(wake);
    }

    /// From the loss of a child to the first answer of another.
    bool is_incident() const { return backoff.failures() > 0; }
    bool is_wanted() const { return is_incident() || calls.waiting() > 0; }

    /// False when it is time to end.
    bool take_inbox() {
        std::vector<std::pair<LearnerCall, std::function<void(LearnerCall&)>>> fresh;
        {
            const std::lock_guard lock(mutex);
            if (stopping) {
                return false;
            }
            fresh.swap(inbox);
        }
        for (auto& [call, fill] : fresh) {
            if (call.is_question() && is_incident() && !child.runs()) {
                call.refuse(kLearnerAway);
                continue;
            }
            try {
                fill(call);
            } catch (const std::exception& error) {
                call.refuse("this cannot be put to the learner: " + std::string(error.what()));
                continue;
            }
            calls.add(std::move(call));
        }
        note([](LearnerStatus&) {});  // how many wait
        return true;
    }

    void start() {
        calls.begin_with_new_child(is_incident());
        try {
            child.start();
        } catch (const Error& error) {
            lost(error.what());
        }
    }

    void say_what_is_due() {
        const LearnerCall* const due = calls.next();
        if (due == nullptr) {
            if (is_incident()) {
                recovered();
            }
            return;
        }
        note([&](LearnerStatus& now) {
            now.state = "busy";
            now.doing = due->verb;
        });
        child.send(due->request);
        sent = last_heard = SteadyClock::now();
    }

    void listen() {
        const auto now = SteadyClock::now();
        const auto silent = calls.current() != nullptr ? last_heard + options.silence
                                                       : now + std::chrono::minutes(1);
        const auto reason = child.listen(std::min(silent, calls.first_late_question(now)),
                                         wake,
                                         [this](const std::string& line) { understand(line); });
        if (reason) {
            lost(*reason);
        } else if (calls.current() != nullptr &&
                   SteadyClock::now() >= last_heard + options.silence) {
            lost("said nothing for " +
                 std::to_string(std::chrono::ceil<std::chrono::seconds>(options.silence).count()) +
                 " s during " + calls.current()->verb);
        }
    }

    void understand(const std::string& line) {
        if (line.find_first_not_of(" \t\r") == std::string::npos) {
            return;
        }
        const Json json = read_line(line);
        if (json.is_object() && json.contains("progress")) {
            last_heard = SteadyClock::now();
            const Json& progress = json["progress"];
            const Json& told =
                progress.is_object() && progress.contains("text") ? progress["text"] : progress;
            log.debug("[cupel-learner] " + shortened(told.dump()));
        } else if (calls.is_answer(json)) {
            answered(json);
        } else if (++strays <= kStraysLogged || strays % 1000 == 0) {
            log.warning("cupel-learner wrote a line that is no answer (number " +
                        std::to_string(strays) + "): " + shortened(line));
        }
    }

    void answered(const Json& answer) {
        const bool trained = calls.current()->verb == "train";
        const std::chrono::duration<double> took = SteadyClock::now() - sent;
        note([&](LearnerStatus& now) {
            now.state = "ready";
            now.doing.clear();
            now.trainings += trained ? 1 : 0;
            now.training_s += trained ? took.count() : 0.0;
        });
        if (calls.take_answer(answer) && is_incident()) {
            recovered();
        }
    }

    /// The child is over, or is to be.
    void lost(const std::string& reason) {
        child.give_up();
        calls.child_lost(reason);
        note([&](LearnerStatus& now) {
            now.state = "away";
            now.doing.clear();
            now.problem = reason;
            ++now.restarts;
        });
        const bool is_first = !is_incident();
        const auto pause = backoff.fail(SteadyClock::now());
        log.warning("cupel-learner " + reason + "; started again in " +
                    std::to_string(pause.count()) + " ms");
        if (is_first) {
            alarm = "the learner " + reason + "; it is started again, calls wait";
            gate.alarm("", alarm);
        }
    }

    void recovered() {
        const int restarts = backoff.failures();
        const std::string line = "the learner answers again after " + std::to_string(restarts) +
                                 (restarts == 1 ? " restart" : " restarts");
        backoff.succeed();
        note([](LearnerStatus& now) { now.problem.clear(); });
        log.info(line);
        gate.close_alarm("", alarm, line);
    }

    template <typename Change>
    void note(const Change& change) {
        const std::lock_guard lock(mutex);
        change(account);
        account.waiting = calls.waiting();
    }

    const LearnerProcessOptions options;
    const Log log;
    AnswerGate gate;
    Wake wake;
    std::mutex mutex;  ///< inbox, stopping, thread, account
    LearnerStatus account;
    std::vector<std::pair<LearnerCall, std::function<void(LearnerCall&)>>> inbox;
    bool stopping = false;

    // Owned by the thread from here on.
    LearnerChild child{options, log};
    LearnerCalls calls{{options.attempts, options.why_patience},
                       [this](const std::string& campaign, const std::string& text) {
                           gate.alarm(campaign, text);
                       }};
    std::int64_t strays = 0;
    SteadyClock::time_point sent, last_heard;
    Backoff backoff{options.first_pause, options.longest_pause};
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
    auto fill = [&options = impl_->options, task](LearnerCall& call) {
        call.request.update(open_json(task));
        call.request["models"] = options.models.string();
        call.request["device"] = options.device;
        if (options.epochs > 0) {
            call.request["epochs"] = options.epochs;
        }
    };
    impl_->ask<OpenedModel>("open", task.campaign, done, read_opened, std::move(fill));
}

void LearnerProcess::observe(const std::string& campaign,
                             std::vector<LearnerLabel> labels,
                             Done<OpenedModel> done) {
    auto fill = [labels = std::move(labels)](LearnerCall& call) { carry(call, labels); };
    impl_->ask<OpenedModel>("observe", campaign, done, read_opened, std::move(fill));
}

void LearnerProcess::train(const std::string& campaign,
                           bool full,
                           std::vector<LearnerLabel> labels,
                           Done<TrainedModel> done) {
    auto fill = [full, labels = std::move(labels)](LearnerCall& call) {
        carry(call, labels);
        call.request["kind"] = full ? "full" : "warm";
    };
    impl_->ask<TrainedModel>("train", campaign, done, read_trained, std::move(fill));
}

void LearnerProcess::roll_back(const std::string& campaign,
                               const std::string& model,
                               std::vector<LearnerLabel> labels,
                               Done<OpenedModel> done) {
    auto fill = [model, labels = std::move(labels)](LearnerCall& call) {
        carry(call, labels);
        call.request["model"] = model;
    };
    impl_->ask<OpenedModel>("rollback", campaign, done, read_opened, std::move(fill));
}

void LearnerProcess::forget(const std::string& campaign, std::vector<std::string> models) {
    const auto read = [](const Json&) { return std::string(); };
    const Done<std::string> nobody_waits = [](Answer<std::string>) {};
    auto fill = [models = std::move(models)](LearnerCall& call) {
        call.request["models"] = models;
    };
    impl_->ask<std::string>("forget", campaign, nobody_waits, read, std::move(fill));
}

void LearnerProcess::suggest(SuggestRequest request, Done<Suggestion> done) {
    const std::string campaign = request.campaign;
    auto fill = [request = std::move(request)](LearnerCall& call) {
        call.labels = labels_json(request.labels);
        call.request.update(suggest_json(request));
    };
    impl_->ask<Suggestion>("suggest", campaign, done, read_suggestion, std::move(fill));
}

void LearnerProcess::why(const std::string& campaign,
                         const Candidate& candidate,
                         const std::string& acquisition_input,
                         Done<std::string> done) {
    const auto read = [](const Json& ok) {
        return ok.dump(-1, ' ', false, Json::error_handler_t::replace);
    };
    auto fill = [candidate, acquisition_input](LearnerCall& call) {
        call.request.update(why_json(candidate, acquisition_input));
    };
    impl_->ask<std::string>("why", campaign, done, read, std::move(fill));
}

void LearnerProcess::stop() {
    impl_->stop();
}

}  // namespace cupel::controller
