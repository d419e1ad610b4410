// Threads and queues round the core: inbox, reader, blob worker.
#include "ledger.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <iterator>
#include <mutex>
#include <thread>
#include <variant>

#include "../supervision/pulse.hpp"
#include "../supervision/work_queue.hpp"
#include "blob_store.hpp"
#include "core.hpp"
#include "owner.hpp"
#include "reader.hpp"

namespace cupel::controller {
namespace {

constexpr std::chrono::milliseconds kTick{100};  ///< how often leases and refills are looked at
constexpr std::chrono::minutes kCheckpoint{1};
constexpr std::chrono::hours kTidy{24};  ///< how often abandoned parts are looked for

Reply shutting_down(const std::string& cause) {
    Reply stopping;
    stopping.cause = cause;
    stopping.error = ErrorCode::ShuttingDown;
    stopping.text = "the daemon is stopping; send it again later";
    return stopping;
}

}  // namespace

struct Ledger::Impl {
    using Item = std::variant<Request, std::function<void()>>;

    Impl(LedgerOptions given,
         const Clock& clock,
         LearningService& learning_service,
         StructureService& structure_service)
        : options(prepared(std::move(given))),
          learning(learning_service),
          structures(structure_service),
          core(options,
               clock,
               learning_service,
               structure_service,
               [this](std::function<void()> work) { push(std::move(work)); }),
          reader(options) {
        learning.attach([this](std::function<void()> work) { push(std::move(work)); },
                        [this](const std::string& campaign, const std::string& text) {
                            push(std::function<void()>(
                                [this, campaign, text] { core.raise_alarm(campaign, text); }));
                        });
        learning.attach_closer(
            [this](const std::string& campaign, const std::string& text, const std::string& note) {
                push(std::function<void()>(
                    [this, campaign, text, note] { core.close_alarm(campaign, text, note); }));
            });
        known_heads = core.heads();
        core.set_event_sink([this](std::vector<Event> events) { hear(std::move(events)); });
        tidy_blobs();
    }

    static void require_writable(const std::filesystem::path& folder) {
        if (const auto obstacle = obstacle_to(folder)) {
            throw StoreError(obstacle->text + ": " + obstacle->remedy);
        }
    }

    static LedgerOptions prepared(LedgerOptions options) {
        std::error_code error;
        const std::string store = options.store.string();
        // Before an empty store is made in its place, which would look as if nothing was lost.
        if (!std::filesystem::exists(options.store, error)) {
            if (const auto seen = EpochFile(options.store).read().gseq; seen > 0) {
                throw StoreError(store + ": there is no store, but " + store +
                                 ".epoch has seen event " + std::to_string(seen) +
                                 " of it; cupel restore --store " + store +
                                 " goes back to a backup; to begin a new history on purpose, "
                                 "remove " +
                                 store + ".epoch first");
            }
        }
        std::filesystem::create_directories(options.blobs, error);
        if (error) {
            throw StoreError(options.blobs.string() +
                             ": cannot make the folder: " + error.message());
        }
        // Said now, not with the first result that brings a file.
        for (const auto& folder : blob_folders(options.blobs)) {
            require_writable(folder);
        }
        return options;
    }

    bool push(Item item) {
        bool first = false;
        {
            const std::lock_guard lock(mutex);
            if (closed) {
                return false;
            }
            first = inbox.empty();
            inbox.push_back(std::move(item));
        }
        wake_for(first);
        return true;
    }
    /// False when the ledger is closed: then `requests` are as they were.
    bool push_all(std::vector<Request>& requests) {
        bool first = false;
        {
            const std::lock_guard lock(mutex);
            if (closed) {
                return false;
            }
            first = inbox.empty();
            inbox.insert(inbox.end(),
                         std::make_move_iterator(requests.begin()),
                         std::make_move_iterator(requests.end()));
        }
        wake_for(first);
        return true;
    }
    /// The ledger thread waits only while the inbox is empty: who fills it on wakes nobody.
    void wake_for(bool first) {
        if (first) {
            wake.notify_one();
        }
    }

    /// Both leave the submission empty, and are false when their thread has ended.
    bool read(Submission& submission) {
        return reads.push(
            [this, command = std::move(submission.command), reply = std::move(submission.reply)] {
                Reply answer = reader.answer(command);
                // It may have read what the disk does not have yet.
                core.announcements().wait_until_told();
                reply(std::move(answer));
            });
    }
    bool store_blobs(Submission& submission) {
        return blobs.push([this, submission = std::move(submission)]() mutable {
            auto& [command, frames, reply] = submission;
            if (auto answer = store_frames(options, command, frames)) {
                if (answer->error == ErrorCode::Busy) {
                    // No text of this one failure: the alarm is to be raised once.
                    push(std::function<void()>([this] {
                        core.raise_alarm("",
                                         "a file of a result cannot be written in " +
                                             options.blobs.string() + "; cupel doctor says why");
                    }));
                }
                reply(std::move(*answer));
                return;
            }
            const std::string cause = command.id;
            if (!push(Request{std::move(command), reply})) {
                reply(shutting_down(cause));
            }
        });
    }

