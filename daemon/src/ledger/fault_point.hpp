// Named points in the code at which a test may kill the process, to prove what survives.
#pragma once

#include <array>

namespace cupel::controller {

/// Each stands between two steps of making something durable.
enum class FaultPoint {
    MigrationOpen,       ///< a step of a migration is written, not committed
    MigrationCommitted,  ///< and committed
    TransactionOpen,     ///< nothing is in it yet
    CommandsApplied,     ///< in memory alone
    EventAppended,       ///< one of the transaction's events
    BeforeCommit,        ///< everything is in the transaction
    AfterCommit,         ///< nobody knows yet, and the disk need not have it
    Durable,             ///< the disk has it
    SideFileWritten,     ///< epoch and last gseq stand beside the store
    EventsPublished,     ///< handed to the bus; no reply was
    BeforeReply,
    AfterReply,
    BlobWritten,       ///< under a temporary name
    BlobRenamed,       ///< its folder is not synced
    BlobDurable,       ///< its command is not in the inbox
    PartStored,        ///< one part of a BLOB_PUT
    PartsJoined,       ///< the file is whole, its parts are still there
    BeforeCheckpoint,  ///< the inbox is empty; the log goes into the database
    AfterCheckpoint,
};

struct NamedFaultPoint {
    FaultPoint point;
    const char* name;
};

/// All of them; tests kill at each.
inline constexpr std::array<NamedFaultPoint, 19> kFaultPoints{{
    {FaultPoint::MigrationOpen, "migration_open"},
    {FaultPoint::MigrationCommitted, "migration_committed"},
    {FaultPoint::TransactionOpen, "transaction_open"},
    {FaultPoint::CommandsApplied, "commands_applied"},
    {FaultPoint::EventAppended, "event_appended"},
    {FaultPoint::BeforeCommit, "before_commit"},
    {FaultPoint::AfterCommit, "after_commit"},
    {FaultPoint::Durable, "durable"},
    {FaultPoint::SideFileWritten, "side_file_written"},
    {FaultPoint::EventsPublished, "events_published"},
    {FaultPoint::BeforeReply, "before_reply"},
    {FaultPoint::AfterReply, "after_reply"},
    {FaultPoint::BlobWritten, "blob_written"},
    {FaultPoint::BlobRenamed, "blob_renamed"},
    {FaultPoint::BlobDurable, "blob_durable"},
    {FaultPoint::PartStored, "part_stored"},
    {FaultPoint::PartsJoined, "parts_joined"},
    {FaultPoint::BeforeCheckpoint, "before_checkpoint"},
    {FaultPoint::AfterCheckpoint, "after_checkpoint"},
}};

/// CUPEL_KILL_AT=name:n kills the process at the n-th passing of that point; n = 0 kills never.
/// Costs nothing in builds without CUPEL_FAULT_POINTS.
#ifdef CUPEL_FAULT_POINTS
void fault_point(FaultPoint point);
#else
inline void fault_point(FaultPoint) {}
#endif

}  // namespace cupel::controller
