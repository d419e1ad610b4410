// zmq_socket_monitor over an in-process PAIR.
#include "connection_monitor.hpp"

#include <cstdint>
#include <cstring>

#include "frames.hpp"

namespace cupel::controller {

ConnectionMonitor::ConnectionMonitor(boost::asio::io_context& io,
                                     zmq::context_t& context,
                                     zmq::socket_t& monitored,
                                     const std::string& name,
                                     Connections& connections,
                                     std::function<void()> failed)
    : monitored_(monitored),
      connections_(connections),
      entrance_(connections.open()),
      failed_(std::move(failed)),
      socket_(context, zmq::socket_type::pair) {
    const std::string endpoint = "inproc://monitor-" + name;
    ::zmq_socket_monitor(monitored_.handle(),
                         endpoint.c_str(),
                         ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED |
                             ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                             ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL);
    // Unbounded: libzmq's own thread would wait for room here, and everybody with it.
    socket_.set(zmq::sockopt::rcvhwm, 0);
    socket_.set(zmq::sockopt::linger, 0);
    socket_.connect(endpoint);
    watch_ = std::make_shared<ZmqWatch>(io, socket_, [this] { hear(); });
    watch_->start();
}

void ConnectionMonitor::hear() {
    MessageReader reader(2);
    while (reader.next(socket_, [] { return false; })) {
        const Frames& frames = reader.frames();
        std::uint16_t event = 0;
        std::int32_t value = 0;
        if (frames.front().size() != sizeof event + sizeof value) {
            continue;
        }
        const char* bytes = static_cast<const char*>(frames.front().data());
        std::memcpy(&event, bytes, sizeof event);
        std::memcpy(&value, bytes + sizeof event, sizeof value);
        if (event == ZMQ_EVENT_ACCEPTED) {
            connections_.came(entrance_, value);
        } else if (event == ZMQ_EVENT_DISCONNECTED) {
            connections_.went(entrance_, value);
        } else {
            failed_();
        }
    }
    // Behind all that was heard: who has gone already must not be sent away.
    connections_.enforce();
}

ConnectionMonitor::~ConnectionMonitor() {
    watch_->close();
    if (monitored_.handle()) {
        ::zmq_socket_monitor(monitored_.handle(), nullptr, 0);
    }
    socket_.close();
    connections_.close(entrance_);
}

}  // namespace cupel::controller
