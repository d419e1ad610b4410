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

/// The connection that a frame came over: its descriptor; -1 where that is not known.
int descriptor_of(const zmq::message_t& frame);

/// Takes messages from a socket. A message may have millions of frames: what is beyond `most` is
/// let go, and where that takes longer than the reader's turn, it goes on in the next.
class MessageReader {
  public:
    explicit MessageReader(std::size_t most) : most_(most) {}

    /// True: frames() is the next whole message. False: there is none, or `turn_is_over` says so.
    template <typename TurnIsOver>
    bool next(zmq::socket_t& socket, const TurnIsOver& turn_is_over) {
        constexpr std::size_t kLooks = 256;  // frames between two looks at the clock
        if (!underway_) {
            frames_.clear();
            dropped_ = 0;
        }
        for (;;) {
            zmq::message_t frame;
            if (!socket.recv(frame, zmq::recv_flags::dontwait)) {
                return false;  // before a first frame: a message arrives whole
            }
            underway_ = frame.more();
            if (frames_.size() < most_) {
                frames_.push_back(std::move(frame));
            } else {
                ++dropped_;
            }
            if (!underway_) {
                return true;
            }
            if (dropped_ % kLooks == kLooks - 1 && turn_is_over()) {
                return false;
            }
        }
    }
    const Frames& frames() const noexcept { return frames_; }
    /// Frames of this message beyond `most`.
    std::size_t dropped() const noexcept { return dropped_; }

  private:
    std::size_t most_;
    Frames frames_;
    std::size_t dropped_ = 0;
    bool underway_ = false;
};

enum class Sent { Yes, Full, NoSuchPeer };
/// Bytes that libzmq has taken and nobody has read yet.
using UnreadBytes = std::shared_ptr<std::atomic<std::size_t>>;

/// Sends all frames or none.
Sent send(zmq::socket_t& socket, const std::vector<std::string_view>& frames);
/// With large frames behind them, which are not copied: each of `unread` counts them until they
/// have left.
Sent send(zmq::socket_t& socket,
          const std::vector<std::string_view>& frames,
          std::vector<std::string> large,
          const std::vector<UnreadBytes>& unread);

}  // namespace cupel::controller
