// The DEALER socket of a client: messages out, the reply to one of them back.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <zmq.hpp>

namespace cupel::client {

/// One reply as it came in.
struct WireReply {
    bool ok = false;
    std::string body;
    std::vector<std::string> blobs;
};

/// One socket at a time, opened when it is needed. Owned by the thread of its Client.
/// Keys of a connection; none where `server` is empty.
struct Keys {
    std::string server, public_key, secret_key;
};

class Line {
  public:
    Line(zmq::context_t& context, std::string endpoint, Keys keys = {});

    /// Throws InputError for an endpoint that is none.
    void send(const std::string& header,
              const std::string& body,
              const std::vector<std::string>& blobs);
    /// The reply whose cause is `id`; what else comes in is dropped. Nothing when none came before
    /// `deadline`.
    std::optional<WireReply> receive(const std::string& id,
                                     std::chrono::steady_clock::time_point deadline);
    /// What was sent and not answered is gone with the socket.
    void close();
    bool is_open() const { return socket_.handle() != nullptr; }

  private:
    void open();
    std::optional<WireReply> take(const std::string& id);

    zmq::context_t& context_;
    std::string endpoint_;
    Keys keys_;
    zmq::socket_t socket_;
};

/// Waits until `socket` has a message; false when none came before `deadline`. Signals do not end
/// the wait.
bool wait_for_message(zmq::socket_t& socket, std::chrono::steady_clock::time_point deadline);
/// The frames of the next message; empty when there is none now.
std::vector<std::string> receive_frames(zmq::socket_t& socket);
/// Makes a socket speak CURVE. Throws InputError("bad_key") without naming a secret.
void secure(zmq::socket_t& socket, const Keys& keys);
/// Connects; throws InputError("bad_endpoint") naming it.
void connect_to(zmq::socket_t& socket, const std::string& endpoint);

}  // namespace cupel::client
