// Transactions and what follows them: how a change becomes durable before anyone hears of it.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <cupel/domain/error.hpp>

#include "../http/metrics.hpp"
#include "core.hpp"
#include "fault_point.hpp"

namespace cupel::controller {
namespace {

/// Work that waits for a store that another program holds; what comes then is as lost as what
/// fails.
constexpr std::size_t kMostKept = 4096;

}  // namespace

void Core::discard() {
    history_.discard();
    answered_.discard();
    deferred_.clear();
    load();
}

bool Core::transact(const std::function<void()>& work,
                    StoreFailure& failure,
                    const std::function<Announcements::Tell()>& replies) {
    const std::int64_t rows = store_.rows_written();
    std::optional<Instant> begun;  // of the commit
    const auto undo = [&] {
        if (begun) {
            announcements_.abandon();
        }
        store_.rollback();
    };
    try {
        failure.before_work = true;
        // A transaction that writes nothing costs no sync.
        store_.begin();
        failure.before_work = false;
        work();
        schedule_all();
        fault_point(FaultPoint::CommandsApplied);
        answered_.write();
        history_.write();
        begun = std::chrono::steady_clock::now();
        announcements_.expect();
        store_.commit();
    } catch (const StoreError& error) {
        failure.text = error.what();
        failure.full = error.full();
        undo();
        if (!failure.before_work) {
            discard();
        }
        const bool first = !trouble_.lasts();
        trouble_.begin(failure, time_text(), now());
        if (first && options_.trouble) {
            options_.trouble(trouble_.alarm().text);
        }
        return false;
    } catch (...) {
        undo();
        discard();
        throw;
    }
    announce(*begun, store_.rows_written() > rows, replies);
    run_deferred();
    return true;
}

void Core::announce(Instant begun,
                    bool wrote,
                    const std::function<Announcements::Tell()>& replies) noexcept {
    std::vector<Event> events = history_.take();
    if (!events.empty()) {
        end_trouble();
    }
    announcements_.put(wrote,
                       [this,
                        events = std::move(events),
                        mark = EpochFile::Mark{epoch_, history_.gseq()},
                        begun,
                        answer = replies ? replies() : Announcements::Tell()]() mutable {
                           tell(std::move(events), mark, begun);
                           if (answer) {
                               answer();
                           }
                       });
}

void Core::tell(std::vector<Event> events, const EpochFile::Mark& mark, Instant begun) {
    if (events.empty()) {
        return;
    }
    if (options_.metrics) {
        options_.metrics->committed(std::chrono::steady_clock::now() - begun, events.size());
    }
    tell_epoch_failure(epoch_file_.write(mark));
    fault_point(FaultPoint::SideFileWritten);
    if (event_sink_) {
        event_sink_(std::move(events));
    }
    fault_point(FaultPoint::EventsPublished);
}

void Core::tell_epoch_failure(int problem) {
    const bool known = problem == std::exchange(epoch_problem_, problem);
    if (known || problem == 0) {
        return;
    }
    // A full disk is told of already, and passes.
    if (problem != ENOSPC && problem != EDQUOT) {
        post_([this, problem] {
            raise_alarm("",
                        epoch_file_.path().string() +
                            ": cannot be written: " + std::strerror(problem) +
                            "; until it can, an older copy of the store is not recognised and "
                            "each start begins a new epoch; cupel doctor says what to do");
        });
    }
}

void Core::end_trouble() {
    if (!trouble_.lasts()) {
        return;
    }
    // Shown by STATUS until now; from here on it is part of the history.
    const std::string text = trouble_.account(time_text());
    trouble_.end();
    if (!probing_) {
        post_([this, text] { raise_alarm("", text); });
    }
}

void Core::probe_store() {
    if (!trouble_.time_to_probe(now())) {
        return;
    }
    const std::string text = trouble_.account(time_text());
    StoreFailure failure;
    probing_ = true;
    const auto work = [&] {
        history_.set_cause("");
        raise_alarm("", text);
        if (campaigns_.empty()) {
            store_.set_meta("probe", time_text());
        }
    };
    if (transact(work, failure)) {
        trouble_.end();
    }
    probing_ = false;
}

void Core::run_deferred() {
    const std::vector<Deferred> deferred = std::exchange(deferred_, {});
    for (const auto& later : deferred) {
        // The change is committed: whatever goes wrong here must not make it look undone.
        try {
            later();
        } catch (const std::exception& failure) {
            note_failure(failure.what());
        }
    }
}

void Core::process(std::vector<Request> requests, const More& more) {
    // The sinks stay where they are: each holds what its caller wants to know of the command.
    std::vector<std::pair<std::size_t, Reply>> replies;  // and whose they are
    const auto work = [&] {
        for (std::size_t i = 0; i < requests.size() || (more && more(requests)); ++i) {
            auto& [command, sink] = requests[i];
            bool later = false;
            Reply reply = answer(command, later, sink);
            if (!later) {
                replies.emplace_back(i, std::move(reply));
            }
        }
    };
    const auto tell = [&]() -> Announcements::Tell {
        return [requests = std::move(requests), replies = std::move(replies)]() mutable {
            for (auto& [whose, reply] : replies) {
                fault_point(FaultPoint::BeforeReply);
                requests[whose].reply(std::move(reply));
                fault_point(FaultPoint::AfterReply);
            }
        };
    };
    StoreFailure failure;
    bool done = false;
    try {
        done = transact(work, failure, tell);
    } catch (const std::exception& error) {
        failure.text = std::string("this command could not be applied: ") + error.what();
    }
    if (!done) {
        if (requests.size() > 1 && !failure.before_work) {
            // One bad command must not take its neighbours with it.
            for (auto& request : requests) {
                process({std::move(request)});
            }
            return;
        }
        for (auto& request : requests) {
            refuse_unwritten(request, failure);
        }
        return;
    }
    run_kept();
}

void Core::refuse_unwritten(Request& request, const StoreFailure& failure) {
    // Whoever asks what is wrong must get an answer most of all now.
    if (std::holds_alternative<Status>(request.command.body)) {
        try {
            bool later = false;
            // It may tell of commits that are on their way to the disk.
            Reply reply = answer(request.command, later, request.reply);
            announcements_.after_all([sink = std::move(request.reply), reply] { sink(reply); });
            return;
        } catch (const StoreError&) {
            // It cannot even be read.
        }
    }
    Reply reply;
    reply.cause = request.command.id;
    reply.error = failure.full ? ErrorCode::StoreFull : ErrorCode::Busy;
    reply.text = failure.text;
    request.reply(std::move(reply));
}

void Core::run(std::function<void()> work) {
    if (kept_.size() >= kMostKept) {
        note_failure("too much waits for the store");
        return;
    }
    kept_.push_back(std::move(work));
    // While the store is in trouble the first of them tries it, and waits for it, for all.
    if (kept_.size() == 1 || !trouble_.lasts()) {
        run_kept();
    }
}

void Core::run_kept(std::chrono::milliseconds most) {
    const auto end = std::chrono::steady_clock::now() + most;
    while (!kept_.empty() && try_run(kept_.front())) {
        kept_.pop_front();
        if (std::chrono::steady_clock::now() >= end) {
            return;  // the rest with the next tick: commands and the watchdog have waited too
        }
    }
}

bool Core::try_run(const std::function<void()>& work) {
    history_.set_cause("");
    StoreFailure failure;
    try {
        if (transact(work, failure)) {
            return true;
        }
    } catch (const std::exception& error) {
        failure.text = error.what();
    }
    if (!failure.before_work) {
        note_failure(failure.text);
    }
    return !failure.before_work;
}

void Core::note_failure(const std::string& error) {
    // What was lost is asked for again: the state that was reloaded says what is missing.
    resume_at_ = now() + std::chrono::seconds(std::min(60, 1 << std::min(failures_, 6)));
    if (++failures_ == 1 && !trouble_.lasts()) {
        post_([this, error] {
            raise_alarm("", "the daemon could not finish a step and tries again: " + error);
        });
    }
}

}  // namespace cupel::controller
