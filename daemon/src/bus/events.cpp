// XPUB with subscriptions granted by hand.
#include "events.hpp"

#include <filesystem>
#include <iterator>

#include <boost/asio/post.hpp>
#include <nlohmann/json.hpp>

#include <cupel/codec/envelope.hpp>
#include <cupel/domain/error.hpp>
#include <cupel/domain/timestamp.hpp>
#include <cupel/domain/ulid.hpp>

#include "endpoint.hpp"
#include "frames.hpp"
#include "subscriptions.hpp"
#include "zap.hpp"

namespace cupel::controller {
namespace {

constexpr int kMostRefused = 1000;  ///< subscriptions of one key in a minute, then it is shut out

}  // namespace

Events::Events(boost::asio::io_context& io,
               zmq::context_t& context,
               const BusOptions& options,
               Door& door,
               Ledger& ledger,
               HandlerTimes& times,
               Log log)
    : context_(context),
      door_(door),
      options_(options),
      io_(io),
      ledger_(ledger),
      times_(times),
      log_(std::move(log)),
      retry_(io) {
    make_socket();
}

void Events::make_socket() {
    socket_ = zmq::socket_t(context_, zmq::socket_type::xpub);
    constexpr int kOn = 1;
    socket_.set(zmq::sockopt::xpub_manual, kOn);
    socket_.set(zmq::sockopt::xpub_welcome_msg, "h/welcome");
    socket_.set(zmq::sockopt::sndhwm, options_.event_backlog);
    // Of subscriptions: libzmq takes in all that wait in one go, before we see the first of them.
    socket_.set(zmq::sockopt::rcvhwm, 8);
    // Topics are shorter, the messages of CURVE's handshake are not. libzmq keeps every topic that
    // was ever asked for, granted or not.
    socket_.set(zmq::sockopt::maxmsgsize, std::int64_t{512});
    enable_keepalive(socket_);
    refused_of_key_.clear();
    grants_uncertain_ = false;
    reader_ = MessageReader(1);
    socket_.set(zmq::sockopt::linger, 500);
    socket_.set(zmq::sockopt::handshake_ivl, 10'000);  // a connection that says nothing ends then
    if (door_.curve) {
        secure(socket_, door_.secret_key);
    }
}

Events::~Events() {
    close();
}

std::string Events::bind() {
    bound_ = bind_endpoint(socket_, "bus.events", options_.events);
    door_.events_endpoint = bound_;
    return bound_;
}

void Events::start() {
    watch_ = std::make_shared<ZmqWatch>(io_, socket_, [this] { take_subscriptions(); });
    watch_->start();
    // A name of its own each time: the one before may not have ended yet.
    monitor_ = std::make_unique<ConnectionMonitor>(
        io_, context_, socket_, "events-" + std::to_string(++opened_), door_.connections, [this] {
            if (door_.curve) {
                door_.audit.refused(Door::stranger(""), "NO_HANDSHAKE", "events");
            }
        });
}

void Events::close() {
    retry_.cancel();
    if (watch_) {
        watch_->close();
        watch_.reset();
    }
    monitor_.reset();
    socket_.close();
}

void Events::reopen(const std::string& why) {
    if (!watch_) {
        return;  // it is closed, or about to be opened again
    }
    log_.info("the events socket is opened anew: " + why);
    socket_.set(zmq::sockopt::linger, 0);  // what waits for a revoked subscriber goes too
    close();
    bind_again(0);
}

void Events::bind_again(int tries) {
    constexpr std::chrono::milliseconds kPause{5};
    constexpr int kWaitForFile = 100;
    std::string problem;
    // libzmq lets go of the endpoint in its own time, and removes the file of an ipc socket last.
    std::error_code ignored;
    const bool file = bound_.rfind("ipc://", 0) == 0 && tries < kWaitForFile &&
                      std::filesystem::exists(bound_.substr(6), ignored);
    if (!file) {
        try {
            make_socket();
            bind_endpoint(socket_, "bus.events", bound_);
            start();
            return;
        } catch (const Error& error) {
            problem = error.what();
            socket_.close();
        }
    }
    if (tries > 0 && tries % 400 == 0) {
        log_.error(problem + "; nobody hears events until it can be had");
    }
    retry_.expires_after(kPause);
    retry_.async_wait([this, tries](const boost::system::error_code& error) {
        if (!error) {
            bind_again(tries + 1);
        }
    });
}

bool Events::may_have(const std::string& key, std::string_view topic) {
    if (!door_.curve) {
        return may_subscribe(topic, true);
    }
    const auto access = door_.allowed->find(key);
    if (access && may_subscribe(topic, *access)) {
        return true;
    }
    door_.audit.refused(access ? access->client : Door::stranger(key),
                        key.empty() ? "NO_IDENTITY" : "NOT_ALLOWED",
                        "subscription to " + std::string(topic));
    if (++refused_of_key_[key] > kMostRefused) {
        shut_out(key, "asks for very many topics that are not its own");
    }
    return false;
}

void Events::shut_out(const std::string& key, const std::string& what) {
    grants_uncertain_ = true;
    const auto access = door_.allowed->find(key);
    door_.audit.refused(
        access ? access->client : Door::stranger(key), "NOT_ALLOWED", "on events: " + what);
    log_.warning((access ? access->client : Door::stranger(key)) + " " + what +
                 " on the events socket: it is shut out for some minutes");
    door_.shut_out(key);
    boost::asio::post(io_, [this] { reopen("somebody was shut out"); });
}

void Events::take_subscriptions() {
    if (!watch_ || grants_uncertain_) {
        return;
    }
    const HandlerClock clock(times_, "subscriptions");
    const auto turn_is_over = [&clock] { return clock.turn_is_over(); };
    while (!grants_uncertain_ && !clock.turn_is_over() && reader_.next(socket_, turn_is_over)) {
        const zmq::message_t& frame = reader_.frames().front();
        const std::string_view message = text_of(frame);
        if (reader_.dropped() == 0 && !message.empty() &&
            (message.front() == '\0' || message.front() == '\1')) {
            take_subscription(frame);
        } else if (door_.curve) {
            // libzmq now holds a connection less than messages, and would grant what follows to
            // another peer than the one that asked. Where everybody may hear everything that ends
            // with the messages that wait; elsewhere nothing more is granted on this socket.
            shut_out(key_of(frame), "sends what is no subscription");
        }
    }
    if (clock.turn_is_over() && watch_) {
        watch_->sent();  // whoever asks for very many topics waits for the rest of them
    }
}

void Events::take_subscription(const zmq::message_t& frame) {
    const int connection = descriptor_of(frame);
    const std::string key = door_.curve ? key_of(frame) : "";
    door_.connections.heard(connection, key);
    const std::string_view topic = text_of(frame).substr(1);
    if (text_of(frame).front() == '\0') {
        socket_.set(zmq::sockopt::unsubscribe, topic);
        door_.connections.forget_topic(connection);
        return;
    }
    int topics = door_.connections.count_topic(connection);
    if (topics == 0 && monitor_) {
        // Who a message comes from is told before it comes, on a socket that was not read yet.
        monitor_->hear();
        topics = door_.connections.count_topic(connection);
    }
    if (topics > options_.topics_of_one) {
        log_.warning("a subscriber was ended: it asked for more than " +
                     std::to_string(options_.topics_of_one) + " topics");
        door_.connections.end(connection);
    } else if (may_have(key, topic)) {
        // Applies to the peer whose subscription was received last.
        socket_.set(zmq::sockopt::subscribe, topic);
        return;
    }
    ++door_.refused_subscriptions;
}

void Events::log_event(const Event& event) const {
    LogFields fields;
    fields.reserve(5);  // each of those below: there is a line for every event
    fields.emplace_back("campaign", event.campaign);
    fields.emplace_back("event", event.kind);
    fields.emplace_back("seq", std::to_string(event.seq));
    if (!event.proposal.empty()) {
        fields.emplace_back("proposal", event.proposal);
    }
    if (!event.cause.empty()) {
        fields.emplace_back("command", event.cause);
    }
    log_.info(event.kind, std::move(fields));
}

void Events::publish(std::vector<Event> events) {
    const HandlerClock clock(times_, "publish");
    waiting_.insert(waiting_.end(),
                    std::make_move_iterator(events.begin()),
                    std::make_move_iterator(events.end()));
    if (!turn_posted_) {
        publish_some();
    }
}

void Events::publish_some() {
    const HandlerClock clock(times_, "publish");
    turn_posted_ = false;
    take_subscriptions();
    const std::string& epoch = ledger_.epoch();
    while (!waiting_.empty() && !clock.turn_is_over()) {
        publish_one(waiting_.front(), epoch);
        waiting_.pop_front();
    }
    if (watch_) {
        watch_->sent();
    }
    if (!waiting_.empty()) {
        turn_posted_ = true;
        boost::asio::post(io_, [this] { publish_some(); });
    }
}

void Events::publish_rest() {
    const std::string& epoch = ledger_.epoch();
    for (const auto& event : waiting_) {
        publish_one(event, epoch);
    }
    waiting_.clear();
}

void Events::publish_one(const Event& event, const std::string& epoch) {
    log_event(event);
    if (!watch_) {
        return;  // between two sockets: REPLAY has it
    }
    const std::string topic = "c/" + event.campaign + "/" + event.kind;
    const std::string header = codec::encode(codec::header_of(event, epoch));
    send(socket_, {topic, header, event.body_json});
}

void Events::beat() {
    if (!watch_) {
        return;
    }
    const HandlerClock clock(times_, "heartbeat");
    codec::Header header;
    header.kind = "HEARTBEAT";
    header.id = make_ulid();
    header.epoch = ledger_.epoch();
    header.time = to_rfc3339(
        std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now()));
    nlohmann::json heads = nlohmann::json::object();
    for (const auto& [campaign, seq] : ledger_.heads()) {
        heads[campaign] = seq;
    }
    const nlohmann::json body{{"epoch", header.epoch}, {"heads", heads}};
    const std::string head = codec::encode(header);
    const std::string text = body.dump();
    send(socket_, {"h/beat", head, text});
    if (watch_) {
        watch_->sent();
    }
}

}  // namespace cupel::controller
