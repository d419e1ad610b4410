// What Prometheus reads from a real socket, after real commands.
#include <regex>

#include "bus_support.hpp"
#include "catch.hpp"
#include "daemon.hpp"
#include "tcp.hpp"

using namespace cupel;
using namespace cupel::controller;
using namespace cupel::test;

namespace {

/// A daemon with one campaign whose figures can be read.
class Watched {
  public:
    Watched() {
        std::ofstream(dir_ / "pool.jsonl") << "";
        config.store.path = dir_ / "cupel.db";
        config.http.metrics = "127.0.0.1:*";
        config.campaigns["c"] =
            Json{{"pool", (dir_ / "pool.jsonl").string()}, {"open_offers", 4}}.dump();
        daemon = std::make_unique<Daemon>(
            config,
            Services{std::make_unique<FakeLearner>(), std::make_unique<FakeStructures>(), {}},
            Log{});
    }
    RawClient connect() { return RawClient(context_, daemon->bus().control_endpoint()); }
    Tcp dial() const { return Tcp("tcp://" + daemon->metrics_endpoint()); }
    /// The whole answer to a request, its head among it.
    std::string ask(const std::string& request) const {
        const Tcp connection = dial();
        connection.send(request);
        return connection.read_all();
    }
    std::string get(const std::string& path) const {
        return ask("GET " + path + " HTTP/1.1\r\nHost: " + daemon->metrics_endpoint() + "\r\n\r\n");
    }

    Config config = Config::isolated();
    std::unique_ptr<Daemon> daemon;

  private:
    TempDir dir_;
    zmq::context_t context_{1};
};

/// The value of a series; throws when it is not there.
double value_of(const std::string& text, const std::string& series) {
    const auto at = text.find("\n" + series + " ");
    if (at == std::string::npos) {
        throw std::runtime_error("no " + series + " in " + text);
    }
    return std::stod(text.substr(at + series.size() + 2));
}

std::vector<std::string> offers(RawClient& client) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (std::chrono::steady_clock::now() < deadline) {
        const Json listed = client.ok("LIST_OFFERS");
        if (listed.at("offers").size() == 4) {
            std::vector<std::string> ids;
            for (const auto& offer : listed.at("offers")) {
                ids.push_back(offer.at("proposal").get<std::string>());
            }
            return ids;
        }
    }
    throw std::runtime_error("no offers");
}

}  // namespace

TEST_CASE("the figures tell what was done, refused and what there is", "[metrics]") {
    Watched watched;
    RawClient client = watched.connect();
    client.ok("HELLO", {{"client", "robot"}});
    const auto ids = offers(client);
    client.ok("CLAIM", {{"cmd_id", make_ulid()}, {"proposals", {ids[0]}}});
    CHECK(client.ask("CLAIM", {{"cmd_id", make_ulid()}, {"proposals", {ids[0]}}}).error() ==
          "NOT_OFFERED");
    CHECK(client.ask("DANCE").error() == "BAD_MESSAGE");
    client.ok("PING", {{"applied", {{"c", 1}}}});

    const std::string text = watched.get("/metrics");
    CHECK(text.rfind("HTTP/1.1 200 OK\r\n", 0) == 0);
    CHECK(text.find("Content-Type: text/plain; version=0.0.4") != std::string::npos);
    CHECK(value_of(text, "cupel_build_info{version=\"" + version() + "\"}") == 1);
    CHECK(value_of(text, "cupel_answers") == 1);
    CHECK(value_of(text, "cupel_commands_total{kind=\"CLAIM\",result=\"OK\"}") == 1);
    CHECK(value_of(text, "cupel_commands_total{kind=\"CLAIM\",result=\"NOT_OFFERED\"}") == 1);
    CHECK(value_of(text, "cupel_refusals_total{code=\"NOT_OFFERED\"}") == 1);
    CHECK(value_of(text, "cupel_refusals_total{code=\"BAD_MESSAGE\"}") == 1);
    CHECK(value_of(text, "cupel_bad_messages_total") == 1);
    CHECK(value_of(text, "cupel_proposals{campaign=\"c\",state=\"CLAIMED\"}") == 1);
    CHECK(value_of(text, "cupel_proposals{campaign=\"c\",state=\"OFFERED\"}") == 3);
    CHECK(value_of(text, "cupel_campaign_open{campaign=\"c\"}") == 4);
    CHECK(value_of(text, "cupel_campaign_state{campaign=\"c\",state=\"RUNNING\"}") == 1);
    CHECK(value_of(text, "cupel_campaign_state{campaign=\"c\",state=\"PAUSED\"}") == 0);
    CHECK(value_of(text, "cupel_campaign_budget_experiments{campaign=\"c\"}") == 96);
    CHECK(value_of(text, "cupel_campaign_spent_experiments{campaign=\"c\"}") == 0);
    CHECK(value_of(text, "cupel_subscribers") == 1);
    CHECK(value_of(text, "cupel_subscriber_lag_events_max") == value_of(text, "cupel_gseq") - 1);
    CHECK(value_of(text, "cupel_alarms_open") == 0);
    CHECK(value_of(text, "cupel_authenticated") == 0);
    CHECK(value_of(text, "cupel_connections") == 1);
    CHECK(value_of(text, "cupel_learner_state{state=\"ready\"}") == 1);
    CHECK(value_of(text, "cupel_learner_restarts_total") == 0);
    CHECK(value_of(text, "cupel_structures_waiting") == 0);
    CHECK(value_of(text, "cupel_store_bytes") > 0);
    CHECK(value_of(text, "cupel_store_free_bytes") > 0);
    CHECK(value_of(text, "process_resident_memory_bytes") > 1e6);
    CHECK(value_of(text, "process_open_fds") > 3);
    // Every command that was answered has its time, every commit as well.
    CHECK(value_of(text, "cupel_command_seconds_count") >= 5);
    CHECK(value_of(text, "cupel_commit_seconds_count") >= 2);
    CHECK(value_of(text, "cupel_command_seconds_bucket{le=\"+Inf\"}") ==
          value_of(text, "cupel_command_seconds_count"));
    // CAMPAIGN_CREATED was committed before anybody listened.
    CHECK(value_of(text, "cupel_events_published_total") == value_of(text, "cupel_gseq"));
    // Ids and names of clients would make the list grow for ever.
    CHECK(text.find(ids[0]) == std::string::npos);
    CHECK(text.find("robot") == std::string::npos);
}

