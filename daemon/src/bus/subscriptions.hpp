// Which subscriptions are granted. A pure function.
#pragma once

#include <string_view>

namespace cupel::controller {

/// True for topics below `h/` and below one campaign (`c/NAME/`); an admin may also follow `c/`.
/// Everything else is not ours, the empty subscription included.
bool may_subscribe(std::string_view topic, bool admin) noexcept;

}  // namespace cupel::controller
