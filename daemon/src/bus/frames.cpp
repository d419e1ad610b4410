// Multi-part messages over cppzmq.
#include "frames.hpp"

#include <cerrno>
#include <utility>

namespace cupel::controller {

int descriptor_of(const zmq::message_t& frame) {
    return ::zmq_msg_get(frame.handle(), ZMQ_SRCFD);
}

namespace {

/// A large frame on its way out; made here, ended on libzmq's thread.
class Large {
  public:
    Large(std::string bytes, std::vector<UnreadBytes> unread)
        : bytes_(std::move(bytes)), unread_(std::move(unread)) {
        for (const auto& count : unread_) {
            *count += bytes_.size();
        }
    }
    ~Large() {
        for (const auto& count : unread_) {
            *count -= bytes_.size();
        }
    }
    Large(const Large&) = delete;
    Large& operator=(const Large&) = delete;

    static zmq::message_t frame(std::string bytes, const std::vector<UnreadBytes>& unread) {
        auto large = std::make_unique<Large>(std::move(bytes), unread);
        zmq::message_t frame(
            large->bytes_.data(),
            large->bytes_.size(),
            [](void*, void* hint) { delete static_cast<Large*>(hint); },
            large.get());
        large.release();
        return frame;
    }

  private:
    std::string bytes_;
    std::vector<UnreadBytes> unread_;
};

/// Only the first frame can fail: what was begun is taken whole.
Sent send_frame(zmq::socket_t& socket, zmq::message_t frame, bool last) {
    auto flags = zmq::send_flags::dontwait;
    if (!last) {
        flags = flags | zmq::send_flags::sndmore;
    }
    try {
        return socket.send(frame, flags) ? Sent::Yes : Sent::Full;
    } catch (const zmq::error_t& error) {
        if (error.num() == EHOSTUNREACH) {
            return Sent::NoSuchPeer;
        }
        throw;
    }
}

}  // namespace

Sent send(zmq::socket_t& socket, const std::vector<std::string_view>& frames) {
    return send(socket, frames, {}, {});
}

Sent send(zmq::socket_t& socket,
          const std::vector<std::string_view>& frames,
          std::vector<std::string> large,
          const std::vector<UnreadBytes>& unread) {
    for (std::size_t i = 0; i < frames.size(); ++i) {
        const bool last = i + 1 == frames.size() && large.empty();
        const Sent sent =
            send_frame(socket, zmq::message_t(frames[i].data(), frames[i].size()), last);
        if (sent != Sent::Yes) {
            return sent;
        }
    }
    for (std::size_t i = 0; i < large.size(); ++i) {
        send_frame(socket, Large::frame(std::move(large[i]), unread), i + 1 == large.size());
    }
    return Sent::Yes;
}

}  // namespace cupel::controller
