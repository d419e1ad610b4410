// What somebody wrote, as a part of one line.
#pragma once

#include <string>

namespace cupel::controller {

/// Line breaks and other control characters are escaped as JSON does; quotation marks stay.
std::string one_line(const std::string& text);

}  // namespace cupel::controller
