// A stand-in for the ledger's thread: what a service posts runs in the test, which waits for it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <fstream>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <cupel/codec/candidate_codec.hpp>

#include "learning/learning_service.hpp"

namespace cupel::test {

/// Everything posted runs in the thread that waits; alarms are kept.
class TestLedger {
  public:
    explicit TestLedger(std::chrono::seconds patience = std::chrono::seconds(60))
        : patience_(patience) {}

    void attach(controller::LearningService& service) {
        service.attach([this](std::function<void()> work) { post(std::move(work)); },
                       [this](const std::string& campaign, const std::string& text) {
                           post([this, campaign, text] { alarms.emplace_back(campaign, text); });
                       });
        service.attach_closer(
            [this](const std::string& campaign, const std::string& text, const std::string& note) {
                post([this, campaign, text, note] { closed.push_back({campaign, text, note}); });
            });
    }
    void post(std::function<void()> work) {
        const std::lock_guard lock(mutex_);
        queue_.push_back(std::move(work));
        wake_.notify_one();
    }
    /// Runs what is posted until `reached` holds; throws when that takes too long.
    void run_until(const std::function<bool()>& reached, const std::string& what) {
        const auto deadline = std::chrono::steady_clock::now() + patience_;
        while (!reached()) {
            std::unique_lock lock(mutex_);
            if (!wake_.wait_until(lock, deadline, [this] { return !queue_.empty(); })) {
                throw std::runtime_error("waited too long for " + what);
            }
            const auto work = std::move(queue_.front());
            queue_.pop_front();
            lock.unlock();
            work();
        }
    }
    /// Runs what is posted already. The number of closures run.
    int run_posted() {
        std::deque<std::function<void()>> work;
        {
            const std::lock_guard lock(mutex_);
            work.swap(queue_);
        }
        for (const auto& one : work) {
            one();
        }
        return static_cast<int>(work.size());
    }

    /// Makes a call and waits for its answer: `answer<T>([&](auto done) { service.open(t, done);
    /// })`.
    template <typename T, typename Call>
    controller::Answer<T> answer(Call call) {
        const auto box = std::make_shared<std::optional<controller::Answer<T>>>();
        call(controller::Done<T>([box](controller::Answer<T> got) { *box = std::move(got); }));
        run_until([&] { return box->has_value(); }, "an answer");
        return std::move(**box);
    }
    /// As answer(), for calls that must succeed.
    template <typename T, typename Call>
    T value(Call call) {
        auto got = answer<T>(std::move(call));
        if (!got.value) {
            throw std::runtime_error("refused: " + got.error);
        }
        return std::move(*got.value);
    }

    struct Closed {
        std::string campaign, text, note;
    };
    std::vector<std::pair<std::string, std::string>> alarms;  ///< campaign, text
    std::vector<Closed> closed;                               ///< alarms that were closed

  private:
    std::chrono::seconds patience_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::function<void()>> queue_;
};

inline Ligand methanethiolate() {
    return {"C[S-]", "CH3S", -1, {"S"}, "thiolate", 1};
}
inline Ligand trimethylphosphine() {
    return {"CP(C)C", "C3H9P", 0, {"P"}, "phosphine", 1};
}
inline Candidate candidate(Composition metals, LigandSet ligands) {
    Candidate made;
    made.core.metals = std::move(metals);
    made.ligands = normalised(std::move(ligands));
    return made;
}
inline controller::LearnerLabel label(const Candidate& of, double pair) {
    return {identity_key(of), learning_key(of), of, pair, pair, false};
}
inline void write_pool(const std::filesystem::path& file, const std::vector<Candidate>& pool) {
    std::ofstream out(file);
    for (const auto& one : pool) {
        out << codec::encode(one) << '\n';
    }
}

}  // namespace cupel::test
