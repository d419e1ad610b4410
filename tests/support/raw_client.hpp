// A client made of sockets and JSON alone, so that tests see the frames themselves.
#pragma once

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>
#include <zmq.hpp>

namespace cupel::test {

using Json = nlohmann::json;
using Texts = std::vector<std::string>;

constexpr std::chrono::seconds kPatience{20};  ///< far beyond what anything here takes

/// The next message of a socket; nothing when none came in time.
inline std::optional<Texts> next_message(zmq::socket_t& socket,
                                         std::chrono::milliseconds patience) {
    zmq::pollitem_t item{socket.handle(), 0, ZMQ_POLLIN, 0};
    zmq::poll(&item, 1, patience);
    if ((item.revents & ZMQ_POLLIN) == 0) {
        return std::nullopt;
    }
    Texts frames;
    for (bool more = true; more;) {
        zmq::message_t frame;
        (void)socket.recv(frame);
        more = frame.more();
        frames.push_back(frame.to_string());
    }
    return frames;
}

inline void send_message(zmq::socket_t& socket, const Texts& frames) {
    for (std::size_t i = 0; i < frames.size(); ++i) {
        socket.send(zmq::buffer(frames[i]),
                    i + 1 < frames.size() ? zmq::send_flags::sndmore : zmq::send_flags::none);
    }
}

/// What came back.
struct Answered {
    Json header;
    Json body;
    Texts blobs;
    bool ok() const { return header.at("kind") == "OK"; }
    /// "STALE_LEASE"; empty for OK.
    std::string error() const { return ok() ? "" : body.at("code").get<std::string>(); }
};

/// CURVE keys of one connection; `server` empty: none.
struct CurveKeys {
    std::string server, public_key, secret_key;
    void apply(zmq::socket_t& socket) const {
        if (!server.empty()) {
            socket.set(zmq::sockopt::curve_serverkey, server);
            socket.set(zmq::sockopt::curve_publickey, public_key);
            socket.set(zmq::sockopt::curve_secretkey, secret_key);
        }
    }
};

/// One connection to `ctrl`.
class RawClient {
  public:
    RawClient(zmq::context_t& context, const std::string& endpoint, const CurveKeys& keys = {})
        : socket_(context, zmq::socket_type::dealer) {
        socket_.set(zmq::sockopt::linger, 0);
        keys.apply(socket_);
        socket_.connect(endpoint);
    }

    static std::string header(const std::string& kind, const std::string& id, int version = 1) {
        return Json{{"cupel", version}, {"kind", kind}, {"id", id}}.dump();
    }
    void send(const Texts& frames) { send_message(socket_, frames); }
    std::string send_command(const std::string& kind, const Json& body, const Texts& blobs = {}) {
        const std::string id = "m" + std::to_string(++sent_);
        Texts frames{"", header(kind, id), body.dump()};
        frames.insert(frames.end(), blobs.begin(), blobs.end());
        send(frames);
        return id;
    }
    std::optional<Answered> try_receive(std::chrono::milliseconds patience) {
        const auto frames = next_message(socket_, patience);
        if (!frames) {
            return std::nullopt;
        }
        if (frames->size() < 3 || !frames->front().empty()) {
            throw std::runtime_error("not a reply");
        }
        return Answered{Json::parse((*frames)[1]),
                        Json::parse((*frames)[2]),
                        Texts(frames->begin() + 3, frames->end())};
    }
    Answered receive() {
        auto answered = try_receive(kPatience);
        if (!answered) {
            throw std::runtime_error("no answer");
        }
        return *answered;
    }
    Answered ask(const std::string& kind,
                 const Json& body = Json::object(),
                 const Texts& blobs = {}) {
        const std::string id = send_command(kind, body, blobs);
        Answered answered = receive();
        if (answered.header.at("cause") != id) {
            throw std::runtime_error("an answer to another command");
        }
        return answered;
    }
    /// The result; throws for an ERR.
    Json ok(const std::string& kind, const Json& body = Json::object(), const Texts& blobs = {}) {
        const Answered answered = ask(kind, body, blobs);
        if (!answered.ok()) {
            throw std::runtime_error(kind + ": " + answered.body.dump());
        }
        return answered.body;
    }

  private:
    zmq::socket_t socket_;
    int sent_ = 0;
};

/// One subscriber; connected once the constructor returns.
class Listener {
  public:
    Listener(zmq::context_t& context, const std::string& endpoint, const Texts& topics)
        : socket_(context, zmq::socket_type::sub) {
        socket_.set(zmq::sockopt::linger, 0);
        socket_.set(zmq::sockopt::sndhwm, 0);  // libzmq drops subscriptions beyond it
        for (const auto& topic : topics) {
            socket_.set(zmq::sockopt::subscribe, topic);
        }
        socket_.set(zmq::sockopt::subscribe, "h/welcome");
        socket_.connect(endpoint);
        const auto first = next();
        if (first != Texts{"h/welcome"}) {
            throw std::runtime_error("not welcome");
        }
    }
    /// The next message; throws when none comes.
    Texts next() {
        auto frames = next_message(socket_, kPatience);
        if (!frames) {
            throw std::runtime_error("nothing was published");
        }
        return *frames;
    }
    std::optional<Texts> try_next(std::chrono::milliseconds patience) {
        return next_message(socket_, patience);
    }

  private:
    zmq::socket_t socket_;
};

}  // namespace cupel::test
