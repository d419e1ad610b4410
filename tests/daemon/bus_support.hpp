// A ledger that runs by itself behind real sockets, with the learner of the other tests.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include <cupel/codec/schema_validator.hpp>

#include "bus/bus.hpp"
#include "campaign/clock.hpp"
#include "raw_client.hpp"
#include "support.hpp"

namespace cupel::test {

class BusBench {
  public:
    explicit BusBench(controller::BusOptions options = fast(),
                      std::unique_ptr<controller::LearningService> service = nullptr)
        : learner(service ? std::move(service) : std::make_unique<FakeLearner>()) {
        std::ofstream(dir / "pool.jsonl") << "";
        controller::LedgerOptions ledger_options;
        ledger_options.store = dir / "cupel.db";
        ledger_options.blobs = dir / "blobs";
        ledger = std::make_unique<controller::Ledger>(ledger_options, clock, *learner, structures);
        bus = std::make_unique<controller::Bus>(options, *ledger, controller::Log{});
        ledger->set_event_sink(
            [this](std::vector<Event> events) { bus->publish(std::move(events)); });
        ledger->ensure_campaigns({{"c", campaign_keys()}});
        ledger->start();
        bus->bind();
        bus->start();
    }
    ~BusBench() {
        ledger->stop();
        bus->stop();
    }
    BusBench(const BusBench&) = delete;
    BusBench& operator=(const BusBench&) = delete;

    static controller::BusOptions fast() {
        controller::BusOptions options;
        options.heartbeat = std::chrono::milliseconds(20);
        return options;
    }
    std::string campaign_keys() const {
        return Json{{"pool", (dir / "pool.jsonl").string()}, {"open_offers", 4}}.dump();
    }
    RawClient connect() { return RawClient(context, bus->control_endpoint()); }
    RawClient hello(const std::string& name) {
        RawClient client = connect();
        client.ok("HELLO", {{"client", name}});
        return client;
    }
    Listener listen(const Texts& topics) {
        return Listener(context, bus->events_endpoint(), topics);
    }
    /// The offers, once there are some.
    std::vector<std::string> offers(RawClient& client) {
        const auto deadline = std::chrono::steady_clock::now() + kPatience;
        while (std::chrono::steady_clock::now() < deadline) {
            std::vector<std::string> ids;
            const Json listed = client.ok("LIST_OFFERS");
            for (const auto& offer : listed["offers"]) {
                ids.push_back(offer["proposal"].get<std::string>());
            }
            if (!ids.empty()) {
                return ids;
            }
        }
        throw std::runtime_error("no offers");
    }

    TempDir dir;
    controller::SystemClock clock;
    std::unique_ptr<controller::LearningService> learner;
    FakeStructures structures;
    std::unique_ptr<controller::Ledger> ledger;
    std::unique_ptr<controller::Bus> bus;
    zmq::context_t context{1};
};

/// Empty when the body of an answer fits its schema.
inline std::string misfit(const std::string& kind, const Answered& answered) {
    std::string name = "reply-";
    for (const char c : kind) {
        name += c == '_' ? '-' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    name = answered.ok() ? name + "-1" : "err-1";
    return codec::schema_violation("header-1", answered.header.dump()).value_or("") +
           codec::schema_violation(name, answered.body.dump()).value_or("");
}

}  // namespace cupel::test
