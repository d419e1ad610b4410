// JSON without a tree: texts inside of it, and how deep it is.
#pragma once

#include <string>
#include <string_view>

namespace cupel::codec {

/// True for what stands in JSON as it is: printable ASCII without quote and backslash.
bool is_plain_json_text(std::string_view text);

/// Appends `text` in quotes, escaped where needed; what is not UTF-8 is replaced by U+FFFD.
void append_json_text(std::string& json, std::string_view text);

/// True when more than `levels` arrays and objects of `json` stand in each other. One look at the
/// text, without recursion: to be asked before a stranger's text becomes a tree.
bool is_nested_deeper(std::string_view json, int levels);

}  // namespace cupel::codec
