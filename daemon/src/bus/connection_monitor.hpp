// Hears who connects to a socket, who goes, and whose handshake fails: no CURVE, a wrong server
// key, noise.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>
#include <zmq.hpp>

#include "connections.hpp"
#include "zmq_watch.hpp"

namespace cupel::controller {

/// Lives on the io thread, and shorter than the socket it listens to.
class ConnectionMonitor {
  public:
    /// `failed` is called for each handshake that did not end well.
    ConnectionMonitor(boost::asio::io_context& io,
                      zmq::context_t& context,
                      zmq::socket_t& monitored,
                      const std::string& name,
                      Connections& connections,
                      std::function<void()> failed);
    ~ConnectionMonitor();
    ConnectionMonitor(const ConnectionMonitor&) = delete;
    ConnectionMonitor& operator=(const ConnectionMonitor&) = delete;

    /// Takes in what was told so far.
    void hear();

  private:
    zmq::socket_t& monitored_;
    Connections& connections_;
    Connections::Entrance entrance_;
    std::function<void()> failed_;
    zmq::socket_t socket_;
    std::shared_ptr<ZmqWatch> watch_;
};

}  // namespace cupel::controller
