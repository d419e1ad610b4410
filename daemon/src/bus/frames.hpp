// Messages of several frames, received and sent without ever waiting.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <zmq.hpp>

namespace cupel::controller {

using Frames = std::vector<zmq::message_t>;

inline std::string_view text_of(const zmq::message_t& frame) {
    return {static_cast<const char*>(frame.data()), frame.size()};
}

/// The next message; false when there is none. Frames beyond `most` are read and dropped, and
/// `dropped` says how many.
bool receive(zmq::socket_t& socket, Frames& frames, std::size_t most, std::size_t& dropped);

enum class Sent { Yes, Full, NoSuchPeer };
/// Bytes of files that libzmq has taken and nobody has read yet.
using UnreadBytes = std::shared_ptr<std::atomic<std::size_t>>;

/// Sends all frames or none.
Sent send(zmq::socket_t& socket, const std::vector<std::string_view>& frames);
/// With files behind them, which are not copied: each of `unread` counts them until they have left.
Sent send(zmq::socket_t& socket,
          const std::vector<std::string_view>& frames,
          std::vector<std::string> files,
          const std::vector<UnreadBytes>& unread);

}  // namespace cupel::controller
