// The one door to the campaigns: takes commands from any thread, makes them durable, then answers.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <cupel/domain/command.hpp>
#include <cupel/domain/event.hpp>

#include "ledger_options.hpp"

namespace cupel::controller {

class Clock;
class LearningService;
class StructureService;
struct RefusalRow;

/// Called once per command, after its effects are durable, on a thread of the ledger: it must
/// return at once (post into your own loop).
using ReplySink = std::function<void(Reply)>;
/// One command on its way to the ledger.
struct Submission {
    Command command;
    std::vector<std::string> blobs;  ///< raw blob frames in the order the body names them
    ReplySink reply;  ///< called exactly once, also when the ledger is stopping (SHUTTING_DOWN)
};
/// Called for each commit that is durable with the rows it appended, in order of `gseq`, on one
/// thread: it must return at once.
using EventSink = std::function<void(std::vector<Event>)>;

/// Owns the store and the state of every campaign. One ledger thread changes state, one waits for
/// the disk and then announces what it has, one reader thread answers SNAPSHOT, REPLAY and
/// BLOB_GET, one blob thread hashes and fsyncs files before their command enters the inbox. Without
/// start() nothing runs by itself and drain() does all work in the caller's thread, which is how
/// tests drive it.
class Ledger {
  public:
    /// Opens or creates the store, migrates it, and loads every campaign.
    /// Throws StoreError when the database is from a newer version, damaged or cannot be written.
    Ledger(LedgerOptions options,
           const Clock& clock,
           LearningService& learning,
           StructureService& structures);
    /// Stops as stop() does.
    ~Ledger();
    Ledger(const Ledger&) = delete;
    Ledger& operator=(const Ledger&) = delete;

    /// To be set before start(); called for every commit from then on.
    void set_event_sink(EventSink sink);
    /// Starts the threads; refills begin.
    void start();
    /// Thread-safe. Never blocks on a file.
    void submit(Command command, std::vector<std::string> blobs, ReplySink reply);
    /// The same for several, in order: they enter the inbox together.
    void submit(std::vector<Submission> submissions);
    /// Thread-safe: runs `work` on the ledger thread inside a transaction of its own group.
    void post(std::function<void()> work);
    /// Thread-safe: raises an alarm in every campaign, soon.
    void raise_alarm(const std::string& text);
    /// Thread-safe: what raise_alarm() said is over, and `note` says why.
    void close_alarm(const std::string& text, const std::string& note);
    /// Thread-safe: writes what was refused into the audit table, soon.
    void note_refusals(std::vector<RefusalRow> refusals);
    /// Makes the campaigns of the configuration that do not exist yet: name -> JSON of its keys.
    /// Returns a line for each that was made with other keys, which it keeps. Before start().
    std::vector<std::string> ensure_campaigns(const std::map<std::string, std::string>& configs);

    /// Head seq of every campaign, as of the last durable commit. Thread-safe; for heartbeats.
    std::map<std::string, std::int64_t> heads() const;
    /// The store's epoch, settled when the ledger is made: changes when a store is created or
    /// restored. Thread-safe.
    const std::string& epoch() const noexcept;
    /// How long the ledger thread has not come round, or the disk not answered. Thread-safe.
    std::chrono::milliseconds silent_for() const;

    /// First step of stopping: no new proposals; running commands are answered.
    void request_stop();
    /// Second step: answers what is queued, checkpoints the WAL, ends the threads. Idempotent.
    void stop();

    /// Without start(): does everything that is due (inbox, posted work, timers) in this thread.
    void drain();

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace cupel::controller
