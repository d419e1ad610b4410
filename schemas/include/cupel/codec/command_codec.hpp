// Commands as JSON bodies.
#pragma once

#include <string>
#include <string_view>

#include <cupel/domain/command.hpp>

namespace cupel::codec {

/// Reads the body of a command of `kind` ("CLAIM") after validating it against its schema.
/// Throws InputError("bad_message") with one line naming kind, field and what was expected.
CommandBody decode_command(std::string_view kind, std::string_view body);

/// A command as its sender writes it.
struct EncodedCommand {
    std::string kind;
    std::string body;
};
EncodedCommand encode(const CommandBody& command);

/// True for the kinds protocol v1 has.
bool is_command_kind(std::string_view kind);

}  // namespace cupel::codec
