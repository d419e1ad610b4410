// The SQLite store: migrations, the hash-chained history, projections, one transaction at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <cupel/controller/store_check.hpp>
#include <cupel/domain/error.hpp>
#include <cupel/domain/event.hpp>

namespace cupel::controller {

/// The store cannot be opened, read or written. `full()`: no space is left on the device.
class StoreError : public Error {
  public:
    explicit StoreError(const std::string& what, bool full = false) : Error(what), full_(full) {}
    bool full() const noexcept { return full_; }

  private:
    bool full_ = false;
};
/// The store is one of an older version, and was to be read only.
class OutdatedStore : public StoreError {
  public:
    using StoreError::StoreError;
};

/// One row of a projection: its key, what it belongs to, and its JSON record.
struct ProjectionRow {
    std::string id;
    std::string campaign;
    std::string record;
};
struct ProposalRow {
    std::string id, campaign, state;
    std::string wire;    ///< as clients are told of it
    std::string record;  ///< the proposal itself
    std::string work;    ///< the rest of its record: never an empty object
};
/// A proposal's state as its own column says it.
struct ProposalStateRow {
    std::string id, state;
};
struct ResultRow {
    std::string id, proposal;
    int attempt = 1;
    std::string client, cmd_id;
    bool held = false;
    std::string record;
    std::string time;
};
struct HeldRow {
    std::string id, campaign;
};
struct CommandRow {
    std::string client, cmd_id, kind, hash, reply, time;
};
struct BlobRow {
    std::string sha256;
    std::uint64_t length = 0;
    std::string name, type, time;
};
struct AlarmRow {
    std::string id, campaign, text, time, acked_by;
};
/// So many refusals of one client, with one code, in one minute.
struct RefusalRow {
    std::string minute;  ///< "2026-11-24T12:00Z"
    std::string client, code;
    std::int64_t count = 0;
    std::string last;  ///< what the last of them was about
};
/// A row of a table as it stood when the history began to tell the tables.
struct BaselineRow {
    std::string kind, id, row;
};
/// Where the history ends.
struct Head {
    std::int64_t gseq = 0;
    std::string chain;
    std::map<std::string, std::int64_t> seqs;
};

/// The chain hash of a row: SHA-256 over the previous hash and every field of the event.
std::string chain_hash(const std::string& previous, const Event& event);

/// One connection. Not thread-safe: each thread opens its own.
class Store {
  public:
    enum class Mode { Write, Read };
    /// Opens `path`; Write creates and migrates it, sets WAL and synchronous=FULL.
    /// Throws StoreError with one clear line: another version, not a database, not writable.
    Store(const std::filesystem::path& path, Mode mode);
    ~Store();
    Store(Store&&) noexcept;
    Store& operator=(Store&&) noexcept;

    /// Newest schema this program knows.
    static int newest_version();

    /// One transaction at a time. commit() throws StoreError and leaves nothing behind when it
    /// fails.
    void begin();
    /// A consistent view for several reads; ended by rollback().
    void begin_read();
    void commit();
    void rollback() noexcept;
    void checkpoint() noexcept;
    /// Writes everything committed into the database and syncs it, as far as readers of older
    /// states let it. Throws StoreError when the disk fails.
    void checkpoint_all();
    /// From here on commit() does not wait for the disk: whoever calls it syncs the WriteAheadLog
    /// before anybody is told.
    void leave_syncs_to_caller();
    /// Rows written so far, by commits and in the running transaction.
    std::int64_t rows_written() const noexcept;
    /// How long to wait for another program that holds the store; 5 s without this.
    void set_patience(std::chrono::milliseconds patience);

    std::optional<std::string> meta(const std::string& key);
    void set_meta(const std::string& key, const std::string& value);
    void drop_meta(const std::string& key);

    Head head();
    void append(const std::vector<Event>& events);
    /// Checks the chain of the last kTail events. Throws StoreError naming the one that does not
    /// fit.
    void check_tail();
    static constexpr int kTail = 1000;
    /// At most `limit` of them, and none after that with which the bodies reach `bytes`.
    std::vector<Event> events(const std::string& campaign,
                              std::int64_t from,
                              std::optional<std::int64_t> to,
                              int limit,
                              std::size_t bytes = SIZE_MAX);
    /// Every event of the store, in order of gseq, one at a time.
    void for_each_event(const std::function<void(const Event&)>& hear);

    std::vector<BaselineRow> baseline();

    void put_campaign(const std::string& name, const std::string& record);
    std::vector<ProjectionRow> campaigns();
    std::optional<std::string> campaign_record(const std::string& name);
    void put_proposal(const ProposalRow& row);
    /// What moves of a proposal that itself stays as it is.
    void put_work(const std::string& id, const std::string& work);
    /// With their whole records.
    std::vector<ProjectionRow> proposals();
    std::optional<std::string> proposal_record(const std::string& id);
    std::vector<ProposalStateRow> proposal_states();
    /// The wire objects of a campaign's proposals, in order of making.
    std::vector<std::string> proposal_wires(const std::string& campaign);
    void put_observation(const ProjectionRow& row);
    std::vector<ProjectionRow> observations();

    void put_result(const ResultRow& row);
    std::optional<ResultRow> result(const std::string& id);
    std::vector<ResultRow> results(const std::string& proposal);
    /// Of the results held back: id and campaign.
    std::vector<HeldRow> held_results();

    std::optional<CommandRow> command(const std::string& client, const std::string& cmd_id);
    /// No id of this client's commands is above it, byte by byte: its highest one where that is
    /// among the highest of all, else one of another client; empty when there is none.
    std::string highest_command(const std::string& client);
    void put_commands(const std::vector<CommandRow>& rows);

    void put_blob(const BlobRow& row);
    std::optional<BlobRow> blob(const std::string& sha256);
    std::vector<BlobRow> blobs();

    /// Whether the history of one of the campaigns names that file.
    bool names_blob(const std::set<std::string>& campaigns, const std::string& sha256);

    void put_alarm(const AlarmRow& row);
    std::vector<AlarmRow> open_alarms();
    bool ack_alarm(const std::string& id, const std::string& client);

    /// Adds to the counts that are there; keeps the newest kAuditRows rows.
    void add_refusals(const std::vector<RefusalRow>& refusals);
    std::vector<RefusalRow> refusals();
    static constexpr int kAuditRows = 10000;

    /// Walks the whole history: chain, gseq and seq without gaps, and the states it tells against
    /// those of the tables (store_check.cpp).
    VerifyReport verify();
    /// The first part of it: the events alone.
    VerifyReport verify_history();
    /// Makes the tables anew from the history, elsewhere, and reports every row that differs.
    void compare_with_history(VerifyReport& report);

    /// For the sources of the store alone: its connection.
    struct Impl;
    Impl& impl() noexcept { return *impl_; }

  private:
    std::unique_ptr<Impl> impl_;
};

}  // namespace cupel::controller
