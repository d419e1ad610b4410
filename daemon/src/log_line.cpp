// NAME=VALUE behind a sentence, on one line whatever a client wrote.
#include <algorithm>

#include <nlohmann/json.hpp>

#include <cupel/controller.hpp>

#include "one_line.hpp"

namespace cupel::controller {
namespace {

/// As a JSON string: line breaks, control characters and broken UTF-8 are harmless.
std::string quoted(const std::string& text) {
    return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

/// ASCII that means nothing to JSON, nor between NAME and VALUE: most values.
bool is_word(const std::string& value) {
    return !value.empty() && std::all_of(value.begin(), value.end(), [](char c) {
        return c > ' ' && c <= '~' && c != '"' && c != '\\' && c != '=';
    });
}

std::string value_text(const std::string& value) {
    if (is_word(value)) {
        return value;
    }
    const bool plain = !value.empty() && value.find_first_of(" =\x7f") == std::string::npos &&
                       quoted(value) == '"' + value + '"';
    return plain ? value : quoted(value);
}

}  // namespace

std::string one_line(const std::string& text) {
    std::string line;
    for (const char c : text) {
        if (is_control(c)) {
            const std::string escaped = quoted(std::string(1, c));
            line += c == 0x7f ? "?" : escaped.substr(1, escaped.size() - 2);
        } else {
            line += c;
        }
    }
    return line;
}

std::string to_string(const LogLine& line) {
    std::string text = one_line(line.text);
    for (const auto& [name, value] : line.fields) {
        text.append(1, ' ').append(name).append(1, '=').append(value_text(value));
    }
    return text;
}

}  // namespace cupel::controller
