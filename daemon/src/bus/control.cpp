// From frames to commands and back.
#include "control.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <boost/asio/post.hpp>
#include <nlohmann/json.hpp>

#include <cupel/codec/command_codec.hpp>
#include <cupel/domain/sha256.hpp>
#include <cupel/domain/timestamp.hpp>
#include <cupel/domain/ulid.hpp>

#include "../http/metrics.hpp"
#include "../one_line.hpp"
#include "command_fields.hpp"
#include "endpoint.hpp"
#include "zap.hpp"

namespace cupel::controller {
namespace {

constexpr int kVersion = 1;              ///< the only major version there is
constexpr std::size_t kFixedFrames = 4;  ///< identity, empty, header, body
constexpr std::size_t kHandful = 64;     ///< commands for the ledger, while others are read
constexpr std::size_t kLargeBody = std::size_t{16} << 10;  ///< of an answer; then it is counted
constexpr int kHandshakeTime = 10'000;  ///< milliseconds; a connection that says nothing ends then

std::string now_text() {
    return to_rfc3339(
        std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now()));
}

/// Commands that a client may send before HELLO: enough to look, and to see that we live.
bool needs_no_hello(const std::string& kind) {
    return kind == "HELLO" || kind == "LIST_OFFERS" || kind == "PING" || kind == "STATUS";
}

/// Commands that change nothing: whoever does not read their answers gets no more of them.
bool is_question(const std::string& kind) {
    return kind == "BLOB_GET" || kind == "REPLAY" || kind == "SNAPSHOT" || kind == "LIST_OFFERS" ||
           kind == "STATUS" || kind == "WHY" || kind == "QUERY_CMD";
}

std::string kibibytes(std::size_t bytes) {
    return std::to_string(bytes >> 10) + " KiB";
}

}  // namespace

Control::Control(boost::asio::io_context& io,
                 zmq::context_t& context,
                 const BusOptions& options,
                 Door& door,
                 Ledger& ledger,
                 HandlerTimes& times,
                 Log log,
                 std::function<void()> before)
    : io_(io),
      context_(context),
      options_(options),
      door_(door),
      ledger_(ledger),
      times_(times),
      log_(std::move(log)),
      before_(std::move(before)),
      socket_(context, zmq::socket_type::router),
      reader_(kFixedFrames + options.max_blobs) {
    socket_.set(zmq::sockopt::router_mandatory, true);
    socket_.set(zmq::sockopt::maxmsgsize, static_cast<std::int64_t>(options_.max_frame));
    socket_.set(zmq::sockopt::sndhwm, options_.reply_backlog);
    socket_.set(zmq::sockopt::rcvhwm, 64);
    socket_.set(zmq::sockopt::linger, 500);
    socket_.set(zmq::sockopt::handshake_ivl, kHandshakeTime);
    enable_keepalive(socket_);
    if (door_.curve) {
        secure(socket_, door_.secret_key);
    }
}

Control::~Control() {
    close();
}

std::string Control::bind() {
    return bind_endpoint(socket_, "bus.control", options_.control);
}

void Control::start() {
    watch_ = std::make_shared<ZmqWatch>(io_, socket_, [this] { pump(); });
    watch_->start();
    monitor_ = std::make_unique<ConnectionMonitor>(
        io_, context_, socket_, "ctrl", door_.connections, [this] {
            if (door_.curve) {
                door_.audit.refused(Door::stranger(""), "NO_HANDSHAKE", "ctrl");
            }
        });
}

void Control::close() {
    if (watch_) {
        watch_->close();
        watch_.reset();
    }
    monitor_.reset();
    socket_.close();
}

void Control::pump() {
    const HandlerClock clock(times_, "ctrl");
    before_();
    const auto turn_is_over = [&clock] { return clock.turn_is_over(); };
    try {
        while (reader_.next(socket_, turn_is_over)) {
            take(reader_.frames(), reader_.dropped());
            if (taken_.size() >= kHandful) {
                hand_over();
            }
            if (clock.turn_is_over()) {
                break;
            }
        }
    } catch (...) {
        hand_over();  // one message that went wrong takes none of the others with it
        throw;
    }
    hand_over();
}

