// Proposals, results and alarms by the part of their id that a person types.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cupel::cli {

/// The last six characters: what lists show, and enough to name one.
std::string short_id(std::string_view id);

/// The one of `ids` that `given` names: the whole id, its beginning or its end, in any case, with
/// O for 0 and I or L for 1 (Crockford). A whole ULID is returned as it is, known or not: the
/// daemon knows best. Throws InputError: "unknown_id", or "ambiguous_id" with the ids it could be.
/// `what` and `where` name in messages what is looked for and which command lists it.
std::string match_id(std::string_view given,
                     const std::vector<std::string>& ids,
                     const std::string& what = "proposal",
                     const std::string& where = "cupel offers and cupel status list them");

}  // namespace cupel::cli
