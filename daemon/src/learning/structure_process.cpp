// Threads that each watch one child at a time.
#include "structure_process.hpp"

#include <condition_variable>
#include <csignal>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <cupel/codec/candidate_codec.hpp>
#include <cupel/codec/structure_codec.hpp>
#include <cupel/domain/error.hpp>

#include "../supervision/child.hpp"
#include "../supervision/find_program.hpp"
#include "../supervision/wake.hpp"

namespace cupel::controller {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kErrorsKept = 1u << 16;  ///< bytes of standard error

StructureAnswer crash(std::string text) {
    return {std::nullopt, "unreadable", std::move(text), true};
}

/// The last line that says anything.
std::string last_line(const std::string& text) {
    const auto end = text.find_last_not_of(" \t\r\n");
    if (end == std::string::npos) {
        return "";
    }
    const auto begin = text.find_last_of('\n', end);
    const std::size_t from = begin == std::string::npos ? 0 : begin + 1;
    return text.substr(from, std::min<std::size_t>(end - from + 1, 200));
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
        text.replace(at, what.size(), by);
    }
    return text;
}

/// What the structure is compared with; the rest would only make the argument long.
std::string target_text(const Candidate& candidate) {
    Candidate target;
    target.core = candidate.core;
    target.core.atoms.clear();
    target.ligands = candidate.ligands;
    target.charge = candidate.charge;
    return codec::encode(target);
}

struct Job {
    StructureRequest request;
    std::function<void(StructureAnswer)> done;
};

}  // namespace

struct StructureProcess::Impl {
    /// One thread and what wakes it.
    struct Watcher {
        Wake wake;
        std::thread thread;
    };

    /// What wakes the threads is made now: when a file comes there may be no descriptor left.
    explicit Impl(StructureProcessOptions given) : options(std::move(given)) {
        for (int i = 0; i < options.at_once; ++i) {
            watchers.push_back(std::make_unique<Watcher>());
        }
    }

    void push(Job job) {
        const std::lock_guard lock(mutex);
        if (stopping) {
            return;
        }
        queue.push_back(std::move(job));
        if (idle < queue.size() && begun < watchers.size()) {
            Watcher& watcher = *watchers[begun];
            watcher.thread = std::thread([this, &watcher] { loop(watcher); });
            ++begun;
        }
        ready.notify_all();  // one may sleep there that takes nothing yet
    }

    void stop() {
        std::deque<Job> dropped;
        {
            const std::lock_guard lock(mutex);
            stopping = true;
            dropped.swap(queue);
            for (const auto& watcher : watchers) {
                watcher->wake.notify();
            }
            ready.notify_all();
        }
        for (const auto& watcher : watchers) {
            if (watcher->thread.joinable()) {
                watcher->thread.join();
            }
        }
    }

    /// In its old place, and nobody takes the next for a while.
    void put_back(Job job, const std::string& problem) {
        std::unique_lock lock(mutex);
        --account.running;
        account.problem = problem;
        queue.push_front(std::move(job));
        ready.wait_for(lock, options.pause, [this] { return stopping; });
    }

    void note(const StructureAnswer& answer) {
        const std::lock_guard lock(mutex);
        --account.running;
        account.problem.clear();
        ++account.analysed;
        account.crashed += answer.crashed ? 1 : 0;
    }

    bool is_stopping() {
        const std::lock_guard lock(mutex);
        return stopping;
    }

    void loop(Watcher& watcher) {
        for (;;) {
            std::unique_lock lock(mutex);
            ++idle;
            ready.wait(lock, [this] { return stopping || !queue.empty(); });
            --idle;
            if (stopping) {
                return;
            }
            Job job = std::move(queue.front());
            queue.pop_front();
            ++account.running;
            lock.unlock();
            StructureAnswer answer;
            try {
                answer = run(job.request, watcher.wake);
            } catch (const NoRoomForChild& error) {
                // Ours to mend, and no verdict on the file: it waits.
                put_back(std::move(job), error.what());
                continue;
            } catch (const std::exception& error) {
                answer = crash(error.what());
            }
            note(answer);
            if (!is_stopping()) {
                job.done(std::move(answer));
            }
        }
    }