void Control::hand_over() {
    if (!taken_.empty()) {
        ledger_.submit(std::exchange(taken_, {}));
    }
}

void Control::take(const Frames& frames, std::size_t dropped) {
    const std::string peer(text_of(frames.front()));
    std::shared_ptr<const Access> access;
    asking_.clear();
    const std::string key = door_.curve ? key_of(frames.back()) : "";
    door_.connections.heard(descriptor_of(frames.back()), key);
    if (door_.curve) {
        // Looked up for each message: who is revoked is heard no more.
        if (key.empty()) {
            ++counters_.anonymous;
            door_.audit.refused(Door::stranger(key), "NO_IDENTITY", "ctrl");
            return;
        }
        access = door_.allowed->find(key);
        asking_ = access ? access->client : Door::stranger(key);
        if (peer.empty() || peer.front() != '\0') {
            // A name that a peer gives itself another may give itself too, and get its replies.
            bad_message(peer,
                        "",
                        "with keys a connection has no name of its own: leave the "
                        "socket's routing id (ZMQ_IDENTITY) unset");
            return;
        }
    }
    if (frames.size() < kFixedFrames || frames[1].size() != 0) {
        bad_message(peer, "", "expected an empty frame, a header and a body");
        return;
    }
    codec::Header header;
    try {
        // A header is small; what is not is not worth parsing.
        if (frames[2].size() > 4096) {
            throw InputError("bad_message", "header: expected at most 4096 bytes");
        }
        header = codec::decode_header(text_of(frames[2]));
    } catch (const InputError& error) {
        bad_message(peer, "", error.what());
        return;
    }
    if (header.id.empty() || header.id.size() > 64) {
        bad_message(peer, "", "header.id: expected 1 to 64 characters");
        return;
    }
    if (dropped > 0) {
        refuse(peer,
               header.id,
               ErrorCode::TooLarge,
               "a message has at most " + std::to_string(options_.max_blobs) +
                   " blobs; send the others by BLOB_PUT");
        return;
    }
    if (door_.curve && !access) {
        peers_.erase(peer);
        refuse(peer, header.id, ErrorCode::NotAllowed, "this key is no longer on the allow-list");
        return;
    }
    take_command(peer, header, frames, std::move(access));
}

