// The `events` socket: subscriptions in, events and heartbeats out. Lives on the io thread.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <zmq.hpp>

#include <cupel/domain/event.hpp>

#include "../ledger/ledger.hpp"
#include "bus_options.hpp"
#include "connection_monitor.hpp"
#include "connections.hpp"
#include "door.hpp"
#include "frames.hpp"
#include "handler_clock.hpp"
#include "log.hpp"
#include "zmq_watch.hpp"

namespace cupel::controller {

/// Lossy by design: a subscriber that does not read misses events and sees it by the heartbeat.
class Events {
  public:
    Events(boost::asio::io_context& io,
           zmq::context_t& context,
           const BusOptions& options,
           Door& door,
           Ledger& ledger,
           HandlerTimes& times,
           Log log);
    ~Events();

    /// Throws BusError. Returns the bound endpoint.
    std::string bind();
    void start();
    void close();

    /// Ends every subscription and binds the same endpoint again: whoever may come back does so by
    /// itself. The only way to end one of a key that was revoked.
    void reopen(const std::string& why);
    /// To be called once a minute: what was asked for in vain long ago is forgotten.
    void forget_refused() { refused_of_key_.clear(); }

    /// Grants the subscriptions that came in.
    void take_subscriptions();
    /// In turns: what does not fit into one waits for the next, in its order.
    void publish(std::vector<Event> events);
    /// What still waits for its turn, now: before the end.
    void publish_rest();
    void beat();

  private:
    void make_socket();
    void bind_again(int tries);
    void publish_some();
    void publish_one(const Event& event, const std::string& epoch);
    void log_event(const Event& event) const;
    bool may_have(const std::string& key, std::string_view topic);
    void take_subscription(const zmq::message_t& frame);
    /// Nothing more is granted on this socket, which is opened anew; this key is not let in for
    /// some minutes.
    void shut_out(const std::string& key, const std::string& what);

    zmq::context_t& context_;
    Door& door_;
    BusOptions options_;
    boost::asio::io_context& io_;
    Ledger& ledger_;
    HandlerTimes& times_;
    Log log_;
    zmq::socket_t socket_;
    MessageReader reader_{1};
    std::shared_ptr<ZmqWatch> watch_;
    std::unique_ptr<ConnectionMonitor> monitor_;
    boost::asio::steady_timer retry_;
    std::string bound_;
    int opened_ = 0;
    std::deque<Event> waiting_;  ///< committed, not published yet
    bool turn_posted_ = false;
    bool grants_uncertain_ = false;  ///< who asked for what is no longer certain
    std::map<std::string, int> refused_of_key_;
};

}  // namespace cupel::controller