    StructureAnswer run(const StructureRequest& request, Wake& wake) {
        const std::string file = std::filesystem::absolute(request.file).string();
        const auto program = find_program(options.program);
        if (!program) {
            return crash(no_program("structure.program", options.program));
        }
        ChildOptions how;
        how.arguments = {*program, "structure", "--json"};
        if (request.target) {
            how.arguments.push_back("--target");
            how.arguments.push_back(target_text(*request.target));
        }
        how.arguments.push_back(file);
        how.address_space = options.memory;
        how.processor_time = options.processor_time;
        Child child(how);
        child.close_input();
        const auto deadline = SteadyClock::now() + options.wall_time;
        std::string output;
        std::string errors;
        for (;;) {
            ChildNews news = child.wait(deadline, wake);
            output += news.output;
            if (errors.size() < kErrorsKept) {
                errors += news.errors;
            }
            if (is_stopping()) {
                return crash("stopped");
            }
            if (output.size() > options.output) {
                return crash("wrote more than " + std::to_string(options.output >> 20) + " MiB");
            }
            if (news.end) {
                StructureAnswer answer = understand(output, errors, *news.end);
                const std::string name = request.name.empty() ? file : request.name;
                answer.text = replaced(answer.text, file, name);
                if (answer.report) {
                    answer.report->file = name;
                }
                return answer;
            }
            if (SteadyClock::now() >= deadline) {
                return crash(
                    "took longer than " +
                    std::to_string(
                        std::chrono::ceil<std::chrono::seconds>(options.wall_time).count()) +
                    " s");
            }
        }
    }

    StructureAnswer understand(const std::string& output,
                               const std::string& errors,
                               const ChildEnd& end) const {
        const auto json = nlohmann::json::parse(output, nullptr, false);
        const bool ended_well = end.signal == 0 && (end.exit_status == 0 || end.exit_status == 2);
        if (!ended_well || !json.is_object()) {
            return crash(why_dead(errors, end));
        }
        try {
            if (json.contains("error")) {
                const auto& error = json.at("error");
                return {std::nullopt,
                        error.at("code").get<std::string>(),
                        error.at("text").get<std::string>(),
                        false};
            }
            return {codec::decode_structure_report(output), "", "", false};
        } catch (const std::exception& error) {
            return crash(std::string("its answer does not hold: ") + error.what());
        }
    }

    std::string why_dead(const std::string& errors, const ChildEnd& end) const {
        const std::string said = last_line(errors);
        const bool out_of_time = end.processor_time >= options.processor_time;
        if (end.signal == SIGXCPU || (end.signal == SIGKILL && out_of_time)) {
            return "used more than " + std::to_string(options.processor_time.count()) +
                   " s of processor time";
        }
        if (options.memory && errors.find("bad_alloc") != std::string::npos) {
            return "needed more than " + std::to_string(*options.memory >> 20) + " MiB of memory";
        }
        return "ended with " + end.words() + (said.empty() ? "" : "; it said: " + said);
    }

    const StructureProcessOptions options;
    std::mutex mutex;
    std::condition_variable ready;
    std::deque<Job> queue;
    std::size_t idle = 0;  ///< threads that wait for work
    StructureStatus account;
    bool stopping = false;
    std::vector<std::unique_ptr<Watcher>> watchers;
    std::size_t begun = 0;  ///< of them, with a thread
};

StructureProcess::StructureProcess(StructureProcessOptions options)
    : impl_(std::make_unique<Impl>(std::move(options))) {}

StructureProcess::~StructureProcess() {
    stop();
}

void StructureProcess::analyse(StructureRequest request,
                               std::function<void(StructureAnswer)> done) {
    impl_->push({std::move(request), std::move(done)});
}

StructureStatus StructureProcess::status() const {
    const std::lock_guard lock(impl_->mutex);
    StructureStatus now = impl_->account;
    now.waiting = static_cast<int>(impl_->queue.size());
    return now;
}

void StructureProcess::stop() {
    impl_->stop();
}

}  // namespace cupel::controller
