// Authentication: answers libzmq's question whether a key may enter. Lives on the io thread.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>
#include <zmq.hpp>

#include <cupel/controller/allow_list.hpp>

#include "zmq_watch.hpp"

namespace cupel::controller {

/// ZAP (ZeroMQ RFC 27) in-process. To be bound before any other socket: without a handler libzmq
/// 4.3 lets every key in.
class Zap {
  public:
    /// `refused` hears the key of each client that was sent away.
    Zap(boost::asio::io_context& io,
        zmq::context_t& context,
        std::function<void(const std::string& key)> refused);
    ~Zap();

    /// Throws BusError when another handler is there.
    void bind();
    void start();
    void close();
    void set_allowed(SharedAllowList list) { allowed_ = std::move(list); }
    /// Lets this key in again after a while only.
    void shut_out(const std::string& key);

  private:
    void pump();
    bool is_shut_out(const std::string& key);

    boost::asio::io_context& io_;
    std::function<void(const std::string&)> refused_;
    SharedAllowList allowed_ = std::make_shared<const AllowList>();
    std::map<std::string, std::chrono::steady_clock::time_point> shut_out_;  ///< until then
    zmq::socket_t socket_;
    std::shared_ptr<ZmqWatch> watch_;
};

/// Makes a socket a CURVE server of our ZAP domain.
void secure(zmq::socket_t& socket, const std::string& secret_key);

/// The public key that a message came with; empty when it came without authentication.
std::string key_of(const zmq::message_t& frame);

}  // namespace cupel::controller
