// Which endpoints nobody else can reach.
#include "bus/local_endpoint.hpp"
#include "catch.hpp"

using cupel::controller::is_local_endpoint;

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
                                 "tcp://[::]:5870",
                                 "inproc://x",
                                 "127.0.0.1:5870"}) {
        CHECK_FALSE(is_local_endpoint(endpoint));
    }
}
