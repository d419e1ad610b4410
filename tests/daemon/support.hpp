// A ledger in a temporary folder with a clock, a learner and a structure reader that tests steer.
#pragma once

#include <atomic>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <cupel/domain/sha256.hpp>
#include <cupel/domain/ulid.hpp>
#include <cupel/domain/vocabulary.hpp>

#include "campaign/clock.hpp"
#include "contract.hpp"
#include "learning/learning_service.hpp"
#include "learning/structure_service.hpp"
#include "ledger/json_bridge.hpp"
#include "ledger/ledger.hpp"
#include "ledger/store.hpp"
#include "temp_dir.hpp"

namespace cupel::test {

using controller::Json;

/// Time that moves when a test says so; both clocks can be moved apart.
class FakeClock final : public controller::Clock {
  public:
    Timestamp wall() const override { return wall_; }
    std::chrono::steady_clock::time_point monotonic() const override { return monotonic_; }
    void advance(std::chrono::milliseconds by) {
        wall_ += by;
        monotonic_ += by;
    }
    void jump_wall(std::chrono::milliseconds by) { wall_ += by; }

  private:
    Timestamp wall_ = *try_parse_rfc3339("2026-11-24T12:00:00.000Z");
    std::chrono::steady_clock::time_point monotonic_{std::chrono::hours(1)};
};

/// Candidate number n of an endless pool: one silver cluster per number, from 900 on with gold.
inline Candidate candidate_number(int n) {
    Candidate candidate;
    candidate.core.metals = {{"Ag", n % 900 + 2}};
    if (n >= 900) {
        candidate.core.metals["Au"] = n / 900;
    }
    candidate.ligands = {{Ligand{"[S-]C", "CH3S", -1, {"S"}, "thiolate", 1}, n + 1}};
    candidate.charge = 0;
    return candidate;
}

/// Answers at once with the next candidates of the endless pool; remembers what it was asked.
class FakeLearner final : public controller::LearningService {
  public:
    void attach(controller::Post post, controller::AlarmSink alarm) override {
        post_ = std::move(post);
        alarm_ = std::move(alarm);
        stopped_ = false;  // by the next ledger of a restart
    }
    void open(const controller::LearningTask& task,
              controller::Done<controller::OpenedModel> done) override {
        asked_unattached = asked_unattached || !post_;
        asked_for = task.model;
        controller::OpenedModel model{task.model.empty() ? "model-0" : task.model,
                                      "data-0",
                                      "test",
                                      1000,
                                      "{}",
                                      warning,
                                      stale};
        answer([done, model] { done({model, ""}); });
    }
    void observe(const std::string&,
                 std::vector<controller::LearnerLabel> labels,
                 controller::Done<controller::OpenedModel> done) override {
        observed = std::move(labels);
        controller::OpenedModel model{
            "model-0", "data-" + std::to_string(observed.size()), "test", 0, "{}", "", stale};
        answer([done, model] { done({model, ""}); });
    }
    void train(const std::string&,
               bool thorough,
               std::vector<controller::LearnerLabel> labels,
               controller::Done<controller::TrainedModel> done) override {
        ++trainings;
        full.push_back(thorough);
        taught = std::move(labels);
        controller::TrainedModel model{
            "model-" + std::to_string(trainings), "model-0", "data", promoted, details};
        answer([done, model] { done({model, ""}); });
    }
    void suggest(controller::SuggestRequest request,
                 controller::Done<controller::Suggestion> done) override {
        requests.push_back(request);
        if (broken) {
            answer([]() { throw std::runtime_error("a step broke"); });
            throw std::runtime_error("the service broke");
        }
        if (failing) {
            answer([done] { done({std::nullopt, "the learner is gone"}); });
            return;
        }
        controller::Suggestion suggestion{"model-0", "data-0", "ucb", "test", {}};
        std::set<std::string> taken(request.pending.begin(), request.pending.end());
        taken.insert(request.excluded.begin(), request.excluded.end());
        for (int n = 0; n < pool && static_cast<int>(suggestion.picks.size()) < request.count;
             ++n) {
            controller::Pick pick;
            pick.candidate = candidate(n);
            pick.key = identity_key(pick.candidate);
            if (taken.count(pick.key) == 0) {
                pick.p = p;
                pick.cost = cost(n);
                pick.reason = "number " + std::to_string(n);
                pick.acquisition_input = R"({"pick":)" + std::to_string(n) + "}";
                suggestion.picks.push_back(pick);
            }
        }
        answer([done, suggestion] { done({suggestion, ""}); });
    }
    bool keeps_models() const override { return keeps; }
    void attach_closer(controller::AlarmCloser closer) override { close_alarm = std::move(closer); }
    void roll_back(const std::string&,
                   const std::string& model,
                   std::vector<controller::LearnerLabel> labels,
                   controller::Done<controller::OpenedModel> done) override {
        rolled_back_to.push_back(model);
        observed = std::move(labels);
        answer([done, model] { done({controller::OpenedModel{model, "data", "test"}, ""}); });
    }
    void forget(const std::string&, std::vector<std::string> models) override {
        forgotten.insert(forgotten.end(), models.begin(), models.end());
    }
    void why(const std::string&,
             const Candidate&,
             const std::string&,
             controller::Done<std::string> done) override {
        const auto say = [done] { done({std::string(R"({"p":0.25})"), ""}); };
        if (slow) {
            answer(say);
        } else {
            say();
        }
    }
    /// Gives what was kept back while it was slow.
    void say_held() {
        for (auto& work : std::exchange(held, {})) {
            post_(std::move(work));
        }
    }
    void stop() override { stopped_ = true; }  // the ledger's thread may still ask

