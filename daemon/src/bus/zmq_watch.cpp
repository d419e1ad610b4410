// ZMQ_FD done right.
#include "zmq_watch.hpp"

#include <boost/asio/post.hpp>

namespace cupel::controller {

ZmqWatch::ZmqWatch(boost::asio::io_context& io, zmq::socket_t& socket, std::function<void()> pump)
    : io_(io),
      socket_(socket),
      pump_(std::move(pump)),
      descriptor_(io, socket.get(zmq::sockopt::fd)) {}

void ZmqWatch::start() {
    wait();
    sent();
}

void ZmqWatch::wait() {
    if (closed_) {
        return;
    }
    descriptor_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                           [self = shared_from_this()](const boost::system::error_code& error) {
                               if (error || self->closed_) {
                                   return;
                               }
                               try {
                                   self->look();
                               } catch (...) {
                                   // One message that went wrong must not leave the socket unheard.
                                   self->wait();
                                   throw;
                               }
                               self->wait();
                           });
}

void ZmqWatch::look() {
    if (closed_ || (socket_.get(zmq::sockopt::events) & ZMQ_POLLIN) == 0) {
        return;
    }
    pump_();
    // No new edge comes for what was there already.
    sent();
}

void ZmqWatch::sent() {
    if (closed_ || looking_ || (socket_.get(zmq::sockopt::events) & ZMQ_POLLIN) == 0) {
        return;
    }
    looking_ = true;
    boost::asio::post(io_, [self = shared_from_this()] {
        self->looking_ = false;
        self->look();
    });
}

void ZmqWatch::close() {
    if (!closed_) {
        closed_ = true;
        descriptor_.release();
    }
}

}  // namespace cupel::controller
