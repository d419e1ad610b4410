// A daemon played by a test: a ROUTER and an XPUB whose every answer the test writes.
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <nlohmann/json.hpp>
#include <zmq.hpp>

#include <cupel/codec/envelope.hpp>
#include <cupel/domain/key_file.hpp>
#include <cupel/domain/ulid.hpp>

namespace cupel::test {

using Json = nlohmann::json;

inline KeyPair make_key_pair() {
    char public_key[41] = {};
    char secret_key[41] = {};
    if (zmq_curve_keypair(public_key, secret_key) != 0) {
        throw std::runtime_error("no key pair can be made");
    }
    return {public_key, secret_key};
}

/// One command as it came in.
struct Asked {
    std::string peer;
    codec::Header header;
    std::string body_text;
    Json body;
    std::vector<std::string> blobs;
};

/// What the peer answers; an empty kind is silence.
struct Scripted {
    std::string kind;
    Json body = Json::object();
    static Scripted ok(Json body = Json::object()) { return {"OK", std::move(body)}; }
    static Scripted error(const char* code, bool retryable) {
        return {"ERR", {{"code", code}, {"text", "as scripted"}, {"retryable", retryable}}};
    }
    static Scripted silence() { return {}; }
};

/// Answers on a thread of its own with what `answer` says, until it is destroyed. `asked` and the
/// script belong to that thread; the test reads them after stop().
class ScriptedPeer {
  public:
    using Script = std::function<Scripted(const Asked&)>;

    /// With a secret key it speaks CURVE, to everybody who knows its public one.
    explicit ScriptedPeer(Script script, const std::string& secret_key = "")
        : script_(std::move(script)),
          router_(context_, zmq::socket_type::router),
          events_(context_, zmq::socket_type::xpub),
          orders_(context_, zmq::socket_type::pair),
          order_sender_(context_, zmq::socket_type::pair) {
        router_.set(zmq::sockopt::linger, 0);
        events_.set(zmq::sockopt::linger, 0);
        events_.set(zmq::sockopt::xpub_welcome_msg, "h/welcome");
        for (zmq::socket_t* socket : {&router_, &events_}) {
            if (!secret_key.empty()) {
                socket->set(zmq::sockopt::curve_server, true);
                socket->set(zmq::sockopt::curve_secretkey, secret_key);
            }
        }
        router_.bind("tcp://127.0.0.1:*");
        events_.bind("tcp://127.0.0.1:*");
        control = router_.get(zmq::sockopt::last_endpoint);
        events = events_.get(zmq::sockopt::last_endpoint);
        orders_.bind("inproc://orders");
        order_sender_.connect("inproc://orders");
        thread_ = std::thread([this] { serve(); });
    }
    ~ScriptedPeer() { stop(); }
    ScriptedPeer(const ScriptedPeer&) = delete;
    ScriptedPeer& operator=(const ScriptedPeer&) = delete;

    /// Publishes one message of three frames, from the peer's thread.
    void publish(const std::string& topic, const codec::Header& header, const Json& body) {
        for (const auto& frame : {topic, codec::encode(header)}) {
            order_sender_.send(zmq::buffer(frame), zmq::send_flags::sndmore);
        }
        order_sender_.send(zmq::buffer(body.dump()), zmq::send_flags::none);
    }
    void stop() {
        if (thread_.joinable()) {
            order_sender_.send(zmq::buffer(std::string("stop")), zmq::send_flags::none);
            thread_.join();
        }
    }
    /// Kinds of the commands in order; after stop().
    std::vector<std::string> kinds() const {
        std::vector<std::string> all;
        for (const auto& each : asked) {
            all.push_back(each.header.kind);
        }
        return all;
    }

    std::string control, events;
    std::vector<Asked> asked;

  private:
    static std::vector<std::string> frames_of(zmq::socket_t& socket) {
        std::vector<std::string> frames;
        for (bool more = true; more;) {
            zmq::message_t frame;
            (void)socket.recv(frame);
            more = frame.more();
            frames.push_back(frame.to_string());
        }
        return frames;
    }
    static void send(zmq::socket_t& socket, const std::vector<std::string>& frames) {
        for (std::size_t i = 0; i < frames.size(); ++i) {
            socket.send(zmq::buffer(frames[i]),
                        i + 1 < frames.size() ? zmq::send_flags::sndmore : zmq::send_flags::none);
        }
    }
    void serve() {
        for (;;) {
            zmq::pollitem_t items[] = {{orders_.handle(), 0, ZMQ_POLLIN, 0},
                                       {router_.handle(), 0, ZMQ_POLLIN, 0},
                                       {events_.handle(), 0, ZMQ_POLLIN, 0}};
            zmq::poll(items, 3, std::chrono::milliseconds(-1));
            if (items[2].revents != 0) {
                hear_subscription();
            }
            if (items[1].revents != 0) {
                answer(frames_of(router_));
            }
            if (items[0].revents != 0) {
                const auto order = frames_of(orders_);
                if (order.size() == 1) {
                    return;
                }
                wait_for_subscription(order.front());
                send(events_, order);
            }
        }
    }
    void hear_subscription() {
        const std::string message = frames_of(events_).front();
        if (!message.empty() && message.front() == 1) {
            subscribed_.insert(message.substr(1));
        } else if (!message.empty()) {
            subscribed_.erase(message.substr(1));
        }
    }
    /// What is published before its subscription has come is lost, as it should be; no test wants
    /// that by chance.
    void wait_for_subscription(const std::string& topic) {
        const auto covers = [&](const std::string& prefix) { return topic.rfind(prefix, 0) == 0; };
        while (std::none_of(subscribed_.begin(), subscribed_.end(), covers)) {
            zmq::pollitem_t item[] = {{events_.handle(), 0, ZMQ_POLLIN, 0}};
            if (zmq::poll(item, 1, std::chrono::seconds(10)) == 0) {
                return;
            }
            hear_subscription();
        }
    }
    void answer(const std::vector<std::string>& frames) {
        Asked question{frames.at(0),
                       codec::decode_header(frames.at(2)),
                       frames.at(3),
                       Json::parse(frames.at(3)),
                       {frames.begin() + 4, frames.end()}};
        if (!frames.at(1).empty()) {
            throw std::runtime_error("the second frame is not empty");
        }
        asked.push_back(question);
        const Scripted scripted = script_(question);
        if (scripted.kind.empty()) {
            return;
        }
        codec::Header header;
        header.kind = scripted.kind;
        header.id = make_ulid();
        header.cause = question.header.id;
        send(router_, {question.peer, "", codec::encode(header), scripted.body.dump()});
    }

    Script script_;
    zmq::context_t context_{1};
    zmq::socket_t router_, events_, orders_, order_sender_;
    std::set<std::string> subscribed_;
    std::thread thread_;
};

}  // namespace cupel::test
