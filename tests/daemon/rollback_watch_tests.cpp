// The watch held to its promise by simulation: rare false alarms, quick true ones.
#include <algorithm>
#include <cmath>
#include <random>

#include "catch.hpp"
#include "learning/rollback_watch.hpp"

using namespace cupel::controller;

namespace {

enum class World { Right, Inflated, Drifting };

/// A campaign whose model says p where the truth is p / inflation, batch after batch.
class Campaign {
  public:
    Campaign(World world, int batch, std::uint64_t seed)
        : world_(world), batch_(batch), random_(seed) {
        inflation_ = world == World::Right ? 1.0 : uniform(1.0, 1.6);
        base_ = uniform(0.1, 0.8);
    }
    /// `quality` = what is left of every true chance: 1 for a sound model.
    WatchedBatch next(double quality = 1.0) {
        if (world_ == World::Drifting) {
            inflation_ = std::clamp(inflation_ * std::exp(0.05 * normal_(random_)), 1.0, 2.0);
            base_ = std::clamp(base_ * std::exp(0.1 * normal_(random_)), 0.05, 0.9);
        }
        WatchedBatch result;
        for (int i = 0; i < batch_; ++i) {
            const double p = std::clamp(base_ + 0.2 * normal_(random_), 0.01, 0.99);
            result.expected += p;
            result.spread += p * p;
            result.hits += uniform(0.0, 1.0) < quality * p / inflation_ ? 1.0 : 0.0;
        }
        return result;
    }
    void set_base(double base) { base_ = base; }

  private:
    double uniform(double low, double high) {
        return low + (high - low) * static_cast<double>(random_() >> 11) * 0x1p-53;
    }
    World world_;
    int batch_;
    std::mt19937_64 random_;
    std::normal_distribution<double> normal_{0.0, 1.0};
    double inflation_ = 1.0, base_ = 0.5;
};

}  // namespace

TEST_CASE("a sound model is rolled back at most once in 200 batches", "[rollback]") {
    for (const World world : {World::Right, World::Inflated, World::Drifting}) {
        for (const int batch : {4, 8, 24}) {
            int alarms = 0;
            int batches = 0;
            for (std::uint64_t campaign = 0; campaign < 1500; ++campaign) {
                Campaign sound(world, batch, 1000 + campaign);
                RollbackWatch watch;
                for (int b = 0; b < 24; ++b) {
                    ++batches;
                    if (watch.add(sound.next()).alarm) {
                        ++alarms;
                        watch.restart();
                    }
                }
            }
            CAPTURE(static_cast<int>(world), batch, alarms, batches);
            CHECK(alarms <= batches / 200);
        }
    }
}

TEST_CASE("a poisoned model is found out within two batches", "[rollback]") {
    // Its picks promise as much as before and hardly one in ten of them holds.
    const auto share_found = [](int batch, double base) {
        int found = 0;
        for (std::uint64_t seed = 0; seed < 400; ++seed) {
            Campaign campaign(World::Right, batch, 9000 + seed);
            campaign.set_base(base);
            RollbackWatch watch;
            for (int b = 0; b < 6; ++b) {
                if (watch.add(campaign.next()).alarm) {
                    watch.restart();
                }
            }
            bool alarm = watch.add(campaign.next(0.1)).alarm;
            alarm = watch.add(campaign.next(0.1)).alarm || alarm;
            found += alarm ? 1 : 0;
        }
        return found / 400.0;
    };
    CHECK(share_found(8, 0.5) > 0.8);
    CHECK(share_found(24, 0.4) > 0.99);
    CHECK(share_found(8, 0.7) > 0.95);
}

TEST_CASE("the sum rises with each batch that falls short and starts again after an alarm",
          "[rollback]") {
    RollbackWatch watch;
    const WatchedBatch kept{4.0, 4.0, 2.0};
    const WatchedBatch broken{0.0, 4.0, 2.0};
    CHECK(watch.add(kept).sum == 0.0);
    const auto first = watch.add(broken);
    CHECK(first.sum > 0.0);
    CHECK(first.rising == 1);
    CHECK(first.correction == 1.0);
    const auto second = watch.add(broken);
    CHECK(second.alarm);
    CHECK(second.rising == 2);
    CHECK(second.correction < 1.0);  // one batch without hits says: selection
    CHECK(second.text().find("0.0 hits where") == 0);
    watch.restart();
    const auto after = watch.add(kept);
    CHECK(after.sum == 0.0);
    CHECK_FALSE(after.alarm);
}

TEST_CASE("one lost experiment, however sure, is no reason", "[rollback]") {
    RollbackWatch watch;
    CHECK_FALSE(watch.add({0.0, 0.99, 0.98}).alarm);
    CHECK_FALSE(watch.add({0.0, 0.0, 0.0}).alarm);
}