TEST_CASE("the figures keep to the rules of their format", "[metrics]") {
    Watched watched;
    RawClient client = watched.connect();
    offers(client);
    const std::string answer = watched.get("/metrics");
    std::istringstream lines(answer.substr(answer.find("\r\n\r\n") + 4));
    const std::regex help("# HELP [a-z_]+ .+");
    const std::regex type("# TYPE ([a-z_]+) (counter|gauge|histogram)");
    const std::regex series(R"re([a-z_]+(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? [-+.e0-9]+)re");
    std::set<std::string> seen;
    int values = 0;
    for (std::string line; std::getline(lines, line);) {
        INFO(line);
        std::smatch match;
        if (std::regex_match(line, match, type)) {
            CHECK(seen.insert(match[1]).second);  // one block for each
            const bool total = match[1].str().size() > 6 &&
                               match[1].str().rfind("_total") == match[1].str().size() - 6;
            CHECK(total == (match[2] == "counter"));
        } else if (line.rfind("#", 0) == 0) {
            CHECK(std::regex_match(line, help));
        } else {
            CHECK(std::regex_match(line, series));
            ++values;
        }
    }
    CHECK(values > 60);
}

TEST_CASE("beside the figures there is a pulse and nothing else", "[metrics]") {
    const Watched watched;
    CHECK(watched.get("/healthz").find("\r\n\r\nok\n") != std::string::npos);
    CHECK(watched.get("/").rfind("HTTP/1.1 404 ", 0) == 0);
    CHECK(watched.get("/metrics/../../etc/passwd").rfind("HTTP/1.1 404 ", 0) == 0);
    const std::string host = "Host: localhost\r\n";
    CHECK(watched.ask("POST /metrics HTTP/1.1\r\n" + host + "\r\n").rfind("HTTP/1.1 405 ", 0) == 0);
    const std::string head = watched.ask("HEAD /healthz HTTP/1.1\r\n" + host + "\r\n");
    CHECK(head.rfind("HTTP/1.1 200 ", 0) == 0);
    CHECK(head.find("ok\n") == std::string::npos);
}

TEST_CASE("a page of another site reads nothing", "[metrics]") {
    const Watched watched;
    const auto as = [&](const std::string& host) {
        return watched.ask("GET /metrics HTTP/1.1\r\nHost: " + host + "\r\n\r\n").substr(9, 3);
    };
    CHECK(as("evil.example") == "403");
    CHECK(as("127.0.0.1.evil.example:9470") == "403");
    CHECK(as("localhost:9470") == "200");
    CHECK(as("[::1]:9470") == "200");
}

TEST_CASE("noise, endless headers and idle crowds leave the figures readable", "[metrics]") {
    const Watched watched;
    CHECK(watched.ask(std::string(100'000, 'x')).find(" 200 ") == std::string::npos);
    CHECK(watched.ask("GET /metrics HTTP/1.1\r\nX: " + std::string(100'000, 'y') + "\r\n\r\n")
              .find(" 200 ") == std::string::npos);
    {
        std::vector<Tcp> idle;
        for (int n = 0; n < HttpServer::kConnections; ++n) {
            idle.push_back(watched.dial());
            REQUIRE(idle.back().ok());
        }
        CHECK(watched.dial().closed_by_peer());
    }
    std::string answer;
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (answer.empty() && std::chrono::steady_clock::now() < deadline) {
        answer = watched.get("/healthz");  // the crowd is gone once the server saw it
    }
    CHECK(answer.find("ok\n") != std::string::npos);
}

TEST_CASE("two daemons want one port for figures: the second says so", "[metrics]") {
    const Watched watched;
    Config config = Config::isolated();
    config.http.metrics = watched.daemon->metrics_endpoint();
    Controller second(config);
    CHECK_THROWS_WITH(second.start(),
                      Catch::StartsWith("http.metrics: cannot listen at " + config.http.metrics));
}

TEST_CASE("figures are for this machine alone", "[metrics]") {
    Config config = Config::isolated();
    config.http.metrics =
        GENERATE("0.0.0.0:9470", "192.0.2.7:9470", "example.org:9470", "9470", "ipc://x");
    Controller controller(config);
    CHECK_THROWS_WITH(controller.start(),
                      "http.metrics: expected \"\" or a loopback address (127.0.0.1:PORT), got \"" +
                          config.http.metrics + "\"");
}

TEST_CASE("without the key there is no socket", "[metrics]") {
    Controller controller(Config::isolated());
    controller.start();
    CHECK(controller.metrics_endpoint().empty());
}
