// One visit of the body, whatever command it is.
#include "command_fields.hpp"

#include <type_traits>

namespace cupel::controller {
namespace {

constexpr std::size_t kLongest = 200;  ///< of one value; what a client sends may be anything

void add(LogFields& fields, const char* name, const std::string& value) {
    if (!value.empty()) {
        fields.emplace_back(name, value.substr(0, kLongest));
    }
}
void add(LogFields& fields, const char* name, const std::optional<std::string>& value) {
    add(fields, name, value.value_or(""));
}

/// Several proposals are one text.
std::string joined(const std::vector<std::string>& ids) {
    std::string text;
    for (const auto& id : ids) {
        text += (text.empty() ? "" : ",") + id;
    }
    return text;
}

template <typename Body>
void add_body(LogFields& fields, const Body& body) {
    if constexpr (std::is_same_v<Body, ResultAmend>) {
        add_body(fields, body.result);
        return;
    }
    if constexpr (requires { body.cmd_id; }) {
        add(fields, "cmd_id", body.cmd_id);
    }
    if constexpr (requires { body.proposals.front().empty(); }) {
        add(fields, "proposal", joined(body.proposals));
    } else if constexpr (requires { body.proposal; }) {
        add(fields, "proposal", body.proposal);
    }
    if constexpr (requires { body.campaign; }) {
        add(fields, "campaign", body.campaign);
    }
}

}  // namespace

LogFields command_fields(const Command& command) {
    LogFields fields;
    fields.reserve(6);  // each of those below
    add(fields, "client", command.client);
    add(fields, "kind", command.kind);
    add(fields, "command", command.id);
    std::visit([&](const auto& body) { add_body(fields, body); }, command.body);
    return fields;
}

}  // namespace cupel::controller
