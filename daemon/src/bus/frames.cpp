// Multi-part messages over cppzmq.
#include "frames.hpp"

#include <cerrno>
#include <utility>

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

namespace {

/// A file on its way out; made here, ended on libzmq's thread.
class File {
  public:
    File(std::string bytes, std::vector<UnreadBytes> unread)
        : bytes_(std::move(bytes)), unread_(std::move(unread)) {
        for (const auto& count : unread_) {
            *count += bytes_.size();
        }
    }
    ~File() {
        for (const auto& count : unread_) {
            *count -= bytes_.size();
        }
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;

    static zmq::message_t frame(std::string bytes, const std::vector<UnreadBytes>& unread) {
        auto file = std::make_unique<File>(std::move(bytes), unread);
        zmq::message_t frame(
            file->bytes_.data(),
            file->bytes_.size(),
            [](void*, void* hint) { delete static_cast<File*>(hint); },
            file.get());
        file.release();
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
          std::vector<std::string> files,
          const std::vector<UnreadBytes>& unread) {
    for (std::size_t i = 0; i < frames.size(); ++i) {
        const bool last = i + 1 == frames.size() && files.empty();
        const Sent sent =
            send_frame(socket, zmq::message_t(frames[i].data(), frames[i].size()), last);
        if (sent != Sent::Yes) {
            return sent;
        }
    }
    for (std::size_t i = 0; i < files.size(); ++i) {
        send_frame(socket, File::frame(std::move(files[i]), unread), i + 1 == files.size());
    }
    return Sent::Yes;
}

}  // namespace cupel::controller
