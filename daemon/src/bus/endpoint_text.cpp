// tcp://HOST:PORT and ipc://PATH.
#include "endpoint_text.hpp"

namespace cupel::controller {
namespace {

constexpr const char* kDigits = "0123456789";

/// Four numbers: a name such as 127.example.org would be looked up.
bool is_loopback_address(const std::string& host) {
    return host.rfind("127.", 0) == 0 && host.find_first_not_of("0123456789.") == std::string::npos;
}

bool is_port(const std::string& text) {
    const bool number =
        !text.empty() && text.size() <= 5 && text.find_first_not_of(kDigits) == std::string::npos;
    return text == "*" || (number && std::stoi(text) >= 1 && std::stoi(text) <= 65535);
}

/// HOST of tcp://HOST:PORT; empty for anything else.
std::string tcp_host(const std::string& endpoint) {
    const auto colon = endpoint.rfind(':');
    if (endpoint.rfind("tcp://", 0) != 0 || colon < 7 || !is_port(endpoint.substr(colon + 1))) {
        return "";
    }
    return endpoint.substr(6, colon - 6);
}

bool is_ipc(const std::string& endpoint) {
    return endpoint.rfind("ipc://", 0) == 0 && endpoint.size() > 6;
}

}  // namespace

bool is_endpoint(const std::string& text) {
    return is_ipc(text) || !tcp_host(text).empty();
}

bool has_bad_port(const std::string& text) {
    const auto colon = text.rfind(':');
    return text.rfind("tcp://", 0) == 0 && colon != std::string::npos && colon >= 7 &&
           text[colon - 1] != ':' && text.find('/', colon) == std::string::npos &&
           !is_port(text.substr(colon + 1));
}

bool is_local_endpoint(const std::string& text) {
    const std::string host = tcp_host(text);
    return is_ipc(text) || host == "localhost" || host == "[::1]" || is_loopback_address(host);
}

bool is_local_address(const std::string& text) {
    return text.find("//") == std::string::npos && is_local_endpoint("tcp://" + text);
}

}  // namespace cupel::controller
