// What editors and instruments do to text files, undone.
#pragma once

#include <string>

namespace cupel::chemistry {

/// The text as UTF-8 with line feeds: without a byte order mark, out of UTF-16 where a mark says
/// so, lone carriage returns (old Macintosh files) as line ends. Anything else is left as it is.
std::string plain_text(std::string bytes);

}  // namespace cupel::chemistry
