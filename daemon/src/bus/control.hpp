// The `ctrl` socket: commands in, replies out. Lives on the io thread.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <zmq.hpp>

#include <cupel/codec/envelope.hpp>
#include <cupel/domain/command.hpp>

#include "../ledger/ledger.hpp"
#include "allowance.hpp"
#include "bus_options.hpp"
#include "connection_monitor.hpp"
#include "connections.hpp"
#include "door.hpp"
#include "frames.hpp"
#include "handler_clock.hpp"
#include "log.hpp"
#include "outbox.hpp"
#include "zmq_watch.hpp"

namespace cupel::controller {

/// What went through the socket since it was bound.
struct ControlCounters {
    std::int64_t commands = 0;
    std::int64_t bad_messages = 0;
    std::int64_t anonymous = 0;     ///< messages without an identity; dropped
    std::int64_t lost_replies = 0;  ///< the peer was gone, or did not read
};

/// Checks each message, hands commands to the ledger and sends what it answers. Nothing here waits:
/// a peer that does not read loses its replies and asks again under the same cmd_id.
class Control : public std::enable_shared_from_this<Control> {
  public:
    /// `before` runs before the messages of a wake-up are looked at: subscriptions that came
    /// earlier are granted earlier.
    Control(boost::asio::io_context& io,
            zmq::context_t& context,
            const BusOptions& options,
            Door& door,
            Ledger& ledger,
            HandlerTimes& times,
            Log log,
            std::function<void()> before);
    ~Control();

    /// Throws BusError. Returns the bound endpoint.
    std::string bind();
    void start();
    /// Logs what was counted; once a minute.
    void report();
    /// The answers that are ready, now: before the end.
    void send_rest();
    void close();
    /// The daemon asks itself; see Bus.
    void ask_status(std::function<void(std::string)> hear);
    const ControlCounters& counters() const noexcept { return counters_; }

  private:
    /// Commands without an answer whose answers are large.
    struct Fetches {
        int files = 0;  ///< BLOB_GET
        int pages = 0;  ///< REPLAY, SNAPSHOT
    };
    /// One connection.
    struct Peer {
        std::string client;  ///< empty before HELLO
        int waiting = 0;     ///< commands without an answer yet
        Fetches fetching;    ///< those among them whose answers are large
        UnreadBytes unread = std::make_shared<std::atomic<std::size_t>>(0);
        std::chrono::steady_clock::time_point last_seen{};
        Allowance allowance;
    };
    struct Origin {
        std::string peer;
        std::string kind;
        std::string id;
        std::string client;
        std::size_t bytes = 0;
        LogFields fields;
        std::chrono::steady_clock::time_point came{};
    };

    /// An answer on its way back to whoever asked.
    struct Answer {
        Origin origin;
        Reply reply;
    };

    void pump();
    void hand_over();
    void take(const Frames& frames, std::size_t dropped);
    void take_command(const std::string& peer,
                      const codec::Header& header,
                      const Frames& frames,
                      std::shared_ptr<const Access> access);
    std::string client_of(Peer& peer, const CommandBody& body, const Access* access);
    bool room_for(const Peer& peer, std::size_t bytes) const;
    bool may_fetch(const Peer& peer, const std::string& kind) const;
    void forget_idle_peers();
    void send_answers();
    void send_some();
    void answered(Answer answer);
    static int* count_of(Fetches& fetches, const std::string& kind);
    std::string with_bus_status(const std::string& status) const;
    void refuse(const std::string& peer,
                const std::string& cause,
                ErrorCode code,
                std::string text);
    void bad_message(const std::string& peer, const std::string& cause, const std::string& text);
    void send_reply(const std::string& peer,
                    const std::string& kind,
                    const std::string& cause,
                    std::string body,
                    std::vector<std::string> blobs);

    boost::asio::io_context& io_;
    zmq::context_t& context_;
    BusOptions options_;
    Door& door_;
    Ledger& ledger_;
    HandlerTimes& times_;
    Log log_;
    std::function<void()> before_;
    zmq::socket_t socket_;
    MessageReader reader_;
    std::shared_ptr<ZmqWatch> watch_;
    std::unique_ptr<ConnectionMonitor> monitor_;
    std::vector<Submission> taken_;  ///< commands of this turn
    /// From the threads of the ledger: one wake-up of the io thread for all that come meanwhile.
    std::shared_ptr<Outbox<Answer>> answers_ = std::make_shared<Outbox<Answer>>();
    std::deque<Answer> answering_;  ///< taken out of it, waiting for their turn
    bool turn_posted_ = false;
    std::string asking_;  ///< who the audit says it was, of the message at hand
    std::map<std::string, Peer, std::less<>> peers_;
    ControlCounters counters_;
    std::int64_t bad_reported_ = 0;
    std::int64_t lost_reported_ = 0;
    std::int64_t anonymous_reported_ = 0;
    std::string last_bad_;
    int waiting_ = 0;
    std::size_t waiting_bytes_ = 0;
    Fetches fetching_;
    UnreadBytes unread_ = std::make_shared<std::atomic<std::size_t>>(0);
};

}  // namespace cupel::controller
