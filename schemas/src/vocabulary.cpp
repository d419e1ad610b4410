// One table per enumeration; both directions read it.
#include <array>
#include <utility>

#include <cupel/domain/command.hpp>
#include <cupel/domain/vocabulary.hpp>

namespace cupel {
namespace {

template <typename Enum, std::size_t N>
using Words = std::array<std::pair<Enum, std::string_view>, N>;

constexpr Words<ProposalState, 17> kProposalStates{{
    {ProposalState::Proposed, "PROPOSED"},
    {ProposalState::InReview, "IN_REVIEW"},
    {ProposalState::Offered, "OFFERED"},
    {ProposalState::Claimed, "CLAIMED"},
    {ProposalState::Started, "STARTED"},
    {ProposalState::CancelRequested, "CANCEL_REQUESTED"},
    {ProposalState::Unknown, "UNKNOWN"},
    {ProposalState::ResultIn, "RESULT_IN"},
    {ProposalState::Awaiting, "AWAITING"},
    {ProposalState::Labelled, "LABELLED"},
    {ProposalState::Rejected, "REJECTED"},
    {ProposalState::Withdrawn, "WITHDRAWN"},
    {ProposalState::Expired, "EXPIRED"},
    {ProposalState::Cancelled, "CANCELLED"},
    {ProposalState::Failed, "FAILED"},
    {ProposalState::Abandoned, "ABANDONED"},
    {ProposalState::Retracted, "RETRACTED"},
}};
constexpr Words<CampaignState, 6> kCampaignStates{{
    {CampaignState::Draft, "DRAFT"},
    {CampaignState::Running, "RUNNING"},
    {CampaignState::Paused, "PAUSED"},
    {CampaignState::Draining, "DRAINING"},
    {CampaignState::Finished, "FINISHED"},
    {CampaignState::Restored, "RESTORED"},
}};
constexpr Words<LeaseClass, 3> kLeaseClasses{{
    {LeaseClass::Robot, "robot"},
    {LeaseClass::Person, "person"},
    {LeaseClass::Facility, "facility"},
}};
constexpr Words<OutcomeKind, 10> kOutcomes{{
    {OutcomeKind::Confirmed, "confirmed"},
    {OutcomeKind::Analogue, "analogue"},
    {OutcomeKind::MassConfirmed, "mass_confirmed"},
    {OutcomeKind::Mixture, "mixture"},
    {OutcomeKind::Amorphous, "amorphous"},
    {OutcomeKind::NoReaction, "no_reaction"},
    {OutcomeKind::Decomposed, "decomposed"},
    {OutcomeKind::CrystalsUnsolved, "crystals_unsolved"},
    {OutcomeKind::ExecutionFailed, "execution_failed"},
    {OutcomeKind::Abandoned, "abandoned"},
}};
constexpr Words<Agreement, 3> kAgreements{{
    {Agreement::Yes, "yes"},
    {Agreement::No, "no"},
    {Agreement::NotDetermined, "not determined"},
}};
constexpr Words<ErrorCode, 18> kErrorCodes{{
    {ErrorCode::BadMessage, "BAD_MESSAGE"},
    {ErrorCode::UnsupportedVersion, "UNSUPPORTED_VERSION"},
    {ErrorCode::HelloFirst, "HELLO_FIRST"},
    {ErrorCode::NotAllowed, "NOT_ALLOWED"},
    {ErrorCode::NoSuchProposal, "NO_SUCH_PROPOSAL"},
    {ErrorCode::NoSuchCampaign, "NO_SUCH_CAMPAIGN"},
    {ErrorCode::NoSuchBlob, "NO_SUCH_BLOB"},
    {ErrorCode::IllegalState, "ILLEGAL_STATE"},
    {ErrorCode::AlreadyStarted, "ALREADY_STARTED"},
    {ErrorCode::NotOffered, "NOT_OFFERED"},
    {ErrorCode::StaleLease, "STALE_LEASE"},
    {ErrorCode::TooManyClaims, "TOO_MANY_CLAIMS"},
    {ErrorCode::IdempotencyConflict, "IDEMPOTENCY_CONFLICT"},
    {ErrorCode::DuplicateCandidate, "DUPLICATE_CANDIDATE"},
    {ErrorCode::TooLarge, "TOO_LARGE"},
    {ErrorCode::Busy, "BUSY"},
    {ErrorCode::StoreFull, "STORE_FULL"},
    {ErrorCode::ShuttingDown, "SHUTTING_DOWN"},
}};

template <typename Enum, std::size_t N>
std::string_view word_of(const Words<Enum, N>& words, Enum value) noexcept {
    for (const auto& [key, word] : words) {
        if (key == value) {
            return word;
        }
    }
    return {};
}

template <typename Enum, std::size_t N>
std::optional<Enum> value_of(const Words<Enum, N>& words, std::string_view word) noexcept {
    for (const auto& [key, known] : words) {
        if (known == word) {
            return key;
        }
    }
    return std::nullopt;
}

}  // namespace

std::string_view to_string(ProposalState value) noexcept {
    return word_of(kProposalStates, value);
}
std::string_view to_string(CampaignState value) noexcept {
    return word_of(kCampaignStates, value);
}
std::string_view to_string(LeaseClass value) noexcept {
    return word_of(kLeaseClasses, value);
}
std::string_view to_string(OutcomeKind value) noexcept {
    return word_of(kOutcomes, value);
}
std::string_view to_string(Agreement value) noexcept {
    return word_of(kAgreements, value);
}
std::string_view to_string(ErrorCode value) noexcept {
    return word_of(kErrorCodes, value);
}

template <>
std::optional<ProposalState> try_parse<ProposalState>(std::string_view word) noexcept {
    return value_of(kProposalStates, word);
}
template <>
std::optional<CampaignState> try_parse<CampaignState>(std::string_view word) noexcept {
    return value_of(kCampaignStates, word);
}
template <>
std::optional<LeaseClass> try_parse<LeaseClass>(std::string_view word) noexcept {
    return value_of(kLeaseClasses, word);
}
template <>
std::optional<OutcomeKind> try_parse<OutcomeKind>(std::string_view word) noexcept {
    return value_of(kOutcomes, word);
}
template <>
std::optional<Agreement> try_parse<Agreement>(std::string_view word) noexcept {
    return value_of(kAgreements, word);
}

bool is_retryable(ErrorCode code) noexcept {
    return code == ErrorCode::Busy || code == ErrorCode::StoreFull ||
           code == ErrorCode::ShuttingDown;
}

bool is_terminal(ProposalState state) noexcept {
    switch (state) {
        case ProposalState::Rejected:
        case ProposalState::Withdrawn:
        case ProposalState::Expired:
        case ProposalState::Cancelled:
        case ProposalState::Failed:
        case ProposalState::Abandoned:
        case ProposalState::Retracted:
            return true;
        case ProposalState::Proposed:
        case ProposalState::InReview:
        case ProposalState::Offered:
        case ProposalState::Claimed:
        case ProposalState::Started:
        case ProposalState::CancelRequested:
        case ProposalState::Unknown:
        case ProposalState::ResultIn:
        case ProposalState::Awaiting:
        case ProposalState::Labelled:
            return false;
    }
    return false;
}

}  // namespace cupel