void Control::take_command(const std::string& id_of_peer,
                           const codec::Header& header,
                           const Frames& frames,
                           std::shared_ptr<const Access> access) {
    if (header.version != kVersion) {
        refuse(id_of_peer,
               header.id,
               ErrorCode::UnsupportedVersion,
               "this server speaks version 1, not " + std::to_string(header.version));
        return;
    }
    if (!codec::is_command_kind(header.kind)) {
        bad_message(id_of_peer, header.id, "unknown kind \"" + header.kind.substr(0, 40) + "\"");
        return;
    }
    if (access && !may_send(access->roles, header.kind)) {
        refuse(id_of_peer,
               header.id,
               ErrorCode::NotAllowed,
               header.kind + " is for another role than yours");
        return;
    }
    Peer& peer = peers_[id_of_peer];
    peer.last_seen = std::chrono::steady_clock::now();
    forget_idle_peers();
    if (peer.client.empty() && !needs_no_hello(header.kind)) {
        refuse(id_of_peer,
               header.id,
               ErrorCode::HelloFirst,
               header.kind + " needs a HELLO on this connection first");
        return;
    }
    if (!peer.allowance.take(options_.rate, peer.last_seen)) {
        refuse(id_of_peer,
               header.id,
               ErrorCode::Busy,
               "more than " + std::to_string(options_.rate) +
                   " commands a second on this connection; send it again in a second");
        return;
    }
    const std::string_view body = text_of(frames[3]);
    if (body.size() > options_.max_body) {
        refuse(
            id_of_peer,
            header.id,
            ErrorCode::TooLarge,
            "a body has at most " + kibibytes(options_.max_body) + "; files go into blob frames");
        return;
    }
    std::size_t bytes = body.size();
    for (std::size_t i = kFixedFrames; i < frames.size(); ++i) {
        bytes += frames[i].size();
    }
    if (bytes > options_.max_message) {
        refuse(id_of_peer,
               header.id,
               ErrorCode::TooLarge,
               "a message has at most " + kibibytes(options_.max_message) +
                   "; send its files by BLOB_PUT");
        return;
    }
    if (!may_fetch(peer, header.kind)) {
        refuse(id_of_peer,
               header.id,
               ErrorCode::Busy,
               "answers that were asked for wait to be read; send it again in a second");
        return;
    }
    if (!room_for(peer, bytes)) {
        refuse(id_of_peer,
               header.id,
               ErrorCode::Busy,
               "too many commands wait for their answer; send it again in a second");
        return;
    }
    Command command;
    command.id = header.id;
    command.kind = header.kind;
    try {
        command.body = codec::decode_command(header.kind, body);
        command.client = client_of(peer, command.body, access.get());
    } catch (const std::exception& error) {
        bad_message(id_of_peer, header.id, error.what());
        return;
    }
    command.access = std::move(access);
    command.body_sha256 = sha256_hex(body);
    std::vector<std::string> blobs;
    for (std::size_t i = kFixedFrames; i < frames.size(); ++i) {
        blobs.emplace_back(text_of(frames[i]));
    }
    LogFields fields = command_fields(command);
    ++counters_.commands;
    ++peer.waiting;
    ++waiting_;
    if (int* count = count_of(peer.fetching, header.kind)) {
        ++*count;
        ++*count_of(fetching_, header.kind);
    }
    waiting_bytes_ += bytes;
    // The answer comes on a thread of the ledger: only values cross over.
    taken_.push_back({std::move(command),
                      std::move(blobs),
                      [weak = weak_from_this(),
                       answers = answers_,
                       &io = io_,
                       origin = Origin{id_of_peer,
                                       header.kind,
                                       header.id,
                                       asking_,
                                       bytes,
                                       std::move(fields),
                                       peer.last_seen}](Reply reply) mutable {
                          if (answers->push({std::move(origin), std::move(reply)})) {
                              boost::asio::post(io, [weak] {
                                  if (const auto self = weak.lock()) {
                                      self->send_answers();
                                  }
                              });
                          }
                      }});
}

std::string Control::client_of(Peer& peer, const CommandBody& body, const Access* access) {
    if (access != nullptr) {
        // The key says who it is; what the body says is a wish.
        if (std::holds_alternative<Hello>(body)) {
            peer.client = access->client;
        }
        return access->client;
    }
    if (const auto* hello = std::get_if<Hello>(&body)) {
        const std::string client = "local:" + hello->client;
        if (!peer.client.empty() && peer.client != client) {
            throw InputError("bad_message",
                             "HELLO: this connection is " + peer.client +
                                 " already; open another one for " + client);
        }
        peer.client = client;
    }
    return peer.client.empty() ? "local:unnamed" : peer.client;
}

bool Control::room_for(const Peer& peer, std::size_t bytes) const {
    return waiting_ < options_.inbox && peer.waiting < options_.inbox_of_one &&
           waiting_bytes_ + bytes <= options_.inbox_bytes;
}

int* Control::count_of(Fetches& fetches, const std::string& kind) {
    if (kind == "BLOB_GET") {
        return &fetches.files;
    }
    return kind == "REPLAY" || kind == "SNAPSHOT" ? &fetches.pages : nullptr;
}

