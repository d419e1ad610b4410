// Which endpoints nobody else can reach.
#include "bus/endpoint_text.hpp"
#include "catch.hpp"

using cupel::controller::has_bad_port;
using cupel::controller::is_endpoint;
using cupel::controller::is_local_endpoint;

TEST_CASE("an endpoint has a host and a port, or a path", "[bus]") {
    for (const char* text : {"tcp://*:5870",
                             "tcp://192.0.2.7:1",
                             "tcp://eth0:65535",
                             "tcp://lab.example:*",
                             "ipc://x"}) {
        CHECK(is_endpoint(text));
    }
    for (const char* text :
         {"", "tcp://", "tcp://*", "tcp://*:65536", "tcp://:1", "ipc://", "udp://a:1"}) {
        CHECK_FALSE(is_endpoint(text));
    }
}

TEST_CASE("loopback and ipc are local, everything else is not", "[bus]") {
    for (const char* endpoint : {"tcp://127.0.0.1:5870",
                                 "tcp://127.0.0.1:*",
                                 "tcp://127.1.2.3:1",
                                 "tcp://localhost:5870",
                                 "tcp://[::1]:5870",
                                 "ipc:///run/cupel/control"}) {
        CHECK(is_local_endpoint(endpoint));
    }
    for (const char* endpoint : {"",
                                 "ipc://",
                                 "tcp://",
                                 "tcp://:5870",
                                 "tcp://*:5870",
                                 "tcp://0.0.0.0:5870",
                                 "tcp://10.0.0.1:5870",
                                 "tcp://eth0:5870",
                                 "tcp://127.evil.example:5870",
                                 "tcp://127.0.0.1",
                                 "tcp://127.0.0.1:port",
                                 "tcp://127.0.0.1:99999",
                                 "tcp://127.0.0.1:0",
                                 "tcp://[::]:5870",
                                 "inproc://x",
                                 "127.0.0.1:5870"}) {
        CHECK_FALSE(is_local_endpoint(endpoint));
    }
}

TEST_CASE("an endpoint whose port is none is told from one that is none", "[config]") {
    for (const char* endpoint : {"tcp://127.0.0.1:99999", "tcp://*:0", "tcp://host:port"}) {
        CHECK(has_bad_port(endpoint));
    }
    for (const char* endpoint : {"tcp://127.0.0.1:5870",
                                 "tcp://*:*",
                                 "tcp://127.0.0.1",
                                 "ipc:///x:99999",
                                 "tcp://::1",
                                 "tcp://ipc://x"}) {
        CHECK_FALSE(has_bad_port(endpoint));
    }
}