    /// On the blob thread, where parts are put.
    void tidy_blobs() {
        blobs.push([this] {
            remove_leavings(options.blobs,
                            std::filesystem::file_time_type::clock::now() - kPartsKept);
        });
    }

    /// Durable events, in order.
    void hear(std::vector<Event> events) {
        {
            const std::lock_guard lock(heads_mutex);
            for (const auto& event : events) {
                known_heads[event.campaign] = event.seq;
            }
        }
        if (event_sink) {
            event_sink(std::move(events));
        }
    }

    /// Adds the commands that are next, up to the limit or to something else; false when there are
    /// none.
    bool gather(std::vector<Request>& group) {
        if (taken.empty()) {
            // Held for a moment only: the io thread waits for this lock.
            const std::lock_guard lock(mutex);
            taken.swap(inbox);
        }
        const std::size_t before = group.size();
        while (!taken.empty() && group.size() < options.group_max) {
            auto* request = std::get_if<Request>(&taken.front());
            if (request == nullptr) {
                break;
            }
            group.push_back(std::move(*request));
            taken.pop_front();
        }
        return group.size() > before;
    }

    /// One transaction. True when there was anything to do.
    bool step() {
        std::vector<Request> group;
        group.reserve(options.group_max);
        if (gather(group)) {
            const auto end = std::chrono::steady_clock::now() + options.group_time;
            core.process(std::move(group), [this, end](std::vector<Request>& requests) {
                return gather_until(end, requests);
            });
        } else if (!taken.empty()) {
            const auto work = std::move(std::get<std::function<void()>>(taken.front()));
            taken.pop_front();
            core.run(work);
        } else {
            return false;
        }
        return true;
    }

    /// Whoever comes while these are applied, or while the commit before is on its way to the
    /// disk, shares their commit: it would wait all the same.
    bool gather_until(std::chrono::steady_clock::time_point end, std::vector<Request>& requests) {
        while (requests.size() < options.group_max && std::chrono::steady_clock::now() < end) {
            if (gather(requests)) {
                return true;
            }
            if (!taken.empty() || !core.announcements().busy()) {
                return false;
            }
            std::unique_lock lock(mutex);
            wake.wait_until(lock, end, [this] {
                return closed || !inbox.empty() || !core.announcements().busy();
            });
            if (closed && inbox.empty()) {
                return false;
            }
        }
        return false;
    }
    /// On the thread of the announcements.
    void all_is_told() {
        const std::lock_guard lock(mutex);
        wake.notify_one();
    }

    void loop() {
        auto next_checkpoint = std::chrono::steady_clock::now() + kCheckpoint;
        auto next_tick = std::chrono::steady_clock::now();
        auto next_tidying = next_tick + kTidy;
        for (;;) {
            pulse.beat();
            while (step()) {
                if (std::chrono::steady_clock::now() >= next_tick) {
                    break;
                }
            }
            const auto now = std::chrono::steady_clock::now();
            if (now >= next_tick) {
                core.tick();
                next_tick = now + kTick;
            }
            if (now >= next_checkpoint) {
                core.checkpoint();
                next_checkpoint = now + kCheckpoint;
            }
            if (now >= next_tidying) {
                tidy_blobs();
                next_tidying = now + kTidy;
            }
            std::unique_lock lock(mutex);
            const auto any = [this] { return !taken.empty() || !inbox.empty(); };
            wake.wait_until(lock, next_tick, [&] { return closed || any(); });
            if (closed && !any()) {
                return;
            }
        }
    }

    LedgerOptions options;
    LearningService& learning;
    StructureService& structures;

    std::mutex mutex;
    std::condition_variable wake;
    std::deque<Item> inbox;
    std::deque<Item> taken;  ///< of the ledger thread: what it took out of the inbox, in order
    bool closed = false;

    Pulse pulse;
    mutable std::mutex heads_mutex;
    std::map<std::string, std::int64_t> known_heads;
    EventSink event_sink;

