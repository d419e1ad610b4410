// Client and subscriber against the real daemon, in process, over its real sockets.
#include <fstream>

#include <nlohmann/json.hpp>

#include <cupel/client/subscriber.hpp>
#include <cupel/codec/candidate_codec.hpp>
#include <cupel/controller.hpp>
#include <cupel/controller/allow_list.hpp>
#include <cupel/domain/sha256.hpp>
#include <cupel/domain/ulid.hpp>

#include "catch.hpp"
#include "scripted_peer.hpp"
#include "temp_dir.hpp"

namespace {

using namespace cupel;
using namespace cupel::client;
using namespace std::chrono_literals;
using Json = nlohmann::json;

/// A daemon with one campaign on a small pool, which can be stopped and started on its ports.
class Daemon {
  public:
    /// With CURVE each of these has a key of its own.
    explicit Daemon(const std::map<std::string, Role>& allowed = {}) {
        std::ofstream pool(dir_ / "pool.jsonl");
        for (int n = 0; n < 20; ++n) {
            Candidate candidate;
            candidate.core.metals = {{"Ag", n + 2}};
            candidate.ligands = {{Ligand{"[S-]C", "CH3S", -1, {"S"}, "thiolate", 1}, n + 1}};
            pool << codec::encode(candidate) << "\n";
        }
        pool.close();
        config_ = controller::Config::isolated();
        config_.store.path = dir_ / "cupel.db";
        config_.bus.heartbeat_s = 1;
        config_.campaigns["demo"] = Json{
            {"pool", pool_file()},
            {"policy", "random"},
            {"budget", 4},
            {"open_offers", 4}}.dump();
        if (!allowed.empty()) {
            secure(allowed);
        }
        start();
    }
    void start() {
        daemon_ = std::make_unique<controller::Controller>(config_);
        daemon_->start();
        config_.bus.control = daemon_->control_endpoint();
        config_.bus.events = daemon_->events_endpoint();
    }
    void stop() { daemon_.reset(); }
    const std::string& control() const { return config_.bus.control; }
    const std::string& events() const { return config_.bus.events; }
    std::string pool_file() const { return (dir_ / "pool.jsonl").string(); }
    const std::string& server_key() const { return server_.public_key; }
    const KeyPair& key(const std::string& name) const { return keys_.at(name); }

  private:
    void secure(const std::map<std::string, Role>& allowed) {
        controller::AllowList list;
        for (const auto& [name, role] : allowed) {
            keys_[name] = test::make_key_pair();
            list.allow(keys_[name].public_key, {name, {role}, {"*"}, {LeaseClass::Robot}, 2});
        }
        config_.bus.auth = "curve";
        config_.bus.allow_list = dir_ / "allow.toml";
        list.save(config_.bus.allow_list);
        config_.bus.server_key = dir_ / "server.key";
        write_key_file(config_.bus.server_key, server_);
    }

    test::TempDir dir_;
    KeyPair server_ = test::make_key_pair();
    std::map<std::string, KeyPair> keys_;
    controller::Config config_;
    std::unique_ptr<controller::Controller> daemon_;
};

ClientOptions options_of(const Daemon& daemon, const std::string& name) {
    ClientOptions options;
    options.control = daemon.control();
    options.name = name;
    options.patience = 2s;
    return options;
}

SubscriberOptions listening_to(const Daemon& daemon) {
    SubscriberOptions options;
    options.client = options_of(daemon, "listener");
    options.events = daemon.events();
    options.campaigns = {"demo"};
    options.from_first = true;
    options.jitter = 0ms;
    return options;
}

/// Hears events until one of this kind; checks that they are contiguous.
Event hear(Subscriber& subscriber, const std::string& kind, std::int64_t& last) {
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    while (std::chrono::steady_clock::now() < deadline) {
        const auto heard = subscriber.next(1s);
        if (!heard || !heard->snapshot_json.empty()) {
            continue;
        }
        REQUIRE(heard->event.seq == ++last);
        if (heard->event.kind == kind) {
            return heard->event;
        }
    }
    throw std::runtime_error("no " + kind);
}

}  // namespace

