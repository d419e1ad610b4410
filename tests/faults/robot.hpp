// A robot that makes whatever campaign "c" offers, with files, until the campaign is finished.
#pragma once

#include <atomic>
#include <chrono>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <nlohmann/json.hpp>

#include <cupel/client/client.hpp>
#include <cupel/domain/sha256.hpp>
#include <cupel/domain/ulid.hpp>

#include "raw_client.hpp"

namespace cupel::test {

/// Has a thread of its own, and the library's client: it repeats what is not answered within
/// `patience`. joined() says what went wrong.
class Robot {
  public:
    Robot(const std::string& control, std::string name, std::chrono::milliseconds patience)
        : name_(std::move(name)), thread_([this, control, patience] {
              try {
                  work(control, patience);
              } catch (const std::exception& error) {
                  failure_ = error.what();
              }
              done_ = true;
          }) {}
    ~Robot() {
        if (thread_.joinable()) {
            thread_.join();
        }
    }
    std::string joined() {
        thread_.join();
        return failure_;
    }
    bool done() const { return done_; }
    bool waiting() const { return waiting_; }
    const std::string& name() const { return name_; }
    /// cmd_ids that were answered with OK so far.
    std::vector<std::string> answered() {
        const std::lock_guard lock(mutex_);
        return answered_;
    }

  private:
    Json ask(client::Client& client,
             const CommandBody& body,
             const std::string& cmd_id = "",
             const std::vector<std::string>& blobs = {}) {
        waiting_ = true;
        const Json reply = Json::parse(client.ask(body, blobs).result_json);
        waiting_ = false;
        if (!cmd_id.empty()) {
            const std::lock_guard lock(mutex_);
            answered_.push_back(cmd_id);
        }
        return reply;
    }
    void work(const std::string& control, std::chrono::milliseconds patience) {
        client::ClientOptions options;
        options.control = control;
        options.name = name_;
        options.patience = patience;
        client::Client client(options);
        while (ask(client, Status{})["campaigns"][0]["state"] != "FINISHED") {
            const Json offers = ask(client, ListOffers{})["offers"];
            for (const auto& offer : offers) {
                try {
                    make(client, offer["proposal"].get<std::string>());
                } catch (const client::Refused& refused) {
                    if (refused.code() != "NOT_OFFERED") {
                        throw;  // the other one was faster; anything else is wrong
                    }
                }
            }
        }
    }
    void make(client::Client& client, const std::string& proposal) {
        const Claim claim{make_ulid(), {proposal}, LeaseClass::Robot};
        const Json claimed = ask(client, claim, claim.cmd_id)["claims"][0];
        const LeaseProof proof{claimed["lease"], claimed["fence"]};
        const Start start{make_ulid(), proposal, proof, std::nullopt};
        ask(client, start, start.cmd_id);
        const Progress progress{make_ulid(), proposal, proof, "mixed", std::nullopt, std::nullopt};
        ask(client, progress, progress.cmd_id);
        // One file in two parts, one beside the command.
        const std::string large = "large file of " + proposal;
        const std::string small = "small file of " + proposal;
        const std::string hash = sha256_hex(large);
        ask(client, BlobPut{hash, 0, 2}, "", {large.substr(0, 5)});
        ask(client, BlobPut{hash, 1, 2}, "", {large.substr(5)});
        const Json whole = ask(client, BlobPut{hash, 1, 2}, "", {large.substr(5)});
        if (!whole["complete"].get<bool>()) {
            throw std::runtime_error("the parts did not give a file");
        }
        Result result;
        result.cmd_id = make_ulid();
        result.proposal = proposal;
        result.proof = proof;
        result.outcome = Outcome{};
        result.outcome->kind = OutcomeKind::NoReaction;
        result.blobs = {{"s.txt", "text/plain", sha256_hex(small), small.size()}};
        if (ask(client, result, result.cmd_id, {small})["held"].get<bool>()) {
            throw std::runtime_error("a current result was held");
        }
    }

    std::string name_;
    std::string failure_;
    std::mutex mutex_;
    std::vector<std::string> answered_;
    std::atomic<bool> waiting_{false}, done_{false};
    std::thread thread_;
};

}  // namespace cupel::test
