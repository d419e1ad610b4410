// Hears of connections that fail before they have an identity: no CURVE, a wrong server key, noise.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>
#include <zmq.hpp>

#include "zmq_watch.hpp"

namespace cupel::controller {

/// Lives on the io thread, and shorter than the socket it listens to.
class HandshakeMonitor {
  public:
    HandshakeMonitor(boost::asio::io_context& io,
                     zmq::context_t& context,
                     zmq::socket_t& monitored,
                     const std::string& name,
                     std::function<void()> failed);
    ~HandshakeMonitor();
    HandshakeMonitor(const HandshakeMonitor&) = delete;
    HandshakeMonitor& operator=(const HandshakeMonitor&) = delete;

  private:
    zmq::socket_t& monitored_;
    std::function<void()> failed_;
    zmq::socket_t socket_;
    std::shared_ptr<ZmqWatch> watch_;
};

}  // namespace cupel::controller
