// Frames of the protocol over a DEALER: empty, header, body, blobs.
#include "line.hpp"

#include <algorithm>
#include <cerrno>

#include <cupel/codec/envelope.hpp>
#include <cupel/domain/error.hpp>
#include <cupel/domain/key_file.hpp>

namespace cupel::client {

using Clock = std::chrono::steady_clock;

bool wait_for_message(zmq::socket_t& socket, Clock::time_point deadline) {
    for (;;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
        zmq::pollitem_t item{socket.handle(), 0, ZMQ_POLLIN, 0};
        try {
            if (zmq::poll(&item, 1, std::max(left, std::chrono::milliseconds(0))) > 0) {
                return true;
            }
            return false;
        } catch (const zmq::error_t& error) {
            if (error.num() != EINTR) {
                throw;
            }
        }
    }
}

std::vector<std::string> receive_frames(zmq::socket_t& socket) {
    std::vector<std::string> frames;
    for (bool more = true; more;) {
        zmq::message_t frame;
        if (!socket.recv(frame, zmq::recv_flags::dontwait)) {
            return {};
        }
        more = frame.more();
        frames.push_back(frame.to_string());
    }
    return frames;
}

void connect_to(zmq::socket_t& socket, const std::string& endpoint) {
    try {
        socket.connect(endpoint);
    } catch (const zmq::error_t& error) {
        throw InputError("bad_endpoint",
                         "cannot connect to \"" + endpoint + "\" (" + error.what() +
                             "); expected something like tcp://127.0.0.1:5870 or ipc:///run/FILE");
    }
}

void secure(zmq::socket_t& socket, const Keys& keys) {
    if (keys.server.empty()) {
        return;
    }
    if (!is_curve_key(keys.server) || !is_curve_key(keys.public_key) ||
        !is_curve_key(keys.secret_key)) {
        throw InputError("bad_key",
                         "the server's key and a key pair of our own are needed, 40 characters "
                         "each; cupel keygen makes them");
    }
    socket.set(zmq::sockopt::curve_serverkey, keys.server);
    socket.set(zmq::sockopt::curve_publickey, keys.public_key);
    socket.set(zmq::sockopt::curve_secretkey, keys.secret_key);
}

Line::Line(zmq::context_t& context, std::string endpoint, Keys keys)
    : context_(context), endpoint_(std::move(endpoint)), keys_(std::move(keys)) {}

void Line::open() {
    socket_ = zmq::socket_t(context_, zmq::socket_type::dealer);
    socket_.set(zmq::sockopt::linger, 0);
    try {
        secure(socket_, keys_);
        connect_to(socket_, endpoint_);
    } catch (const InputError&) {
        socket_.close();
        throw;
    }
}

void Line::close() {
    socket_.close();
}

void Line::send(const std::string& header,
                const std::string& body,
                const std::vector<std::string>& blobs) {
    if (!is_open()) {
        open();
    }
    std::vector<zmq::const_buffer> frames{
        zmq::const_buffer(nullptr, 0), zmq::buffer(header), zmq::buffer(body)};
    for (const auto& blob : blobs) {
        frames.push_back(zmq::buffer(blob));
    }
    for (std::size_t i = 0; i < frames.size(); ++i) {
        const auto flags = i + 1 < frames.size()
                               ? zmq::send_flags::dontwait | zmq::send_flags::sndmore
                               : zmq::send_flags::dontwait;
        // A full queue is the same to us as a reply that does not come.
        if (!socket_.send(frames[i], flags)) {
            return;
        }
    }
}

std::optional<WireReply> Line::take(const std::string& id) {
    auto frames = receive_frames(socket_);
    if (frames.size() < 3 || !frames[0].empty()) {
        return std::nullopt;
    }
    try {
        const auto header = codec::decode_header(frames[1]);
        const bool error = header.kind == "ERR";
        // A peer that could not read our header cannot name it: its complaint is about the one
        // command that waits.
        const bool ours = header.cause == id || (error && header.cause.empty());
        if (!ours || (!error && header.kind != "OK")) {
            return std::nullopt;
        }
        WireReply reply;
        reply.ok = !error;
        reply.body = std::move(frames[2]);
        reply.blobs.assign(std::make_move_iterator(frames.begin() + 3),
                           std::make_move_iterator(frames.end()));
        return reply;
    } catch (const InputError&) {
        return std::nullopt;
    }
}

std::optional<WireReply> Line::receive(const std::string& id, Clock::time_point deadline) {
    while (is_open() && wait_for_message(socket_, deadline)) {
        if (auto reply = take(id)) {
            return reply;
        }
    }
    return std::nullopt;
}

}  // namespace cupel::client
