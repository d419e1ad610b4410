// A Channel over the protocol client.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "channel.hpp"

namespace cupel::simulator {

/// Opens nothing yet. The name is the client of the first HELLO that is asked. A command waits for
/// a daemon that is away, or has started again, for as long as `patience`.
std::unique_ptr<Channel> connect(const std::string& endpoint, std::chrono::milliseconds patience);

}  // namespace cupel::simulator
