// An integrator's program: the protocol client alone, from the installed package. No daemon is
// needed: it shows that one which is away is an answer too.
#include <chrono>
#include <cstdio>
#include <exception>

#include <cupel/client/client.hpp>
#include <cupel/client/subscriber.hpp>

int main() {
    using namespace std::chrono_literals;
    try {
        cupel::client::ClientOptions options;
        options.control = "tcp://127.0.0.1:1";  // nobody listens on this port
        options.name = "consumer";
        options.patience = 50ms;
        options.give_up = 100ms;
        cupel::client::Client client(options);
        bool away = false;
        try {
            client.ask(cupel::Status{});
        } catch (const cupel::client::NoAnswer& error) {
            std::printf("client %s: %s\n", options.version.c_str(), error.what());
            away = true;
        }
        cupel::client::SubscriberOptions wanted;
        wanted.client = options;
        wanted.events = "tcp://127.0.0.1:1";
        cupel::client::Subscriber subscriber(wanted);
        const bool silent = !subscriber.next(100ms);
        return away && silent ? 0 : 1;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "client: %s\n", error.what());
        return 1;
    }
}