    Core core;
    Reader reader;
    WorkQueue reads;
    WorkQueue blobs;
    std::thread thread;
    bool started = false;
    bool stopped = false;
};

Ledger::Ledger(LedgerOptions options,
               const Clock& clock,
               LearningService& learning,
               StructureService& structures)
    : impl_(std::make_unique<Impl>(std::move(options), clock, learning, structures)) {
    impl_->push(std::function<void()>([core = &impl_->core] { core->resume(); }));
}

Ledger::~Ledger() {
    stop();
}

void Ledger::set_event_sink(EventSink sink) {
    impl_->event_sink = std::move(sink);
}

std::vector<std::string> Ledger::ensure_campaigns(
    const std::map<std::string, std::string>& configs) {
    std::vector<std::string> lines;
    for (const auto& [name, config] : configs) {
        std::string keys;
        for (const auto& key : impl_->core.ensure_campaign(name, config)) {
            keys += (keys.empty() ? "" : ", ") + key;
        }
        if (!keys.empty()) {
            lines.push_back("campaign." + name + ": it was made with another value of " + keys +
                            ", and keeps what it was made with; use another name for other keys");
        }
    }
    return lines;
}

void Ledger::start() {
    impl_->started = true;
    impl_->core.announcements().start([impl = impl_.get()] { impl->all_is_told(); });
    impl_->reads.start();
    impl_->blobs.start();
    impl_->thread = std::thread([impl = impl_.get()] { impl->loop(); });
}

void Ledger::submit(Command command, std::vector<std::string> blobs, ReplySink reply) {
    std::vector<Submission> one;
    one.push_back({std::move(command), std::move(blobs), std::move(reply)});
    submit(std::move(one));
}

void Ledger::submit(std::vector<Submission> submissions) {
    Impl& impl = *impl_;
    std::vector<Request> requests;
    for (auto& submission : submissions) {
        auto& [command, blobs, reply] = submission;
        const bool for_reader = is_read(command.body);
        if (!for_reader && blobs.empty() && !std::holds_alternative<BlobPut>(command.body)) {
            requests.push_back({std::move(command), std::move(reply)});
            continue;
        }
        const std::string cause = command.id;
        const ReplySink sink = reply;
        const bool taken = for_reader ? impl.read(submission) : impl.store_blobs(submission);
        if (!taken) {
            sink(shutting_down(cause));
        }
    }
    if (!requests.empty() && !impl.push_all(requests)) {
        for (const auto& request : requests) {
            request.reply(shutting_down(request.command.id));
        }
    }
}

void Ledger::post(std::function<void()> work) {
    impl_->push(std::move(work));
}

void Ledger::raise_alarm(const std::string& text) {
    impl_->push(
        std::function<void()>([core = &impl_->core, text] { core->raise_alarm("", text); }));
}

void Ledger::close_alarm(const std::string& text, const std::string& note) {
    impl_->push(std::function<void()>(
        [core = &impl_->core, text, note] { core->close_alarm("", text, note); }));
}

void Ledger::note_refusals(std::vector<RefusalRow> refusals) {
    impl_->push(std::function<void()>(
        [core = &impl_->core, refusals = std::move(refusals)] { core->note_refusals(refusals); }));
}

std::map<std::string, std::int64_t> Ledger::heads() const {
    const std::lock_guard lock(impl_->heads_mutex);
    return impl_->known_heads;
}

std::chrono::milliseconds Ledger::silent_for() const {
    return std::max(impl_->pulse.silent_for(), impl_->core.announcements().silent_for());
}

const std::string& Ledger::epoch() const noexcept {
    return impl_->core.epoch();
}

void Ledger::request_stop() {
    impl_->push(std::function<void()>([core = &impl_->core] { core->stop_refills(); }));
}

void Ledger::stop() {
    Impl& impl = *impl_;
    if (std::exchange(impl.stopped, true)) {
        return;
    }
    // The services first: nothing calls back into a ledger that ends.
    impl.learning.stop();
    impl.structures.stop();
    impl.blobs.stop(WorkQueue::Rest::Run);
    impl.reads.stop(WorkQueue::Rest::Run);
    {
        const std::lock_guard lock(impl.mutex);
        impl.closed = true;
        impl.wake.notify_all();
    }
    if (impl.thread.joinable()) {
        impl.thread.join();
    } else {
        while (impl.step()) {
        }
    }
    impl.core.announcements().stop();
    // One try: whoever holds the store now does not hold up the end.
    impl.core.run_kept(std::chrono::minutes(1));
    impl.core.checkpoint();
}

void Ledger::drain() {
    for (int quiet = 0; quiet < 2;) {
        bool any = impl_->blobs.run_all();
        any = impl_->reads.run_all() || any;
        while (impl_->step()) {
            any = true;
        }
        quiet = any ? 0 : quiet + 1;
        if (quiet == 1) {
            impl_->core.tick();
        }
    }
}

}  // namespace cupel::controller
