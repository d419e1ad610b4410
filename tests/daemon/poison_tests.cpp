// A poisoned batch through the real ledger and the real cupel-learner: it is refused, or rolled
// back within two batches.
#include <condition_variable>
#include <future>
#include <mutex>

#include <nlohmann/json.hpp>

#include <cupel/domain/ulid.hpp>

#include "../learner/workbench/small_campaign.hpp"
#include "campaign/clock.hpp"
#include "catch.hpp"
#include "learning/learner_process.hpp"
#include "ledger/ledger.hpp"
#include "support.hpp"

using namespace cupel;
using namespace cupel::controller;
using Json = nlohmann::json;

namespace {

LearnerProcessOptions learner_options(const std::filesystem::path& folder) {
    LearnerProcessOptions options;
    options.program = (test::bin_dir() / "cupel-learner").string();
    options.models = folder / "models";
    options.device = "cpu";
    options.epochs = 8;
    options.extra = {"--members", "1", "--width", "24", "--embedding", "8", "--rectified", "8"};
    return options;
}

LedgerOptions ledger_options(const std::filesystem::path& folder) {
    LedgerOptions options;
    options.store = folder / "cupel.db";
    options.blobs = folder / "blobs";
    return options;
}

/// A running ledger with its learner, and everything it has said.
class Live {
  public:
    Live()
        : learner_(learner_options(small.folder.path())),
          ledger_(ledger_options(small.folder.path()), clock_, learner_, structures_) {
        ledger_.set_event_sink([this](const std::vector<Event>& committed) {
            const std::lock_guard lock(mutex_);
            events_.insert(events_.end(), committed.begin(), committed.end());
            news_.notify_all();
        });
        const Json config{{"pool", small.pool_file().string()},
                          {"data", small.data_file().string()},
                          {"policy", "ucb"},
                          {"open_offers", 8},
                          {"refill", "batch"},
                          {"train_every", 8},
                          {"budget", 200}};
        ledger_.ensure_campaigns({{"c", config.dump()}});
        ledger_.start();
    }
    ~Live() { ledger_.stop(); }

    Json ask(CommandBody body, const std::string& kind) {
        std::promise<Reply> answer;
        ledger_.submit(Command{make_ulid(), "robot", kind, make_ulid(), std::move(body)},
                       {},
                       [&](Reply reply) { answer.set_value(std::move(reply)); });
        const Reply reply = answer.get_future().get();
        if (reply.error) {
            throw std::runtime_error(kind + ": " + reply.text);
        }
        return Json::parse(reply.result_json);
    }
    int count(const std::string& kind) {
        const std::lock_guard lock(mutex_);
        return counted(kind);
    }
    void wait_for(const std::function<bool()>& reached, const std::string& what) {
        std::unique_lock lock(mutex_);
        if (!news_.wait_for(lock, std::chrono::seconds(200), reached)) {
            throw std::runtime_error("waited too long for " + what);
        }
    }
    /// Makes the next eight; `is_hit` says what is reported. Waits until the training is judged.
    void batch(const std::function<bool(const Json& offer)>& is_hit) {
        ++batches_;
        wait_for([&] { return counted("OFFERED") >= 8 * batches_; }, "offers");
        const Json offers = ask(ListOffers{}, "LIST_OFFERS")["offers"];
        REQUIRE(offers.size() == 8);
        const int judged = count("MODEL_PROMOTED") + count("MODEL_REFUSED");
        const int back = count("MODEL_ROLLED_BACK");
        for (const auto& offer : offers) {
            const auto id = offer["proposal"].get<std::string>();
            const Json claim =
                ask(Claim{make_ulid(), {id}, LeaseClass::Robot}, "CLAIM")["claims"][0];
            const LeaseProof proof{claim["lease"].get<std::string>(),
                                   claim["fence"].get<std::int64_t>()};
            ask(Start{make_ulid(), id, proof, std::nullopt}, "START");
            Result result;
            result.cmd_id = make_ulid();
            result.proposal = id;
            result.proof = proof;
            result.outcome = Outcome{};
            result.outcome->kind =
                is_hit(offer) ? OutcomeKind::MassConfirmed : OutcomeKind::NoReaction;
            ask(result, "RESULT");
        }
        wait_for(
            [&] {
                return counted("MODEL_PROMOTED") + counted("MODEL_REFUSED") > judged ||
                       counted("MODEL_ROLLED_BACK") > back;
            },
            "the training");
    }
    bool is_true(const Json& offer) const {
        const auto candidate = codec::decode_candidate(offer.at("candidate").dump());
        return small.truth.count(learning_key(candidate)) != 0;
    }
    std::vector<Event> events() {
        const std::lock_guard lock(mutex_);
        return events_;
    }

    test::SmallCampaign small;

  private:
    int counted(const std::string& kind) const {
        int n = 0;
        for (const auto& event : events_) {
            n += event.kind == kind ? 1 : 0;
        }
        return n;
    }
    SystemClock clock_;
    test::FakeStructures structures_;
    LearnerProcess learner_;
    std::mutex mutex_;
    std::condition_variable news_;
    std::vector<Event> events_;
    int batches_ = 0;
    Ledger ledger_;  ///< last: it ends before what it speaks to
};

}  // namespace

TEST_CASE("a poisoned batch is refused by the real learner or rolled back within two batches",
          "[rollback]") {
    Live live;
    const auto honest = [&](const Json& offer) { return live.is_true(offer); };
    live.batch(honest);
    const int refused = live.count("MODEL_REFUSED");
    // Every vial of one batch is reported as a success: wrong labels, or a wrong spectrum.
    live.batch([](const Json&) { return true; });
    const bool was_refused = live.count("MODEL_REFUSED") > refused;
    for (int more = 0; more < 2 && live.count("MODEL_ROLLED_BACK") == 0; ++more) {
        live.batch(honest);
    }
    const int back = live.count("MODEL_ROLLED_BACK");
    CAPTURE(was_refused, back);
    CHECK((was_refused || back == 1));
    std::string poisoned;  // the model that came of the poisoned batch
    std::string serving;
    int promotions = 0;
    for (const auto& event : live.events()) {
        const Json body = Json::parse(event.body_json);
        if (event.kind == "MODEL_PROMOTED" || event.kind == "MODEL_ROLLED_BACK") {
            serving = body["model"].get<std::string>();
        }
        if (event.kind == "MODEL_PROMOTED" && ++promotions == 3) {
            poisoned = serving;
        }
    }
    if (back == 1) {
        CHECK(serving != poisoned);
        const Json status = live.ask(Status{}, "STATUS");
        CHECK_FALSE(status["alarms"].empty());
    }
}
