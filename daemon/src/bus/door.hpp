// Who is at the door: what the sockets of the bus share about identity. Owned by the io thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <cupel/controller/allow_list.hpp>

#include "audit.hpp"
#include "connections.hpp"

namespace cupel::controller {

struct Door {
    bool curve = false;  ///< false: everybody on this machine, with every role
    std::string secret_key;
    SharedAllowList allowed;
    Audit audit;
    Connections connections;
    std::int64_t refused_subscriptions = 0;
    std::function<void(const std::string& key)> shut_out{};  ///< for some minutes
    std::string events_endpoint{};                           ///< as it was bound

    /// How the audit names a key that is not on the list.
    static std::string stranger(const std::string& key) {
        return key.empty() ? "unauthenticated" : "key " + key.substr(0, 8);
    }
};

}  // namespace cupel::controller
