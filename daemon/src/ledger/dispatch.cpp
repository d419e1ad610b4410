// From a command to its reply: idempotency, the handler, the stored answer.
#include <stdexcept>

#include "core.hpp"

namespace cupel::controller {
namespace {

/// The client-made id of a state-changing command; nothing for reads and renewals.
const std::string* command_id(const CommandBody& body) {
    return std::visit(
        [](const auto& value) -> const std::string* {
            using T = std::decay_t<decltype(value)>;
            if constexpr (std::is_same_v<T, ResultAmend>) {
                return &value.result.cmd_id;
            } else if constexpr (std::is_same_v<T, QueryCmd>) {
                return nullptr;  // its cmd_id names another command
            } else if constexpr (requires { value.cmd_id; }) {
                return &value.cmd_id;
            } else {
                return nullptr;
            }
        },
        body);
}

Reply refused(const Command& command, ErrorCode code, std::string text) {
    Reply reply;
    reply.cause = command.id;
    reply.error = code;
    reply.text = std::move(text);
    return reply;
}

}  // namespace

Json Core::apply(const Command& command) {
    return std::visit(
        [&](const auto& body) -> Json {
            using T = std::decay_t<decltype(body)>;
            constexpr bool kElsewhere = std::is_same_v<T, Snapshot> || std::is_same_v<T, Replay> ||
                                        std::is_same_v<T, Why> || std::is_same_v<T, BlobGet> ||
                                        std::is_same_v<T, BlobPut>;
            if constexpr (kElsewhere) {
                throw std::logic_error("this command is answered by another thread");
            } else {
                return handle(body, command);
            }
        },
        command.body);
}

Reply Core::answer(const Command& command, bool& deferred, const ReplySink& reply) {
    history_.set_cause(command.id);
    access_ = command.access;
    struct Forget {
        std::shared_ptr<const Access>& access;
        ~Forget() { access.reset(); }
    } forget{access_};
    try {
        if (const auto* why = std::get_if<Why>(&command.body)) {
            ask_why(*why, command, reply);
            deferred = true;
            return {};
        }
        const std::string* cmd_id = command_id(command.body);
        if (cmd_id != nullptr) {
            if (cmd_id->empty() || cmd_id->size() > 128) {
                return refused(
                    command, ErrorCode::BadMessage, "cmd_id: expected an id of your own");
            }
            if (const auto stored = answered_.find(command.client, *cmd_id)) {
                if (stored->hash != command.body_sha256 || stored->kind != command.kind) {
                    return refused(command,
                                   ErrorCode::IdempotencyConflict,
                                   "cmd_id " + *cmd_id + " was used for another command");
                }
                Reply again;
                again.cause = command.id;
                again.result_json = stored->reply;
                return again;
            }
        }
        Reply done;
        done.cause = command.id;
        done.result_json = dump_stored(apply(command));
        if (cmd_id != nullptr) {
            answered_.add({command.client,
                           *cmd_id,
                           command.kind,
                           command.body_sha256,
                           done.result_json,
                           time_text()});
        }
        return done;
    } catch (const Refusal& refusal) {
        return refused(command, refusal.code, refusal.text);
    } catch (const InputError& error) {
        return refused(command, ErrorCode::BadMessage, error.what());
    }
}

}  // namespace cupel::controller
