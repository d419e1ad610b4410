// What the demo writes for its daemon and says at the end.
#include <algorithm>

#include <zmq.hpp>

#include "catch.hpp"
#include "demo_config.hpp"

using namespace cupel::simulator;

namespace {

int port_of(const std::string& endpoint) {
    return std::stoi(endpoint.substr(endpoint.rfind(':') + 1));
}

}  // namespace

TEST_CASE("a port that is taken is left to whoever has it", "[simulator]") {
    zmq::context_t context;
    zmq::socket_t other(context, zmq::socket_type::rep);
    other.bind("tcp://127.0.0.1:*");
    const int taken = port_of(other.get(zmq::sockopt::last_endpoint));
    const auto found = choose_endpoints(taken);
    CHECK(port_of(found.control) != taken);
    CHECK(found.control != found.events);
    const auto free = choose_endpoints(0);
    CHECK(free.control != free.events);
    CHECK(port_of(free.control) > 0);
}

TEST_CASE("the configuration names seed, budget, learner and endpoints", "[simulator]") {
    DemoOptions options;
    options.seed = 7;
    options.budget = 9;
    options.learner = "popularity";
    const auto text = demo_config(options, {"tcp://127.0.0.1:1", "tcp://127.0.0.1:2"}, "lab");
    for (const char* line : {"[campaign.lab]",
                             "seed = 7",
                             "budget = 9",
                             "kind = \"popularity\"",
                             "control = \"tcp://127.0.0.1:1\"",
                             "events = \"tcp://127.0.0.1:2\"",
                             "reoffer_failed = true"}) {
        INFO(line);
        CHECK(text.find(line) != std::string::npos);
    }
}

TEST_CASE("the closing commands name the folder, the endpoint and a proposal", "[simulator]") {
    DemoOptions options;
    options.out = std::filesystem::current_path() / "demo";
    const auto commands =
        demo_commands(options, {"tcp://127.0.0.1:9", "tcp://127.0.0.1:10"}, "bin", "P1");
    const auto any = [&](const std::string& words) {
        return std::any_of(commands.begin(), commands.end(), [&](const std::string& command) {
            return command.find(words) != std::string::npos;
        });
    };
    CHECK(any("cupel verify --store demo/run/cupel.db"));
    CHECK(any("cupeld --config demo/demo.toml"));
    CHECK(any("cupel why P1 --connect tcp://127.0.0.1:9"));
    // At the usual place a client needs not be told where.
    options.port = 5870;
    const auto usual =
        demo_commands(options, {"tcp://127.0.0.1:5870", "tcp://127.0.0.1:5871"}, "bin", "P1");
    for (const auto& command : usual) {
        CHECK(command.find("--connect") == std::string::npos);
    }
}