    std::vector<controller::SuggestRequest> requests;
    std::vector<controller::LearnerLabel> observed, taught;
    bool asked_unattached = false;  ///< open() came before attach()
    std::string asked_for;          ///< model of the last open()
    std::string warning;            ///< to be said at the next open()
    int stale = 0;                  ///< labels, of every answer
    int trainings = 0;
    int pool = 1000;
    std::function<Candidate(int)> candidate = candidate_number;
    std::function<double(int)> cost = [](int) { return 1.0; };  ///< of candidate number n
    bool failing = false;                                       ///< answers that it cannot
    bool promoted = true;                                       ///< of every training
    std::string details = "{}";                                 ///< of every training
    bool keeps = false;                                         ///< models that one can go back to
    double p = 0.25;                                            ///< of every pick
    std::vector<std::string> rolled_back_to, forgotten;
    std::vector<bool> full;  ///< of every training
    controller::AlarmCloser close_alarm;
    bool broken = false;  ///< throws, then and later
    bool slow = false;    ///< keeps its answers back until say_held()
    std::vector<std::function<void()>> held;

  private:
    void answer(std::function<void()> work) {
        if (slow) {
            held.push_back(std::move(work));
        } else if (!stopped_) {
            post_(std::move(work));
        }
    }

    controller::Post post_;
    std::atomic<bool> stopped_{false};
    controller::AlarmSink alarm_;
};

/// Gives the answer a test prepared for each file name.
class FakeStructures final : public controller::StructureService {
  public:
    void analyse(controller::StructureRequest request,
                 std::function<void(controller::StructureAnswer)> done) override {
        ++asked;
        if (!silent) {
            done(answers.at(request.name));
        }
    }
    void stop() override {}

    std::map<std::string, controller::StructureAnswer> answers;
    int asked = 0;
    bool silent = false;  ///< never answers, as if the daemon died before
};

/// One ledger, driven by hand.
class Bench {
  public:
    explicit Bench(std::string campaign_keys = "{}", int claims_of_one_client = 64)
        : max_claims(claims_of_one_client), keys_(std::move(campaign_keys)) {
        std::ofstream(dir_ / "pool.jsonl") << "";
        open();
    }

    void open(bool with_campaign = true) {
        controller::LedgerOptions options;
        options.store = dir_ / "cupel.db";
        options.blobs = dir_ / "blobs";
        options.max_claims = max_claims;
        options.busy_wait = std::chrono::milliseconds(20);
        options.trouble = [this](const std::string& text) { troubles.push_back(text); };
        ledger = std::make_unique<controller::Ledger>(options, clock, learner, structures);
        ledger->set_event_sink([this](const std::vector<Event>& committed) {
            events.insert(events.end(), committed.begin(), committed.end());
            for (const auto& event : committed) {
                hold_to_contract(schema_of("event", event.kind), event.body_json);
            }
        });
        if (with_campaign) {
            Json config = Json::parse(keys_);
            config["pool"] = (dir_ / "pool.jsonl").string();
            ledger->ensure_campaigns({{"c", config.dump()}});
        }
        ledger->drain();
    }
    /// As after a crash: what was committed is there again, nothing else.
    void reopen() {
        ledger.reset();
        open();
    }

