// Which endpoints stay on this machine. A pure function.
#pragma once

#include <string>

namespace cupel::controller {

/// True for ipc:// and for TCP on 127.0.0.0/8, ::1 and localhost: nobody else can reach it.
bool is_local_endpoint(const std::string& endpoint) noexcept;

}  // namespace cupel::controller
