// Matching the beginnings and ends of ULIDs.
#include "id_match.hpp"

#include <algorithm>
#include <cctype>

#include <cupel/domain/error.hpp>
#include <cupel/domain/ulid.hpp>

namespace cupel::cli {
namespace {

constexpr std::size_t kShort = 6;

std::string crockford(std::string_view text) {
    std::string plain;
    for (const char c : text) {
        const char upper = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
        plain += upper == 'O' ? '0' : (upper == 'I' || upper == 'L' ? '1' : upper);
    }
    return plain;
}

bool begins_or_ends(const std::string& id, const std::string& part) {
    return id.size() >= part.size() &&
           (id.compare(0, part.size(), part) == 0 ||
            id.compare(id.size() - part.size(), part.size(), part) == 0);
}

}  // namespace

std::string short_id(std::string_view id) {
    return std::string(id.size() > kShort ? id.substr(id.size() - kShort) : id);
}

std::string match_id(std::string_view given,
                     const std::vector<std::string>& ids,
                     const std::string& what,
                     const std::string& where) {
    const std::string part = crockford(given);
    if (is_ulid(part)) {
        return part;
    }
    std::vector<std::string> found;
    for (const auto& id : ids) {
        if (!part.empty() && begins_or_ends(id, part)) {
            found.push_back(id);
        }
    }
    if (found.empty()) {
        throw InputError("unknown_id",
                         "no " + what + " has an id that begins or ends with \"" +
                             std::string(given) + "\"; " + where);
    }
    if (found.size() > 1) {
        constexpr std::size_t kNamed = 4;
        std::string text;
        for (std::size_t i = 0; i < std::min(found.size(), kNamed); ++i) {
            text += (i > 0 ? ", " : "") + found[i];
        }
        throw InputError("ambiguous_id",
                         "\"" + std::string(given) + "\" names " + std::to_string(found.size()) +
                             " " + what + "s: " + text + (found.size() > kNamed ? ", ..." : ""));
    }
    return found.front();
}

}  // namespace cupel::cli