TEST_CASE("a robot's day through the library, told without gaps over a restart", "[client]") {
    Daemon daemon;
    Subscriber subscriber(listening_to(daemon));
    std::int64_t last = 0;
    const std::string proposal = hear(subscriber, "OFFERED", last).proposal;
    Client robot(options_of(daemon, "robot"));
    const Json claims =
        Json::parse(robot.ask(Claim{make_ulid(), {proposal}, LeaseClass::Robot}).result_json);
    const Json& claim = claims.at("claims").at(0);
    const LeaseProof proof{claim.at("lease").get<std::string>(),
                           claim.at("fence").get<std::int64_t>()};
    const Start start{make_ulid(), proposal, proof, std::nullopt};
    const std::string started = robot.ask(start).result_json;
    CHECK(hear(subscriber, "STARTED", last).proposal == proposal);

    // The same command again is answered as before and does nothing; another with its id is
    // refused.
    CHECK(robot.ask(start).result_json == started);
    Start other = start;
    other.expected_s = 60.0;
    CHECK_THROWS_WITH(robot.ask(other), Catch::Contains("IDEMPOTENCY_CONFLICT"));

    daemon.stop();
    daemon.start();
    // The new daemon has not met this connection, and still knows the lease.
    Result result;
    result.cmd_id = make_ulid();
    result.proposal = proposal;
    result.attempt = 1;
    result.proof = proof;
    result.outcome = Outcome{};
    result.outcome->kind = OutcomeKind::Amorphous;
    robot.ask(result);
    CHECK(hear(subscriber, "VERDICT", last).proposal == proposal);
    CHECK(subscriber.applied().at("demo") == last);
}

TEST_CASE("who may follow every campaign hears one that is made later", "[client]") {
    const Daemon daemon({{"listener", Role::Observer}, {"boss", Role::Admin}});
    const auto with_keys = [&](const std::string& name) {
        ClientOptions options = options_of(daemon, name);
        options.server_key = daemon.server_key();
        options.public_key = daemon.key(name).public_key;
        options.secret_key = daemon.key(name).secret_key;
        return options;
    };
    auto listening = listening_to(daemon);
    listening.client = with_keys("listener");
    listening.campaigns.clear();
    listening.from_first = false;
    Subscriber subscriber(listening);
    REQUIRE(subscriber.next(30s));
    const Json config{{"pool", daemon.pool_file()}, {"policy", "random"}};
    Client boss(with_keys("boss"));
    boss.ask(CampaignNew{make_ulid(), "later", config.dump()});
    std::int64_t seq = 0;
    const auto deadline = std::chrono::steady_clock::now() + 30s;
    while (seq < 2 && std::chrono::steady_clock::now() < deadline) {
        const auto heard = subscriber.next(1s);
        if (heard && heard->event.campaign == "later") {
            CHECK(heard->event.seq == ++seq);
        }
    }
    CHECK(seq == 2);
}

TEST_CASE("a file larger than a frame reaches the store", "[client]") {
    const Daemon daemon;
    Client client(options_of(daemon, "analyst"));
    std::string large(9u << 20, 'x');
    large.back() = 'y';
    Observe observe;
    observe.cmd_id = make_ulid();
    observe.campaign = "demo";
    observe.candidate = Candidate{};
    observe.candidate->core.metals = {{"Au", 25}};
    observe.candidate->ligands = {{Ligand{"[S-]C", "CH3S", -1, {"S"}, "thiolate", 1}, 18}};
    observe.outcome = Outcome{};
    observe.outcome->kind = OutcomeKind::MassConfirmed;
    observe.blobs = {{"spectrum.bin", "application/octet-stream", sha256_hex(large), large.size()}};
    client.ask(observe, {large});
    // What comes back in one frame is what was sent in two.
    const Answer answer = client.ask(BlobGet{sha256_hex(large)});
    REQUIRE(answer.blobs.size() == 1);
    CHECK(answer.blobs.front() == large);
}

TEST_CASE("a campaign that does not exist is refused by name", "[client]") {
    const Daemon daemon;
    auto options = listening_to(daemon);
    options.campaigns = {"nowhere"};
    Subscriber subscriber(options);
    CHECK_THROWS_WITH(subscriber.next(10s), Catch::Contains("nowhere"));
}
