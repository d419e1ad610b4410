// The commands of protocol v1 as values; the codec reads them from JSON, the ledger applies them.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <cupel/domain/access.hpp>
#include <cupel/domain/candidate.hpp>
#include <cupel/domain/outcome.hpp>
#include <cupel/domain/proposal.hpp>

namespace cupel {

/// A file sent with a command; the bytes are in the content-addressed store before the command is
/// applied.
struct BlobRef {
    std::string name;
    std::string type;  ///< media type, "chemical/x-cif"
    std::string sha256;
    std::uint64_t length = 0;
};

/// The lease a worker holds, as it proves it.
struct LeaseProof {
    std::string lease;
    std::int64_t fence = 0;
};

struct Hello {
    std::string client, software, version;
    /// Tags this worker has; nothing: what was said of them before still holds.
    std::optional<std::vector<std::string>> capabilities;
};
struct Snapshot {
    std::optional<std::string> campaign;
};
struct Replay {
    std::string campaign;
    std::int64_t from = 1;
    std::optional<std::int64_t> to;
    int limit = 500;  ///< events per page, 1..1000
};
struct ListOffers {
    std::optional<std::string> campaign;
    std::vector<std::string> capabilities;
    int limit = 100;
};
struct Claim {
    std::string cmd_id;
    std::vector<std::string> proposals;  ///< all or nothing
    LeaseClass lease_class = LeaseClass::Robot;
};
struct Renew {
    LeaseProof proof;
    std::map<std::string, std::int64_t> applied;  ///< campaign -> last applied seq
};
struct Start {
    std::string cmd_id, proposal;
    LeaseProof proof;
    std::optional<double> expected_s;
};
struct Progress {
    std::string cmd_id, proposal;
    LeaseProof proof;
    std::string stage;
    std::optional<std::string> note;
    std::optional<double> expected_s;
};
/// RELEASE gives a claimed proposal back; DECLINE says this client will not make it.
struct Release {
    std::string cmd_id, proposal;
    std::optional<LeaseProof> proof;
    std::string reason;
};
struct Decline {
    std::string cmd_id, proposal;
    std::optional<LeaseProof> proof;
    std::string reason;
};
struct Result {
    std::string cmd_id, proposal;
    std::optional<int> attempt;
    std::optional<LeaseProof> proof;
    std::optional<Outcome> outcome;  ///< may be left out when a CIF decides
    std::optional<bool> consumed;    ///< execution_failed: was material used up?
    std::optional<std::string> stage, note;
    std::map<std::string, std::string> evidence;
    std::vector<BlobRef> blobs;
};
struct ResultAmend {
    Result result;
};
/// Of a proposal, or of what was observed: then `result` names it and `proposal` is empty.
struct ResultRetract {
    std::string cmd_id, proposal, reason;
    std::string result = {};
};
struct Observe {
    std::string cmd_id, campaign;
    std::optional<Candidate> candidate;
    std::optional<Outcome> outcome;
    std::map<std::string, std::string> conditions, evidence;
    std::vector<BlobRef> blobs;
};
struct Cancel {
    std::string cmd_id, proposal, reason;
};
struct CancelAck {
    std::string cmd_id, proposal;
    LeaseProof proof;
    bool stopped = false;  ///< false = too late, the experiment goes on
};
struct Approve {
    std::string cmd_id, proposal, note;
};
struct Reject {
    std::string cmd_id, proposal, reason;
};
struct EditProposal {
    std::string cmd_id, proposal;
    Candidate candidate;
    std::string reason;
};
struct Withdraw {
    std::string cmd_id, proposal, reason;
};
/// A person settles what became of an attempt whose worker fell silent.
struct ResolveUnknown {
    enum class Way { Reoffer, Failed, Result };
    std::string cmd_id, proposal, reason;
    Way way = Way::Failed;
    std::optional<Outcome> outcome;  ///< with Way::Result
};
struct AcceptHeld {
    std::string cmd_id, result, reason;
};
struct RefuseHeld {
    std::string cmd_id, result, reason;
};
struct Overrule {
    std::string cmd_id, proposal;
    Outcome outcome;
    std::string reason;
};
struct Why {
    std::string proposal;
};
struct QueryCmd {
    std::string cmd_id;
};
struct Status {};
struct CampaignNew {
    std::string cmd_id, campaign;
    std::string config_json;  ///< the keys of the TOML, as a JSON object
};
struct CampaignControl {
    enum class Action { Pause, Resume, Stop };
    std::string cmd_id, campaign;
    Action action = Action::Pause;
    std::string reason;
};
struct AckAlarm {
    std::string cmd_id, alarm, note;
};
struct BlobGet {
    std::string sha256;
    std::uint64_t offset = 0;               ///< bytes of the file before the answer
    std::optional<std::uint64_t> length{};  ///< bytes of the answer; all that follow
};
struct BlobPut {
    std::string sha256;
    std::uint32_t index = 0, count = 1;
};
struct Ping {
    std::map<std::string, std::int64_t> applied;
};

using CommandBody = std::variant<Hello,
                                 Snapshot,
                                 Replay,
                                 ListOffers,
                                 Claim,
                                 Renew,
                                 Start,
                                 Progress,
                                 Release,
                                 Decline,
                                 Result,
                                 ResultAmend,
                                 ResultRetract,
                                 Observe,
                                 Cancel,
                                 CancelAck,
                                 Approve,
                                 Reject,
                                 EditProposal,
                                 Withdraw,
                                 ResolveUnknown,
                                 AcceptHeld,
                                 RefuseHeld,
                                 Overrule,
                                 Why,
                                 QueryCmd,
                                 Status,
                                 CampaignNew,
                                 CampaignControl,
                                 AckAlarm,
                                 BlobGet,
                                 BlobPut,
                                 Ping>;

/// One command as it came in.
struct Command {
    std::string id;           ///< of the message; a reply carries it as `cause`
    std::string client;       ///< who asks, from authentication, never from the body
    std::string kind;         ///< "CLAIM"
    std::string body_sha256;  ///< of the body's bytes, for idempotency
    CommandBody body;
    /// Null: without authentication, or the daemon itself; then everything is allowed.
    std::shared_ptr<const Access> access = nullptr;
};

/// Stable error codes of ERR replies.
enum class ErrorCode {
    BadMessage,
    UnsupportedVersion,
    HelloFirst,
    NotAllowed,
    NoSuchProposal,
    NoSuchCampaign,
    NoSuchBlob,
    IllegalState,
    AlreadyStarted,
    NotOffered,
    StaleLease,
    TooManyClaims,
    IdempotencyConflict,
    DuplicateCandidate,
    TooLarge,
    Busy,
    StoreFull,
    ShuttingDown,
};

/// "ALREADY_STARTED".
std::string_view to_string(ErrorCode code) noexcept;
/// BUSY, STORE_FULL and SHUTTING_DOWN: the same command may be sent again.
bool is_retryable(ErrorCode code) noexcept;

/// The answer to a command. A reply means durable.
struct Reply {
    std::string cause;               ///< id of the command's message
    std::optional<ErrorCode> error;  ///< nothing = OK
    std::string text;                ///< of an error: one clear line
    std::string result_json = "{}";  ///< of an OK: the `result` object of the protocol page
    std::vector<std::string> blobs;  ///< BLOB_GET
};

}  // namespace cupel