    Reply send(CommandBody body,
               const std::string& kind,
               const std::string& client = "robot",
               std::vector<std::string> blobs = {},
               const std::string& body_text = "") {
        Command command{make_ulid(), client, kind, sha256_hex(kind + body_text), std::move(body)};
        Reply answer;
        int answers = 0;
        ledger->submit(std::move(command), std::move(blobs), [&](Reply reply) {
            answer = std::move(reply);
            ++answers;
        });
        ledger->drain();
        if (answers != 1) {
            throw std::runtime_error(kind + " was answered " + std::to_string(answers) + " times");
        }
        if (!answer.error) {
            hold_to_contract(schema_of("reply", kind), answer.result_json);
        }
        if (!breaches.empty()) {
            throw std::runtime_error(breaches.front());
        }
        return answer;
    }
    Json ok(CommandBody body,
            const std::string& kind,
            const std::string& client = "robot",
            std::vector<std::string> blobs = {}) {
        const Reply reply = send(std::move(body), kind, client, std::move(blobs));
        if (reply.error) {
            throw std::runtime_error(kind + ": " + std::string(to_string(*reply.error)) + ": " +
                                     reply.text);
        }
        return Json::parse(reply.result_json);
    }
    std::optional<ErrorCode> error_of(CommandBody body,
                                      const std::string& kind,
                                      const std::string& client = "robot") {
        return send(std::move(body), kind, client).error;
    }

    std::vector<std::string> offers(const std::string& client = "robot") {
        std::vector<std::string> ids;
        const Json reply = ok(ListOffers{}, "LIST_OFFERS", client);
        for (const auto& offer : reply["offers"]) {
            ids.push_back(offer["proposal"].get<std::string>());
        }
        return ids;
    }
    struct Held {
        std::string proposal;
        LeaseProof proof;
    };
    Held claim(const std::string& proposal,
               const std::string& client = "robot",
               LeaseClass kind = LeaseClass::Robot) {
        const Json claims = ok(Claim{make_ulid(), {proposal}, kind}, "CLAIM", client)["claims"];
        return {proposal,
                {claims[0]["lease"].get<std::string>(), claims[0]["fence"].get<std::int64_t>()}};
    }
    Held start(const std::string& proposal,
               const std::string& client = "robot",
               LeaseClass kind = LeaseClass::Robot) {
        Held held = claim(proposal, client, kind);
        ok(Start{make_ulid(), proposal, held.proof, std::nullopt}, "START", client);
        return held;
    }
    Result result(const Held& held, OutcomeKind kind) {
        Result result;
        result.cmd_id = make_ulid();
        result.proposal = held.proposal;
        result.proof = held.proof;
        result.outcome = Outcome{};
        result.outcome->kind = kind;
        return result;
    }
    /// Somebody says what became of a candidate; the id of the result.
    std::string observe(const Candidate& candidate, OutcomeKind kind) {
        Observe seen;
        seen.cmd_id = make_ulid();
        seen.campaign = "c";
        seen.candidate = candidate;
        seen.outcome = Outcome{};
        seen.outcome->kind = kind;
        return ok(seen, "OBSERVE")["result"].get<std::string>();
    }
    std::string state(const std::string& proposal) {
        const Json reply = ok(Snapshot{}, "SNAPSHOT");
        for (const auto& campaign : reply["campaigns"]) {
            for (const auto& entry : campaign["proposals"]) {
                if (entry["proposal"] == proposal) {
                    return entry["state"].get<std::string>();
                }
            }
        }
        return "";
    }
    Json campaign() { return ok(Status{}, "STATUS")["campaigns"][0]; }
    int count(const std::string& kind) const {
        int n = 0;
        for (const auto& event : events) {
            n += event.kind == kind ? 1 : 0;
        }
        return n;
    }
    Json last(const std::string& kind) const {
        for (auto event = events.rbegin(); event != events.rend(); ++event) {
            if (event->kind == kind) {
                return Json::parse(event->body_json);
            }
        }
        return nullptr;
    }
    controller::VerifyReport verify() {
        return controller::Store(dir_ / "cupel.db", controller::Store::Mode::Read).verify();
    }
    const TempDir& dir() const { return dir_; }

    FakeClock clock;
    FakeLearner learner;
    FakeStructures structures;
    std::vector<Event> events;
    std::set<std::string> schemas_met;  ///< names of all schemas something was held against
    std::vector<std::string> troubles;  ///< that the log would have
    std::vector<std::string> breaches;  ///< of the contract; the next send() throws the first
    std::unique_ptr<controller::Ledger> ledger;
    int max_claims = 64;

  private:
    void hold_to_contract(const std::string& schema, const std::string& body) {
        schemas_met.insert(schema);
        if (auto broken = breach(schema, body)) {
            breaches.push_back(std::move(*broken));
        }
    }
    TempDir dir_;
    std::string keys_;
};

}  // namespace cupel::test
