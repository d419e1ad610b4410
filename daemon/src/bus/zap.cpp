// version | request id | domain | address | routing id | mechanism | credentials.
#include "zap.hpp"

#include <vector>

#include <cupel/controller.hpp>

#include "frames.hpp"

namespace cupel::controller {
namespace {

constexpr std::chrono::minutes kShutOut{5};
constexpr const char* kEndpoint = "inproc://zeromq.zap.01";
constexpr const char* kDomain = "cupel";
constexpr std::size_t kFrames = 7;
constexpr std::size_t kRawKey = 32;
constexpr std::size_t kTextKey = 40;

/// Empty when it is no CURVE request of ours.
std::string asking_key(const Frames& frames) {
    const bool curve = frames.size() == kFrames && text_of(frames[0]) == "1.0" &&
                       text_of(frames[2]) == kDomain && text_of(frames[5]) == "CURVE" &&
                       frames[6].size() == kRawKey;
    if (!curve) {
        return "";
    }
    char key[kTextKey + 1] = {};
    ::zmq_z85_encode(key, static_cast<const std::uint8_t*>(frames[6].data()), kRawKey);
    return key;
}

}  // namespace

Zap::Zap(boost::asio::io_context& io,
         zmq::context_t& context,
         std::function<void(const std::string&)> refused)
    : io_(io), refused_(std::move(refused)), socket_(context, zmq::socket_type::rep) {
    socket_.set(zmq::sockopt::linger, 0);
}

Zap::~Zap() {
    close();
}

void Zap::bind() {
    try {
        socket_.bind(kEndpoint);
    } catch (const zmq::error_t& error) {
        throw BusError(std::string("authentication cannot be bound: ") + error.what());
    }
}

void Zap::start() {
    watch_ = std::make_shared<ZmqWatch>(io_, socket_, [this] { pump(); });
    watch_->start();
}

void Zap::close() {
    if (watch_) {
        watch_->close();
        watch_.reset();
    }
    socket_.close();
}

void Zap::pump() {
    MessageReader reader(kFrames);
    while (reader.next(socket_, [] { return false; })) {
        const Frames& frames = reader.frames();
        const std::string id(frames.size() > 1 ? text_of(frames[1]) : "");
        const std::string key = reader.dropped() == 0 ? asking_key(frames) : "";
        const bool known = !key.empty() && allowed_->find(key) != nullptr;
        const bool shut_out = known && is_shut_out(key);
        const bool allowed = known && !shut_out;
        // The key itself is the User-Id: what it may do is looked up anew for each message.
        send(socket_,
             {"1.0",
              id,
              allowed ? "200" : "400",
              allowed    ? "OK"
              : shut_out ? "this key is shut out for some minutes"
                         : "this key is not on the allow-list",
              allowed ? key : "",
              ""});
        if (!known) {
            refused_(key);
        }
    }
}

void Zap::shut_out(const std::string& key) {
    shut_out_[key] = std::chrono::steady_clock::now() + kShutOut;
}

bool Zap::is_shut_out(const std::string& key) {
    const auto found = shut_out_.find(key);
    if (found == shut_out_.end()) {
        return false;
    }
    if (std::chrono::steady_clock::now() < found->second) {
        return true;
    }
    shut_out_.erase(found);
    return false;
}

void secure(zmq::socket_t& socket, const std::string& secret_key) {
    socket.set(zmq::sockopt::curve_server, true);
    socket.set(zmq::sockopt::curve_secretkey, secret_key);
    socket.set(zmq::sockopt::zap_domain, kDomain);
}

std::string key_of(const zmq::message_t& frame) {
    const char* user = ::zmq_msg_gets(frame.handle(), "User-Id");
    return user == nullptr ? "" : user;
}

}  // namespace cupel::controller