bool Control::may_fetch(const Peer& peer, const std::string& kind) const {
    if (!is_question(kind)) {
        return true;  // its answer is small, and what it does must not wait for a slow reader
    }
    const bool file = kind == "BLOB_GET";
    const bool page = kind == "REPLAY" || kind == "SNAPSHOT";
    // Who waits for nothing gets one answer, also while another reads slowly what it asked for.
    const bool first = peer.fetching.files == 0 && peer.fetching.pages == 0 && *peer.unread == 0;
    const std::size_t most = first ? 2 * options_.unread_bytes : options_.unread_bytes;
    if (*unread_ >= most || *peer.unread >= options_.unread_of_one) {
        return false;
    }
    return file
               ? fetching_.files < options_.fetches && peer.fetching.files < options_.fetches_of_one
               : !page || (fetching_.pages < options_.pages &&
                           peer.fetching.pages < options_.pages_of_one);
}

void Control::forget_idle_peers() {
    if (peers_.size() <= options_.max_peers) {
        return;
    }
    // ROUTER does not say who left. Whoever is forgotten and still there says HELLO again.
    auto oldest = peers_.end();
    for (auto peer = peers_.begin(); peer != peers_.end(); ++peer) {
        if (peer->second.waiting == 0 &&
            (oldest == peers_.end() || peer->second.last_seen < oldest->second.last_seen)) {
            oldest = peer;
        }
    }
    if (oldest != peers_.end()) {
        peers_.erase(oldest);
    }
}

void Control::send_answers() {
    const HandlerClock clock(times_, "reply");
    auto more = answers_->take();
    answering_.insert(answering_.end(),
                      std::make_move_iterator(more.begin()),
                      std::make_move_iterator(more.end()));
    if (!turn_posted_) {
        send_some();
    }
}

void Control::send_some() {
    const HandlerClock clock(times_, "reply");
    turn_posted_ = false;
    while (!answering_.empty() && !clock.turn_is_over()) {
        answered(std::move(answering_.front()));
        answering_.pop_front();
    }
    if (watch_) {
        watch_->sent();
    }
    if (!answering_.empty()) {
        turn_posted_ = true;
        boost::asio::post(io_, [weak = weak_from_this()] {
            if (const auto self = weak.lock()) {
                self->send_some();
            }
        });
    }
}

void Control::send_rest() {
    send_answers();
    for (; !answering_.empty(); answering_.pop_front()) {
        answered(std::move(answering_.front()));
    }
}

void Control::answered(Answer answer) {
    auto& [origin, reply] = answer;
    --waiting_;
    waiting_bytes_ -= origin.bytes;
    if (int* count = count_of(fetching_, origin.kind)) {
        --*count;
    }
    // Under its name there may be another by now, who waits for nothing.
    if (const auto peer = peers_.find(origin.peer);
        peer != peers_.end() && peer->second.waiting > 0) {
        --peer->second.waiting;
        int* count = count_of(peer->second.fetching, origin.kind);
        if (count != nullptr && *count > 0) {
            --*count;
        }
    }
    if (!socket_.handle()) {
        return;
    }
    asking_ = std::move(origin.client);
    if (options_.metrics) {
        options_.metrics->answered(origin.kind,
                                   reply.error ? to_string(*reply.error) : "OK",
                                   std::chrono::steady_clock::now() - origin.came);
    }
    if (reply.error) {
        LogFields fields = std::move(origin.fields);
        fields.emplace_back("code", to_string(*reply.error));
        log_.info(origin.kind + " refused: " + reply.text, std::move(fields));
        refuse(origin.peer, origin.id, *reply.error, std::move(reply.text));
        return;
    }
    log_.debug(origin.kind + " done", std::move(origin.fields));
    send_reply(
        origin.peer,
        "OK",
        origin.id,
        origin.kind == "STATUS" ? with_bus_status(reply.result_json) : std::move(reply.result_json),
        std::move(reply.blobs));
}

