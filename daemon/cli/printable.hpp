// Text of others, safe to show on a terminal.
#pragma once

#include <string>

namespace cupel::cli {

/// Control characters become '?': a note or a client's name must neither steer the terminal nor
/// pretend to be a line of its own. Line ends stay where `lines` says so.
std::string printable(std::string text, bool lines = false);

}  // namespace cupel::cli
