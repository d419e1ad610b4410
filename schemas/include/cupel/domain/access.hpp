// What an authenticated client may do: roles, campaigns, lease classes.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include <cupel/domain/proposal.hpp>

namespace cupel {

/// Roles add up; none includes another, but every role may read.
enum class Role { Observer, Worker, Analyst, Reviewer, Admin };

/// "analyst".
std::string_view to_string(Role role) noexcept;
std::optional<Role> try_parse_role(std::string_view word) noexcept;

/// One client's rights, as the allow-list has them. A value; never changed once made.
struct Access {
    std::string client;
    std::set<Role> roles;
    std::set<std::string> campaigns;  ///< "*" is every campaign
    std::set<LeaseClass> lease_classes;
    int max_claims = 0;  ///< 0: the daemon's own limit

    bool has(Role role) const { return roles.count(role) != 0; }
    bool sees_all() const { return campaigns.count("*") != 0; }
    bool sees(const std::string& campaign) const {
        return sees_all() || campaigns.count(campaign) != 0;
    }
};

/// True when `after` lacks something that `before` had.
bool is_narrower(const Access& after, const Access& before);

/// Whether one of these roles may send a command of that kind. HELLO, PING and what only reads is
/// for every role; an unknown kind is for none.
bool may_send(const std::set<Role>& roles, std::string_view kind) noexcept;

}  // namespace cupel