void Control::ask_status(std::function<void(std::string)> hear) {
    Command command;
    command.id = make_ulid();
    command.kind = "STATUS";
    command.client = "local:cupeld";
    command.body = Status{};
    ledger_.submit(std::move(command),
                   {},
                   [weak = weak_from_this(), &io = io_, hear = std::move(hear)](Reply reply) {
                       boost::asio::post(io, [weak, hear, reply = std::move(reply)] {
                           if (const auto self = weak.lock()) {
                               hear(reply.error ? "" : self->with_bus_status(reply.result_json));
                           }
                       });
                   });
}

std::string Control::with_bus_status(const std::string& status) const {
    auto json = nlohmann::json::parse(status);
    json["authenticated"] = door_.curve;
    json["bus"] = {{"connections", door_.connections.count()},
                   {"refused_connections", door_.connections.refused()},
                   {"commands", counters_.commands},
                   {"waiting", waiting_},
                   {"bad_messages", counters_.bad_messages},
                   {"anonymous", counters_.anonymous},
                   {"refused_subscriptions", door_.refused_subscriptions},
                   {"events", door_.events_endpoint},
                   {"lost_replies", counters_.lost_replies},
                   {"longest_handler_ms", static_cast<double>(times_.longest.count()) / 1000.0},
                   {"slowest_handler", times_.slowest},
                   {"longest_handler_put_aside_ms",
                    static_cast<double>(times_.longest_put_aside.count()) / 1000.0}};
    return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void Control::refuse(const std::string& peer,
                     const std::string& cause,
                     ErrorCode code,
                     std::string text) {
    text = one_line(text);
    if (door_.curve) {
        door_.audit.refused(asking_, std::string(to_string(code)), text);
    }
    if (options_.metrics) {
        options_.metrics->refused(std::string(to_string(code)));
    }
    std::string body = codec::encode_error(code, text);
    if (code == ErrorCode::UnsupportedVersion) {
        body.pop_back();
        body += ",\"min\":1,\"max\":" + std::to_string(kVersion) + "}";
    }
    send_reply(peer, "ERR", cause, std::move(body), {});
}

void Control::bad_message(const std::string& peer,
                          const std::string& cause,
                          const std::string& text) {
    ++counters_.bad_messages;
    last_bad_ = text;
    refuse(peer, cause, ErrorCode::BadMessage, text);
}

void Control::report() {
    if (counters_.bad_messages > bad_reported_) {
        log_.warning(std::to_string(counters_.bad_messages - bad_reported_) +
                     " messages were not ours; the last: " + last_bad_);
        bad_reported_ = counters_.bad_messages;
    }
    if (counters_.anonymous > anonymous_reported_) {
        log_.warning(std::to_string(counters_.anonymous - anonymous_reported_) +
                     " messages without an identity were dropped");
        anonymous_reported_ = counters_.anonymous;
    }
    if (counters_.lost_replies > lost_reported_) {
        log_.warning(std::to_string(counters_.lost_replies - lost_reported_) +
                     " replies found no reader");
        lost_reported_ = counters_.lost_replies;
    }
}

void Control::send_reply(const std::string& peer,
                         const std::string& kind,
                         const std::string& cause,
                         std::string body,
                         std::vector<std::string> blobs) {
    codec::Header header;
    header.kind = kind;
    header.id = make_ulid();
    header.cause = cause;
    header.epoch = ledger_.epoch();
    header.time = now_text();
    const std::string head = codec::encode(header);
    std::vector<std::string_view> frames{peer, "", head};
    if (body.size() >= kLargeBody) {
        blobs.insert(blobs.begin(), std::move(body));
    } else {
        frames.emplace_back(body);
    }
    std::vector<UnreadBytes> held{unread_};
    if (const auto known = peers_.find(peer); known != peers_.end()) {
        held.push_back(known->second.unread);
    }
    switch (send(socket_, frames, std::move(blobs), held)) {
        case Sent::Yes:
            break;
        case Sent::Full:
            ++counters_.lost_replies;
            break;
        case Sent::NoSuchPeer:
            ++counters_.lost_replies;
            peers_.erase(peer);
            break;
    }
}

}  // namespace cupel::controller
