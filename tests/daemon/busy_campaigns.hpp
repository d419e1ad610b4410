// Two campaigns in which everything happens that a store keeps: for tests of its copies.
#pragma once

#include <algorithm>
#include <random>

#include "support.hpp"

namespace cupel::test {

/// Claims, results of every kind, held ones, amendments, overrules, retractions, edits, cancels,
/// unknowns, observations, alarms and models, by a random walk with a fixed seed.
class BusyCampaigns {
  public:
    BusyCampaigns(Bench& bench, std::uint32_t seed) : bench_(bench), random_(seed) {
        bench_.learner.warning = "one label cannot be read";  // an alarm at each opening
        bench_.structures.answers["x.cif"] = {std::nullopt, "no_atoms", "no atoms", false};
        const Json keys{{"pool", (bench.dir() / "pool.jsonl").string()},
                        {"review", true},
                        {"train_every", 2},
                        {"open_offers", 4},
                        {"max_unknown", 100}};
        bench_.ok(CampaignNew{make_ulid(), "reviewed", keys.dump()}, "CAMPAIGN_NEW");
    }

    void run(int steps) {
        for (int i = 0; i < steps; ++i) {
            step();
        }
    }

  private:
    template <typename Body>
    void send(Body body, const char* kind) {
        body.cmd_id = make_ulid();
        bench_.send(std::move(body), kind);
    }
    std::size_t pick(std::size_t below) {
        return std::uniform_int_distribution<std::size_t>(0, below - 1)(random_);
    }
    Outcome outcome() {
        Outcome made;
        made.kind = static_cast<OutcomeKind>(pick(10));
        return made;
    }
    Result result(const std::string& id) {
        Result made;
        made.proposal = id;
        if (pick(3) != 0) {
            made.proof = leases_[id];
        }
        made.outcome = outcome();
        made.consumed = pick(2) == 0;
        made.note = "as seen, \"quoted\" \xC3\xA4";
        return made;
    }
    std::string learn() {
        for (; seen_ < bench_.events.size(); ++seen_) {
            const Event& event = bench_.events[seen_];
            const Json body = Json::parse(event.body_json);
            if (event.kind == "PROPOSED") {
                ids_.push_back(event.proposal);
            } else if (event.kind == "REVIEW_REQUESTED") {
                in_review_.push_back(event.proposal);
            } else if (event.kind == "RESULT_HELD") {
                held_.push_back(body["result"]);
            } else if (event.kind == "ALARM") {
                alarms_.push_back(body["alarm"]);
            }
        }
        // Mostly one that still moves.
        const std::size_t among =
            pick(4) == 0 ? ids_.size() : std::min<std::size_t>(12, ids_.size());
        return ids_[ids_.size() - 1 - pick(among)];
    }

    void step() {
        const std::string id = learn();
        const LeaseProof proof = leases_[id];
        switch (pick(24)) {
            case 0:
            case 1:
            case 2:
            case 3: {
                const auto kind = pick(4) == 0 ? LeaseClass::Person : LeaseClass::Robot;
                const Reply reply = bench_.send(Claim{make_ulid(), {id}, kind}, "CLAIM");
                if (!reply.error) {
                    const Json claim = Json::parse(reply.result_json)["claims"][0];
                    leases_[id] = {claim["lease"], claim["fence"]};
                }
                return;
            }
            case 4:
            case 5:
            case 6:
                return send(Start{"", id, proof, {}}, "START");
            case 7:
                return send(Progress{"", id, proof, "stage", {}, 10.0}, "PROGRESS");
            case 8:
                return send(Release{"", id, proof, "busy"}, "RELEASE");
            case 9:
                return send(Decline{"", id, {}, "no silver"}, "DECLINE");
            case 10:
                return send(Cancel{"", id, "wrong flask"}, "CANCEL");
            case 11:
                return send(CancelAck{"", id, proof, pick(2) == 0}, "CANCEL_ACK");
            case 12:
            case 13:
            case 14:
                return send(result(id), "RESULT");
            case 15:
                return with_file(id);
            case 16: {
                ResultAmend amend{result(id)};
                amend.result.cmd_id = make_ulid();
                bench_.send(std::move(amend), "RESULT_AMEND");
                return;
            }
            case 17:
                return send(Overrule{"", id, outcome(), "looked again"}, "OVERRULE");
            case 18:
                return send(ResultRetract{"", id, "wrong vial"}, "RESULT_RETRACT");
            case 19:
                return review();
            case 20:
                return send(
                    ResolveUnknown{
                        "", id, "asked", static_cast<ResolveUnknown::Way>(pick(3)), outcome()},
                    "RESOLVE_UNKNOWN");
            case 21:
                return settle();
            case 22:
                bench_.clock.advance(std::chrono::minutes(pick(60)));
                return;
            default:
                if (pick(4) == 0) {
                    bench_.reopen();
                }
        }
    }

    void with_file(const std::string& id) {
        const std::string cif = "data_" + std::to_string(pick(5)) + "\n";
        Result made = result(id);
        made.cmd_id = make_ulid();
        made.blobs = {{"x.cif", "chemical/x-cif", sha256_hex(cif), cif.size()}};
        bench_.send(std::move(made), "RESULT", "robot", {cif});
    }
    void review() {
        const std::string id =
            in_review_[in_review_.size() - 1 - pick(std::min<std::size_t>(4, in_review_.size()))];
        Candidate edited = candidate_number(5000 + static_cast<int>(pick(100)));
        edited.edit = Edit{"[Ag2(SCH3)1]", {"vacancy"}};
        switch (pick(4)) {
            case 0:
                return send(EditProposal{"", id, edited, "one less"}, "EDIT");
            case 1:
                return send(Reject{"", id, "hazardous"}, "REJECT");
            default:
                return send(Approve{"", id, "good"}, "APPROVE");
        }
    }
    void settle() {
        if (!held_.empty() && pick(2) == 0) {
            const std::string held = held_[pick(held_.size())];
            return pick(2) == 0 ? send(AcceptHeld{"", held, "it counts"}, "ACCEPT_HELD")
                                : send(RefuseHeld{"", held, "a mistake"}, "REFUSE_HELD");
        }
        if (!alarms_.empty() && pick(2) == 0) {
            return send(AckAlarm{"", alarms_[pick(alarms_.size())], "seen"}, "ACK_ALARM");
        }
        Observe observe;
        observe.campaign = "c";
        observe.candidate = candidate_number(7000 + static_cast<int>(pick(100)));
        observe.outcome = outcome();
        send(std::move(observe), "OBSERVE");
    }

    Bench& bench_;
    std::mt19937 random_;
    std::size_t seen_ = 0;
    std::vector<std::string> ids_, in_review_, held_, alarms_;
    std::map<std::string, LeaseProof> leases_;
};

constexpr const char* kBusyKeys =
    R"({"open_offers": 6, "budget": 200, "reoffer_failed": true, "max_unknown": 1000, "max_failed": 0,
        "train_every": 3, "supersede": "withdraw"})";

}  // namespace cupel::test
