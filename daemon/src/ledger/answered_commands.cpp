// Most commands are new, and known to be so without a look at the store.
#include "answered_commands.hpp"

#include <algorithm>
#include <utility>

namespace cupel::controller {
namespace {

constexpr std::size_t kClients = 1024;  ///< whose highest id is kept

}  // namespace

std::optional<CommandRow> AnsweredCommands::find(const std::string& client,
                                                 const std::string& cmd_id) {
    if (is_above_all(client, cmd_id)) {
        return std::nullopt;
    }
    const auto row = std::find_if(rows_.begin(), rows_.end(), [&](const CommandRow& one) {
        return one.cmd_id == cmd_id && one.client == client;
    });
    return row != rows_.end() ? *row : store_.command(client, cmd_id);
}

bool AnsweredCommands::is_above_all(const std::string& client, const std::string& cmd_id) {
    auto known = highest_.find(client);
    if (known == highest_.end()) {
        if (highest_.size() >= kClients) {
            highest_.clear();  // found again in the store and in rows_
        }
        std::string highest = store_.highest_command(client);
        for (const auto& row : rows_) {
            if (row.client == client) {
                highest = std::max(highest, row.cmd_id);
            }
        }
        known = highest_.emplace(client, std::move(highest)).first;
    }
    return cmd_id > known->second;
}

void AnsweredCommands::add(CommandRow row) {
    const auto known = highest_.find(row.client);
    if (known != highest_.end() && row.cmd_id > known->second) {
        known->second = row.cmd_id;
    }
    rows_.push_back(std::move(row));
}

void AnsweredCommands::write() {
    if (!rows_.empty()) {
        store_.put_commands(rows_);
        rows_.clear();
    }
}

}  // namespace cupel::controller
