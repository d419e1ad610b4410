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

}  // namespace cupel::codec
