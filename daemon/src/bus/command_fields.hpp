// What a command is about, for the log: its own id, proposals and campaign.
#pragma once

#include <cupel/domain/command.hpp>

#include "log.hpp"

namespace cupel::controller {

/// `client`, `kind`, `command`, and where there are any `cmd_id`, `proposal`, `campaign`. Never a
/// lease, a fence or what a result holds.
LogFields command_fields(const Command& command);

}  // namespace cupel::controller
