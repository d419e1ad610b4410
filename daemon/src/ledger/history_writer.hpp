// Where the history ends, and what the running transaction adds to it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include <cupel/domain/event.hpp>

#include "../campaign/records.hpp"
#include "changes.hpp"
#include "store.hpp"

namespace cupel::controller {

/// Numbers, chains and writes the events of one transaction after another, and with them the
/// records they are about. Between begin and commit of the store's transaction: emit(), touch(),
/// changes(), then write(). After the commit take(); when it fails discard(). Not thread-safe.
class HistoryWriter {
  public:
    explicit HistoryWriter(Store& store) : store_(store) {}

    /// Reads where the stored history ends.
    void load() { head_ = store_.head(); }
    /// A campaign without events has seq 0.
    void know_campaign(const std::string& name) { head_.seqs.try_emplace(name, 0); }
    std::int64_t gseq() const noexcept { return head_.gseq; }
    /// The last seq of every campaign that is known.
    const std::map<std::string, std::int64_t>& seqs() const noexcept { return head_.seqs; }
    std::int64_t seq(const std::string& campaign) const;

    /// The id of the command that brings about what follows; empty: the daemon itself.
    void set_cause(std::string command) { cause_ = std::move(command); }
    /// Appends an event; `body` gains the members `campaign` and `proposal`.
    void emit(const std::string& campaign,
              std::string_view kind,
              const std::string& proposal,
              nlohmann::json body,
              Timestamp time);
    /// The record has changed, or may have; it is read by write() and stays where it is until then.
    void touch(const ProposalRecord& record);
    void touch(const CampaignRecord& record);
    /// The event that is emitted next tells the first record of this proposal itself.
    void tell_first(const std::string& proposal, nlohmann::json record);
    /// Rows of other tables, told by the same events.
    Changes& changes() noexcept { return changes_; }

    /// Writes events and touched records into the store. Without an event it writes nothing: what
    /// no event tells waits for the next one, or the history would not know of it.
    void write();
    /// The events that write() wrote, in order of gseq; the next transaction begins.
    std::vector<Event> take();
    /// Forgets what was added since take(), and what is known of the records: load() again.
    void discard();

  private:
    using Json = nlohmann::json;

    /// What the history tells of a record so far; null: nothing.
    struct Told {
        Json record;
        bool stored = true;  ///< and the store has a row of it
    };
    using ToldRecords = std::map<std::string, Told>;

    template <typename Read>
    static Told& told(ToldRecords& known, const std::string& id, Read&& read);
    void write_record(const ProposalRecord& record);
    void write_record(const CampaignRecord& record);

    Store& store_;
    Head head_;
    std::string cause_;
    std::vector<Event> events_;
    std::map<std::string, const ProposalRecord*> touched_proposals_;
    std::map<std::string, const CampaignRecord*> touched_campaigns_;
    Changes changes_;
    ToldRecords told_proposals_, told_campaigns_;  ///< of the proposals, those that still move
};

}  // namespace cupel::controller
