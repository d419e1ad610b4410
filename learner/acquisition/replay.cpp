// Loops side by side, one thread each; figures in the order of the seeds.
#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include <cupel/acquisition/replay.hpp>

#include "closed_loop.hpp"
#include "policies.hpp"

namespace cupel::acquisition {
namespace {

using Runs = std::vector<LoopResult>;  // one per seed

// Hits after 1 .. budget experiments; a table that ran out keeps its last count.
std::vector<double> curve_of(const LoopResult& run, std::size_t budget) {
    std::vector<double> curve(budget);
    double hits = 0.0;
    for (std::size_t i = 0; i < budget; ++i) {
        hits += i < run.hit.size() && run.hit[i] != 0 ? 1.0 : 0.0;
        curve[i] = hits;
    }
    return curve;
}

struct Moments {
    double mean = 0.0, se = 0.0;
};

Moments moments_of(const std::vector<double>& values) {
    const double n = static_cast<double>(values.size());
    Moments out;
    for (const double value : values) {
        out.mean += value / n;
    }
    double squares = 0.0;
    for (const double value : values) {
        squares += (value - out.mean) * (value - out.mean);
    }
    out.se = values.size() > 1 ? std::sqrt(squares / (n - 1) / n) : 0.0;
    return out;
}

// Mean over the runs that left something to predict.
std::optional<double> mean_left(const Runs& runs, std::optional<double> Calibration::*figure) {
    double sum = 0.0;
    double count = 0.0;
    for (const auto& run : runs) {
        if (const auto& value = run.calibration.*figure) {
            sum += *value;
            count += 1.0;
        }
    }
    return count > 0.0 ? std::optional<double>(sum / count) : std::nullopt;
}

PolicyResult summarise(const std::string& policy,
                       const Runs& runs,
                       const Runs& popularity,
                       const ReplayTable& table,
                       const ReplayOptions& options) {
    PolicyResult out;
    out.policy = policy;
    out.curve.assign(options.budget, 0.0);
    const double seeds = static_cast<double>(runs.size());
    const std::size_t left_hits = table.hits() - kStartHits;
    const std::size_t left_rows = table.rows() - kStartHits - kStartMisses;
    double best_area = 0.0;
    for (std::size_t i = 0; i < options.budget; ++i) {
        best_area += static_cast<double>(std::min(i + 1, left_hits));
    }
    std::vector<std::vector<double>> curves;
    std::vector<double> gain;
    double popular = 0.0;
    for (std::size_t s = 0; s < runs.size(); ++s) {
        curves.push_back(curve_of(runs[s], options.budget));
        for (std::size_t i = 0; i < options.budget; ++i) {
            out.curve[i] += curves[s][i] / seeds;
            out.audc += curves[s][i] / seeds / std::max(best_area, 1.0);
        }
        const double measure = curve_of(popularity[s], options.budget).back();
        popular += measure / seeds;
        gain.push_back(curves[s].back() - measure);
        out.hits_by_seed.push_back(static_cast<std::size_t>(curves[s].back()));
        out.seconds_per_seed += runs[s].seconds / seeds;
    }
    for (const std::size_t at : checkpoints_of(options.budget)) {
        std::vector<double> values;
        for (const auto& curve : curves) {
            values.push_back(curve[at - 1]);
        }
        const Moments moments = moments_of(values);
        out.hits[at] = moments.mean;
        out.se[at] = moments.se;
    }
    out.ece = mean_left(runs, &Calibration::ece);
    out.brier_skill = mean_left(runs, &Calibration::brier_skill);
    const double expected = static_cast<double>(std::min(options.budget, left_rows)) *
                            static_cast<double>(left_hits) / static_cast<double>(left_rows);
    out.enrichment = expected > 0.0 ? out.curve.back() / expected : 0.0;
    out.lift_over_popularity = popular > 0.0 ? out.curve.back() / popular : 0.0;
    out.lift_se = moments_of(gain).se;
    return out;
}

}  // namespace

std::vector<std::size_t> checkpoints_of(std::size_t budget) {
    std::set<std::size_t> all{budget};
    for (const std::size_t at : {24, 48, 96, 192}) {
        if (at < budget) {
            all.insert(at);
        }
    }
    return {all.begin(), all.end()};
}

ReplayResult replay(const ReplayTable& table,
                    const ReplayOptions& options,
                    const std::function<void(double)>& progress) {
    std::vector<std::string> policies = options.policies;
    if (std::find(policies.begin(), policies.end(), "popularity") == policies.end()) {
        policies.push_back("popularity");
    }
    const auto covariance = std::make_shared<const Covariance>(dimensions_of(table));
    LoopSettings settings;
    settings.batch = options.batch;
    settings.budget = options.budget;
    settings.model.graded = options.graded;

    std::vector<Runs> runs(policies.size(), Runs(options.seeds));
    const std::size_t jobs = policies.size() * options.seeds;
    std::atomic<std::size_t> next{0};
    std::mutex mutex;
    std::size_t rounds_done = 0;
    std::exception_ptr failure;
    const double rounds =
        static_cast<double>(jobs * ((options.budget + options.batch - 1) / options.batch));
    auto work = [&] {
        for (std::size_t job = next++; job < jobs; job = next++) {
            try {
                const std::size_t p = job / options.seeds, s = job % options.seeds;
                runs[p][s] =
                    run_closed_loop(table,
                                    covariance,
                                    policies[p],
                                    options.first_seed + s,
                                    settings,
                                    [&](std::size_t) {
                                        const std::lock_guard lock(mutex);
                                        ++rounds_done;
                                        if (progress) {
                                            progress(static_cast<double>(rounds_done) / rounds);
                                        }
                                    });
            } catch (...) {
                const std::lock_guard lock(mutex);
                failure = std::current_exception();
                next = jobs;
            }
        }
    };
    std::size_t workers =
        options.threads != 0 ? options.threads : std::max(1u, std::thread::hardware_concurrency());
    workers = std::min(workers, jobs);
    std::vector<std::thread> threads;
    for (std::size_t i = 1; i < workers; ++i) {
        threads.emplace_back(work);
    }
    work();
    for (auto& thread : threads) {
        thread.join();
    }
    if (failure) {
        std::rethrow_exception(failure);
    }

    const auto measure = static_cast<std::size_t>(
        std::find(policies.begin(), policies.end(), "popularity") - policies.begin());
    ReplayResult result;
    result.table = table.name;
    result.rows = table.rows();
    result.hits_in_pool = table.hits();
    result.options = options;
    for (std::size_t p = 0; p < options.policies.size(); ++p) {
        result.policies.push_back(summarise(policies[p], runs[p], runs[measure], table, options));
    }
    return result;
}

}  // namespace cupel::acquisition
