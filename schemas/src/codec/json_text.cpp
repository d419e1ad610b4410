// One look at the whole text; only what is not plain goes through the JSON library.
#include <cupel/codec/json_text.hpp>

#include "json_values.hpp"

namespace cupel::codec {

bool is_plain_json_text(std::string_view text) {
    bool plain = true;
    for (const char c : text) {  // to the end: then many characters are looked at at once
        plain &= (c >= ' ') & (c <= '~') & (c != '"') & (c != '\\');
    }
    return plain;
}

void append_json_text(std::string& json, std::string_view text) {
    if (is_plain_json_text(text)) {
        json.append(1, '"').append(text).append(1, '"');
    } else {
        json += dump(Json(text));
    }
}

bool is_nested_deeper(std::string_view json, int levels) {
    // Brackets outside of strings; what is no JSON is found by the parser afterwards.
    int depth = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < json.size(); ++i) {
        const char c = json[i];
        if (in_string) {
            i += c == '\\' ? 1 : 0;
            in_string = c != '"';
        } else if (c == '"') {
            in_string = true;
        } else if (c == '[' || c == '{') {
            if (++depth > levels) {
                return true;
            }
        } else if (c == ']' || c == '}') {
            --depth;
        }
    }
    return false;
}

}  // namespace cupel::codec
