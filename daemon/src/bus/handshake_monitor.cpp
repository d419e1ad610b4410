// zmq_socket_monitor over an in-process PAIR.
#include "handshake_monitor.hpp"

#include "frames.hpp"

namespace cupel::controller {

HandshakeMonitor::HandshakeMonitor(boost::asio::io_context& io,
                                   zmq::context_t& context,
                                   zmq::socket_t& monitored,
                                   const std::string& name,
                                   std::function<void()> failed)
    : monitored_(monitored), failed_(std::move(failed)), socket_(context, zmq::socket_type::pair) {
    const std::string endpoint = "inproc://monitor-" + name;
    ::zmq_socket_monitor(
        monitored_.handle(),
        endpoint.c_str(),
        ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL);
    // Unbounded: libzmq's own thread would wait for room here, and everybody with it.
    socket_.set(zmq::sockopt::rcvhwm, 0);
    socket_.set(zmq::sockopt::linger, 0);
    socket_.connect(endpoint);
    watch_ = std::make_shared<ZmqWatch>(io, socket_, [this] {
        Frames frames;
        std::size_t dropped = 0;
        while (receive(socket_, frames, 2, dropped)) {
            failed_();
        }
    });
    watch_->start();
}

HandshakeMonitor::~HandshakeMonitor() {
    watch_->close();
    if (monitored_.handle()) {
        ::zmq_socket_monitor(monitored_.handle(), nullptr, 0);
    }
    socket_.close();
}

}  // namespace cupel::controller
