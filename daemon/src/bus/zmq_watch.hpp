// A ZeroMQ socket inside a Boost.Asio loop. Included by the sources of the bus alone.
#pragma once

#include <functional>
#include <memory>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <zmq.hpp>

namespace cupel::controller {

/// Calls `pump` on the loop's thread whenever the socket has something to receive. ZMQ_FD is
/// edge-triggered and tells of changes of any kind: ZMQ_EVENTS is read again after every wake-up,
/// and after every send, which may have swallowed the edge. Used by the loop's thread alone.
class ZmqWatch : public std::enable_shared_from_this<ZmqWatch> {
  public:
    /// `pump` receives a bounded number of messages; what is left calls it again, after others had
    /// their turn. `socket` outlives the watch, or close() is called first.
    ZmqWatch(boost::asio::io_context& io, zmq::socket_t& socket, std::function<void()> pump);
    ~ZmqWatch() { close(); }
    ZmqWatch(const ZmqWatch&) = delete;
    ZmqWatch& operator=(const ZmqWatch&) = delete;

    void start();
    /// To be called after sending outside of `pump`.
    void sent();
    /// Lets go of the descriptor, which is libzmq's to close.
    void close();

  private:
    void wait();
    void look();

    boost::asio::io_context& io_;
    zmq::socket_t& socket_;
    std::function<void()> pump_;
    boost::asio::posix::stream_descriptor descriptor_;
    bool closed_ = false;
    bool looking_ = false;  ///< a look() is queued
};

}  // namespace cupel::controller
