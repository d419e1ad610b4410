// What editors and instruments do to text files, undone.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cupel::chemistry {

/// The text as UTF-8 with line feeds: without a byte order mark, out of UTF-16 where a mark says
/// so, lone carriage returns (old Macintosh files) as line ends. Anything else is left as it is.
std::string plain_text(std::string bytes);

/// The beginning of a text for a message: at most `bytes` of it, and no half UTF-8 character.
/// @since 0.2
std::string_view cut_text(std::string_view text, std::size_t bytes);

}  // namespace cupel::chemistry
