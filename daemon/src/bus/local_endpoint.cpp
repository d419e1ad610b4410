// Loopback and ipc.
#include "local_endpoint.hpp"

namespace cupel::controller {
namespace {

constexpr const char* kDigits = "0123456789";

/// Four numbers: a name such as 127.example.org would be looked up.
bool is_loopback_address(const std::string& host) {
    return host.rfind("127.", 0) == 0 && host.find_first_not_of("0123456789.") == std::string::npos;
}

}  // namespace

bool is_local_endpoint(const std::string& endpoint) noexcept {
    if (endpoint.rfind("ipc://", 0) == 0) {
        return endpoint.size() > 6;
    }
    const auto colon = endpoint.rfind(':');
    if (endpoint.rfind("tcp://", 0) != 0 || colon == std::string::npos || colon < 7) {
        return false;
    }
    const std::string port = endpoint.substr(colon + 1);
    const bool port_fits =
        port == "*" || (!port.empty() && port.find_first_not_of(kDigits) == std::string::npos);
    const std::string host = endpoint.substr(6, colon - 6);
    return port_fits && (host == "localhost" || host == "[::1]" || is_loopback_address(host));
}

}  // namespace cupel::controller
