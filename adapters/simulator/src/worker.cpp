// The worker's side of the protocol.
#include "worker.hpp"

#include <chrono>
#include <fstream>
#include <thread>

#include <nlohmann/json.hpp>

#include <cupel/codec/proposal_codec.hpp>
#include <cupel/domain/sha256.hpp>
#include <cupel/domain/ulid.hpp>
#include <cupel/domain/vocabulary.hpp>

namespace cupel::simulator {
namespace {

using Json = nlohmann::json;

void wait(double seconds) {
    if (seconds > 0.0) {
        std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
    }
}

/// The proposal moved on without us; every other refusal is a mistake of ours.
bool is_lost(const Refused& refused) {
    const std::string& code = refused.code();
    return code == "NOT_OFFERED" || code == "STALE_LEASE" || code == "ILLEGAL_STATE" ||
           code == "ALREADY_STARTED" || code == "NO_SUCH_PROPOSAL";
}

}  // namespace

Worker::Worker(Channel& channel, Chemist& chemist, WorkerOptions options)
    : channel_(channel), chemist_(chemist), options_(std::move(options)) {}

void Worker::join() {
    const Json hello =
        Json::parse(channel_.ask(Hello{options_.name, "cupel-simulator", "0.1", {}}));
    if (hello.at("leases").empty()) {
        return;
    }
    // A restarted worker finds its leases here, and what they are about in the snapshot.
    const Json snapshot = Json::parse(channel_.ask(Snapshot{}));
    for (const auto& lease : hello.at("leases")) {
        for (const auto& campaign : snapshot.at("campaigns")) {
            for (const auto& wire : campaign.at("proposals")) {
                if (wire.at("proposal") != lease.at("proposal")) {
                    continue;
                }
                Held held{
                    codec::decode_proposal(wire.dump()),
                    {lease.at("lease").get<std::string>(), lease.at("fence").get<std::int64_t>()},
                    lease.at("state") != "CLAIMED"};
                options_.say("takes up " + held.proposal.id + " again");
                make(held);
            }
        }
    }
}

std::optional<Worker::Held> Worker::claim_one() {
    ListOffers list;
    if (!options_.campaign.empty()) {
        list.campaign = options_.campaign;
    }
    const Json offers = Json::parse(channel_.ask(list)).at("offers");
    for (const auto& offer : offers) {
        const auto id = offer.at("proposal").get<std::string>();
        try {
            const Json reply =
                Json::parse(channel_.ask(Claim{make_ulid(), {id}, options_.lease_class}));
            const Json& claim = reply.at("claims").at(0);
            return Held{
                codec::decode_proposal(claim.at("offer").dump()),
                {claim.at("lease").get<std::string>(), claim.at("fence").get<std::int64_t>()},
                false};
        } catch (const Refused& refused) {
            // Another worker was faster, or the campaign ended meanwhile.
            if (!is_lost(refused)) {
                throw;
            }
            options_.say("lost " + id + ": " + refused.code());
        }
    }
    return std::nullopt;
}

bool Worker::work_once() {
    const auto held = claim_one();
    if (held) {
        make(*held);
    }
    return held.has_value();
}

void Worker::make(const Held& held) {
    try {
        if (!held.started) {
            Start start{make_ulid(), held.proposal.id, held.proof, std::nullopt};
            if (options_.stage_seconds > 0.0) {
                start.expected_s =
                    options_.stage_seconds * static_cast<double>(options_.stages.size() + 1);
            }
            channel_.ask(start);
        }
        ++experiments_;
        for (const auto& stage : options_.stages) {
            pass_stage(held, stage);
        }
        const Attempt attempt = chemist_.make(
            held.proposal.candidate, held.proposal.attempt, experiments_ == options_.fault_at);
        give_result(held, attempt);
    } catch (const Refused& refused) {
        if (!is_lost(refused)) {
            throw;
        }
        options_.say(held.proposal.id + " is no longer ours: " + refused.what());
    }
}

void Worker::pass_stage(const Held& held, const std::string& stage) {
    wait(options_.stage_seconds);
    Progress progress{make_ulid(), held.proposal.id, held.proof, stage, std::nullopt, std::nullopt};
    channel_.ask(progress);
}

void Worker::give_result(const Held& held, const Attempt& attempt) {
    Result result;
    result.cmd_id = make_ulid();
    result.proposal = held.proposal.id;
    result.attempt = held.proposal.attempt;
    result.proof = held.proof;
    result.outcome = attempt.outcome;
    result.consumed = attempt.consumed;
    result.note = attempt.note;
    std::vector<std::string> frames;
    if (!attempt.cif.empty()) {
        const std::string name = held.proposal.id + ".cif";
        result.blobs.push_back(
            {name, "chemical/x-cif", sha256_hex(attempt.cif), attempt.cif.size()});
        frames.push_back(attempt.cif);
        if (!options_.keep.empty()) {
            std::ofstream(options_.keep / name, std::ios::binary) << attempt.cif;
        }
    }
    channel_.ask(result, frames);
    options_.say(held.proposal.candidate.name() + ": " +
                 (attempt.outcome ? std::string(to_string(attempt.outcome->kind)) : "CIF") + " (" +
                 attempt.note + ")");
}

bool Worker::finished() {
    const Json status = Json::parse(channel_.ask(Status{}));
    bool any = false;
    for (const auto& campaign : status.at("campaigns")) {
        if (options_.campaign.empty() || campaign.at("campaign") == options_.campaign) {
            any = true;
            if (campaign.at("state") != "FINISHED") {
                return false;
            }
        }
    }
    return any;
}

}  // namespace cupel::simulator
