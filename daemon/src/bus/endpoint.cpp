// Binding, and a check that libzmq leaves to its user.
#include "endpoint.hpp"

#include <cerrno>
#include <cstring>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cupel/controller.hpp>

namespace cupel::controller {
namespace {

bool begins_with(const std::string& text, const char* start) {
    return text.rfind(start, 0) == 0;
}

/// libzmq removes the socket file of a running program and takes its place: ask first.
bool somebody_listens(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) {
        return false;
    }
    std::memcpy(address.sun_path, path.c_str(), path.size());
    const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (probe < 0) {
        return false;
    }
    const bool answered =
        ::connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ::close(probe);
    return answered;
}

}  // namespace

std::string bind_endpoint(zmq::socket_t& socket,
                          const std::string& key,
                          const std::string& endpoint) {
    const std::string where = key + ": " + endpoint;
    if (begins_with(endpoint, "ipc://") && somebody_listens(endpoint.substr(6))) {
        throw BusError(where + " is in use; is another cupeld running?");
    }
    try {
        socket.bind(endpoint);
    } catch (const zmq::error_t& error) {
        if (error.num() == EADDRINUSE) {
            throw BusError(where + " is in use; is another cupeld running?");
        }
        throw BusError(where + " cannot be bound: " + error.what());
    }
    return socket.get(zmq::sockopt::last_endpoint);
}

void enable_keepalive(zmq::socket_t& socket) {
    // Not ZMTP's heartbeats: older peers and other implementations need not answer them.
    socket.set(zmq::sockopt::tcp_keepalive, 1);
    socket.set(zmq::sockopt::tcp_keepalive_idle, 60);
    socket.set(zmq::sockopt::tcp_keepalive_intvl, 20);
    socket.set(zmq::sockopt::tcp_keepalive_cnt, 3);
}

}  // namespace cupel::controller
