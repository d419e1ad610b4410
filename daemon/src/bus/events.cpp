// XPUB with subscriptions granted by hand.
#include "events.hpp"

#include <nlohmann/json.hpp>

#include <cupel/codec/envelope.hpp>
#include <cupel/domain/timestamp.hpp>
#include <cupel/domain/ulid.hpp>

#include "endpoint.hpp"
#include "frames.hpp"
#include "subscriptions.hpp"

namespace cupel::controller {

Events::Events(boost::asio::io_context& io,
               zmq::context_t& context,
               const BusOptions& options,
               Ledger& ledger,
               HandlerTimes& times,
               Log log)
    : options_(options),
      io_(io),
      ledger_(ledger),
      times_(times),
      log_(std::move(log)),
      socket_(context, zmq::socket_type::xpub) {
    constexpr int kOn = 1;
    socket_.set(zmq::sockopt::xpub_manual, kOn);
    socket_.set(zmq::sockopt::xpub_welcome_msg, "h/welcome");
    socket_.set(zmq::sockopt::sndhwm, options_.event_backlog);
    socket_.set(zmq::sockopt::maxmsgsize, std::int64_t{1024});
    socket_.set(zmq::sockopt::linger, 500);
}

Events::~Events() {
    close();
}

std::string Events::bind() {
    return bind_endpoint(socket_, "bus.events", options_.events);
}

void Events::start() {
    watch_ = std::make_shared<ZmqWatch>(io_, socket_, [this] { take_subscriptions(); });
    watch_->start();
}

void Events::close() {
    if (watch_) {
        watch_->close();
        watch_.reset();
    }
    socket_.close();
}

void Events::take_subscriptions() {
    const HandlerClock clock(times_, "subscriptions");
    Frames frames;
    std::size_t dropped = 0;
    while (receive(socket_, frames, 1, dropped)) {
        const std::string_view message = text_of(frames.front());
        if (message.empty() || message.front() > 1) {
            continue;  // what a peer sends upstream besides subscriptions is nobody's
        }
        const std::string_view topic = message.substr(1);
        if (message.front() == 0) {
            socket_.set(zmq::sockopt::unsubscribe, topic);
        } else if (may_subscribe(topic, true)) {
            // Applies to the peer whose subscription was received last.
            socket_.set(zmq::sockopt::subscribe, topic);
        } else {
            ++refused_;
        }
    }
}

void Events::publish(const std::vector<Event>& events) {
    const HandlerClock clock(times_, "publish");
    take_subscriptions();
    const std::string epoch = ledger_.epoch();
    for (const auto& event : events) {
        log_.info(event.campaign + " #" + std::to_string(event.seq) + " " + event.kind +
                  (event.proposal.empty() ? "" : " " + event.proposal) +
                  (event.cause.empty() ? "" : " (command " + event.cause + ")"));
        send(socket_,
             {"c/" + event.campaign + "/" + event.kind,
              codec::encode(codec::header_of(event, epoch)),
              event.body_json});
    }
    if (watch_) {
        watch_->sent();
    }
}

void Events::beat() {
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
    send(socket_, {"h/beat", codec::encode(header), body.dump()});
    if (watch_) {
        watch_->sent();
    }
}

}  // namespace cupel::controller
