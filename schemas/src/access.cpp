// The table of commands and roles.
#include <algorithm>
#include <initializer_list>

#include <cupel/domain/access.hpp>

namespace cupel {
namespace {

constexpr std::pair<Role, std::string_view> kRoles[] = {{Role::Observer, "observer"},
                                                        {Role::Worker, "worker"},
                                                        {Role::Analyst, "analyst"},
                                                        {Role::Reviewer, "reviewer"},
                                                        {Role::Admin, "admin"}};

/// One bit a role.
constexpr unsigned bit(Role role) {
    return 1u << static_cast<unsigned>(role);
}

constexpr unsigned kWorker = bit(Role::Worker);
constexpr unsigned kAnalyst = bit(Role::Analyst);
constexpr unsigned kReviewer = bit(Role::Reviewer);
constexpr unsigned kAdmin = bit(Role::Admin);
constexpr unsigned kAnyone = bit(Role::Observer) | kWorker | kAnalyst | kReviewer | kAdmin;
constexpr unsigned kReporter = kWorker | kAnalyst | kReviewer;

struct Row {
    std::string_view kind;
    unsigned roles;
};
constexpr Row kTable[] = {
    {"HELLO", kAnyone},
    {"PING", kAnyone},
    {"STATUS", kAnyone},
    {"LIST_OFFERS", kAnyone},
    {"SNAPSHOT", kAnyone},
    {"REPLAY", kAnyone},
    {"WHY", kAnyone},
    {"QUERY_CMD", kAnyone},
    {"BLOB_GET", kAnyone},
    {"CLAIM", kWorker},
    {"RENEW", kWorker},
    {"START", kWorker},
    {"PROGRESS", kWorker},
    {"RELEASE", kWorker},
    {"DECLINE", kWorker},
    {"CANCEL_ACK", kWorker},
    {"BLOB_PUT", kReporter},
    {"RESULT", kReporter},
    {"OBSERVE", kReporter},
    {"RESULT_AMEND", kAnalyst | kReviewer},
    {"RESULT_RETRACT", kAnalyst | kReviewer},
    {"APPROVE", kReviewer},
    {"REJECT", kReviewer},
    {"EDIT", kReviewer},
    {"RESOLVE_UNKNOWN", kReviewer},
    {"ACCEPT_HELD", kReviewer},
    {"REFUSE_HELD", kReviewer},
    {"OVERRULE", kReviewer},
    {"WITHDRAW", kReviewer | kAdmin},
    {"CANCEL", kReviewer | kAdmin},
    {"ACK_ALARM", kReviewer | kAdmin},
    {"CAMPAIGN_NEW", kAdmin},
    {"CAMPAIGN_PAUSE", kAdmin},
    {"CAMPAIGN_RESUME", kAdmin},
    {"CAMPAIGN_STOP", kAdmin},
};

}  // namespace

std::string_view to_string(Role role) noexcept {
    return kRoles[static_cast<unsigned>(role)].second;
}

std::optional<Role> try_parse_role(std::string_view word) noexcept {
    for (const auto& [role, name] : kRoles) {
        if (name == word) {
            return role;
        }
    }
    return std::nullopt;
}

bool is_narrower(const Access& after, const Access& before) {
    const bool campaigns =
        after.sees_all() || (!before.sees_all() && std::includes(after.campaigns.begin(),
                                                                 after.campaigns.end(),
                                                                 before.campaigns.begin(),
                                                                 before.campaigns.end()));
    return !campaigns ||
           !std::includes(
               after.roles.begin(), after.roles.end(), before.roles.begin(), before.roles.end());
}

bool may_send(const std::set<Role>& roles, std::string_view kind) noexcept {
    for (const auto& row : kTable) {
        if (row.kind == kind) {
            return std::any_of(roles.begin(), roles.end(), [&](Role role) {
                return (row.roles & bit(role)) != 0;
            });
        }
    }
    return false;
}

}  // namespace cupel
