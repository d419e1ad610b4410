// What a transaction did to the tables, told by its events: the log alone makes the tables anew.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <cupel/domain/event.hpp>

#include "store.hpp"

namespace cupel::controller {

/// The member `changes_json` of an event, an object of tables:
///
///     {"proposal": {ID: [operations]}, "campaign": {NAME: [operations]},
///      "result": [row], "observation": [row], "alarm": [row]}
///
/// Proposals and campaigns change often and by little: RFC 6902 operations from the record before
/// to the record after. A proposal's first record is the member `record` of its event PROPOSED, a
/// campaign's is null. The other rows are told whole, each time they change.
class Changes {
  public:
    /// `before`: what the history knows of the record; null when nothing.
    void record(const char* table,
                const std::string& id,
                const std::string& campaign,
                const nlohmann::json& before,
                const nlohmann::json& after);
    void row(const ResultRow& row);
    void row(const ProjectionRow& observation);
    void row(const AlarmRow& row);

    bool empty() const noexcept { return told_.empty(); }
    void clear() { told_.clear(); }
    /// Writes each change into the last event of what it belongs to: the proposal, else the
    /// campaign, else the transaction. `events` must not be empty.
    void tell(std::vector<Event>& events);

  private:
    struct Told {
        std::string table, id;
        std::string proposal, campaign;  ///< whose event tells it, where they have one
        nlohmann::json what;
        bool whole = false;
    };
    std::vector<Told> told_;
};

/// Rows as `changes_json` holds them, and back. Reading throws nlohmann's exceptions.
nlohmann::json to_change(const ResultRow& row);
nlohmann::json to_change(const ProjectionRow& observation);
nlohmann::json to_change(const AlarmRow& row);
ResultRow result_row_of(const nlohmann::json& change);
ProjectionRow projection_row_of(const nlohmann::json& change);
AlarmRow alarm_row_of(const nlohmann::json& change);

/// How records and changes are written everywhere: sorted keys, no spaces.
std::string dump_stored(const nlohmann::json& json);

}  // namespace cupel::controller
