// Multi-part messages over cppzmq.
#include "frames.hpp"

#include <cerrno>

namespace cupel::controller {

bool receive(zmq::socket_t& socket, Frames& frames, std::size_t most, std::size_t& dropped) {
    frames.clear();
    dropped = 0;
    for (bool more = true; more;) {
        zmq::message_t frame;
        if (!socket.recv(frame, zmq::recv_flags::dontwait)) {
            return false;  // only ever before the first frame: a message arrives whole
        }
        more = frame.more();
        if (frames.size() < most) {
            frames.push_back(std::move(frame));
        } else {
            ++dropped;
        }
    }
    return true;
}

Sent send(zmq::socket_t& socket, const std::vector<std::string_view>& frames) {
    for (std::size_t i = 0; i < frames.size(); ++i) {
        auto flags = zmq::send_flags::dontwait;
        if (i + 1 < frames.size()) {
            flags = flags | zmq::send_flags::sndmore;
        }
        try {
            // Only the first frame can fail: what was begun is taken whole.
            if (!socket.send(zmq::buffer(frames[i]), flags)) {
                return Sent::Full;
            }
        } catch (const zmq::error_t& error) {
            if (error.num() == EHOSTUNREACH) {
                return Sent::NoSuchPeer;
            }
            throw;
        }
    }
    return Sent::Yes;
}

}  // namespace cupel::controller
