// Which subscriptions are granted. A pure function.
#pragma once

#include <string_view>

#include <cupel/domain/access.hpp>

namespace cupel::controller {

/// True for topics below `h/` and below one campaign (`c/NAME/`); an admin may also follow `c/`.
/// Everything else is not ours, the empty subscription included.
bool may_subscribe(std::string_view topic, bool admin) noexcept;
/// The same inside the campaigns of a client; whole prefixes for an admin of every campaign.
bool may_subscribe(std::string_view topic, const Access& access);

}  // namespace cupel::controller
