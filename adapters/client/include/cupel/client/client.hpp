// A client of the daemon: sends one command at a time and waits for its answer.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <cupel/domain/command.hpp>
#include <cupel/domain/error.hpp>

namespace cupel::client {

/// Where a daemon answers when nothing else is said.
inline constexpr const char* kDefaultControl = "tcp://127.0.0.1:5870";
inline constexpr const char* kDefaultEvents = "tcp://127.0.0.1:5871";

struct ClientOptions {
    std::string control = kDefaultControl;  ///< endpoint of the daemon's `ctrl` socket
    std::string name;                       ///< client of HELLO
    std::string software = "cupel-client";
    std::string version = "0.1.0";
    /// Of the daemon, where it has `auth = "curve"`: 40 characters. Empty: none is spoken.
    std::string server_key;
    std::string public_key, secret_key;  ///< ours, as read_key_file() gives them
    /// Tags this worker has. Nothing: those that this client named before, as beside a robot.
    std::optional<std::vector<std::string>> capabilities;
    std::chrono::milliseconds patience{5000};  ///< for one answer, before the socket is reopened
    std::chrono::milliseconds give_up{60000};  ///< for one command, over all its repetitions
};

/// An ERR reply: an answer, not a fault of the line.
class Refused : public Error {
  public:
    Refused(std::string code, const std::string& text, bool retryable)
        : Error(code + ": " + text), code_(std::move(code)), retryable_(retryable) {}
    /// "STALE_LEASE", as in the protocol page.
    const std::string& code() const noexcept { return code_; }
    bool retryable() const noexcept { return retryable_; }

  private:
    std::string code_;
    bool retryable_;
};

/// The daemon did not answer in time. `heard()`: it had answered something before, so that what was
/// asked may have been done all the same.
class NoAnswer : public Error {
  public:
    explicit NoAnswer(const std::string& what, bool heard = false) : Error(what), heard_(heard) {}
    bool heard() const noexcept { return heard_; }

  private:
    bool heard_ = false;
};

/// The answer to a command.
struct Answer {
    std::string result_json;         ///< the `result` object of the protocol page
    std::vector<std::string> blobs;  ///< BLOB_GET
};

/// One connection to a daemon. Not thread-safe: one Client belongs to one thread at a time, and may
/// be moved to another between two calls. Connects lazily, says HELLO before the first command that
/// needs it and again after every reconnect and to a daemon that has restarted. No signal handler,
/// no thread of ours; libzmq keeps one in the background.
class Client {
  public:
    /// Opens nothing yet.
    explicit Client(ClientOptions options);
    ~Client();
    Client(Client&&) noexcept;
    Client& operator=(Client&&) noexcept;

    /// Sends `command` with its raw blob frames (in the order its body names them) and waits.
    /// Without an answer the socket is closed, reopened and the same bytes sent again with the same
    /// cmd_id: the daemon acts on them once. Retryable ERR replies (BUSY, ...) are repeated with
    /// back-off. Blobs that do not fit into a frame, or not together into one message, go ahead
    /// in parts by BLOB_PUT. A HELLO asked here is the one repeated later. Throws Refused; NoAnswer
    /// after `give_up`; InputError for an endpoint that is none.
    Answer ask(const CommandBody& command, const std::vector<std::string>& blobs = {});
    /// The `result` of the last HELLO: epoch, roles, campaigns, the leases this client holds. Says
    /// HELLO when nothing was said yet; throws as ask().
    const std::string& hello();
    /// Times the socket was closed and opened again because nobody answered.
    int reconnects() const noexcept;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace cupel::client
