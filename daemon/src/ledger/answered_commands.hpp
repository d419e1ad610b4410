// The commands that were answered: who repeats one gets the same answer and no second effect.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "store.hpp"

namespace cupel::controller {

/// The stored answers and those of the running transaction. add() what is answered, write() before
/// the commit; discard() when there is none. Not thread-safe.
class AnsweredCommands {
  public:
    explicit AnsweredCommands(Store& store) : store_(store) {}

    /// What was answered to this client's command; nothing when it never came.
    std::optional<CommandRow> find(const std::string& client, const std::string& cmd_id);
    void add(CommandRow row);
    void write();
    void discard() { rows_.clear(); }

  private:
    bool is_above_all(const std::string& client, const std::string& cmd_id);

    Store& store_;
    std::vector<CommandRow> rows_;  ///< not written yet
    /// No id of a client that was heard lately is above it. Ids that grow with time, as ULIDs do,
    /// need not be looked for. It may be too high (Store::highest_command, or a transaction that
    /// failed): then one is looked for.
    std::map<std::string, std::string> highest_;
};

}  // namespace cupel::controller
