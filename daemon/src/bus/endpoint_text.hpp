// What an endpoint's text says. Pure functions.
#pragma once

#include <string>

namespace cupel::controller {

/// tcp://HOST:PORT with a port of 1..65535 or "*" (any free one), or ipc://PATH.
bool is_endpoint(const std::string& text);

/// Of these, ipc:// and TCP on 127.0.0.0/8, ::1 and localhost: nobody else can reach it.
bool is_local_endpoint(const std::string& text);

/// tcp://HOST:PORT whose port is none.
bool has_bad_port(const std::string& text);

/// HOST:PORT of such a TCP endpoint, without its tcp://.
bool is_local_address(const std::string& text);

}  // namespace cupel::controller
