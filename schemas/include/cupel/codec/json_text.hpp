// Texts inside JSON that is written without a tree.
#pragma once

#include <string>
#include <string_view>

namespace cupel::codec {

/// True for what stands in JSON as it is: printable ASCII without quote and backslash.
bool is_plain_json_text(std::string_view text);

/// Appends `text` in quotes, escaped where needed; what is not UTF-8 is replaced by U+FFFD.
void append_json_text(std::string& json, std::string_view text);

}  // namespace cupel::codec
