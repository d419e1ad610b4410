// Binding, with one clear line when it fails.
#pragma once

#include <string>

#include <zmq.hpp>

namespace cupel::controller {

/// Binds and returns the endpoint with the port that was given. Throws BusError naming `key`
/// ("bus.control"), the endpoint and the reason.
std::string bind_endpoint(zmq::socket_t& socket,
                          const std::string& key,
                          const std::string& endpoint);

/// Peers that vanish without a word, as by a power cut, are noticed within about two minutes: a
/// socket that only listens would keep them for ever.
void enable_keepalive(zmq::socket_t& socket);

}  // namespace cupel::controller
