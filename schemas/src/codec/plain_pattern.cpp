// A reader of the few regular expressions that it knows, and one loop for each of their sets.
#include "plain_pattern.hpp"

#include <charconv>

namespace cupel::codec {
namespace {

bool is_plain(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

/// Takes `c` from the front of `text`.
bool take(std::string_view& text, char c) {
    if (text.empty() || text.front() != c) {
        return false;
    }
    text.remove_prefix(1);
    return true;
}

bool take_number(std::string_view& text, std::size_t& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return error == std::errc{};
}

bool take_set(std::string_view& text, std::bitset<128>& set) {
    if (text.empty()) {
        return false;
    }
    if (!take(text, '[')) {
        const char c = text.front();
        text.remove_prefix(1);
        set.set(static_cast<unsigned char>(c) & 127);
        return is_plain(c) || c == '-';
    }
    while (!take(text, ']')) {
        if (text.empty() ||
            !(is_plain(text.front()) || text.front() == '.' || text.substr(0, 2) == "-]")) {
            return false;
        }
        const char first = text.front();
        text.remove_prefix(1);
        char last = first;
        if (text.size() > 1 && text[0] == '-' && text[1] != ']') {
            last = text[1];
            text.remove_prefix(2);
            if (!is_plain(last) || last < first) {
                return false;
            }
        }
        for (int c = first; c <= last; ++c) {
            set.set(static_cast<std::size_t>(c));
        }
    }
    return true;
}

bool take_count(std::string_view& text, std::size_t& least, std::size_t& most) {
    if (!take(text, '{')) {
        return true;  // once
    }
    if (!take_number(text, least)) {
        return false;
    }
    most = least;
    if (take(text, ',') && !take_number(text, most)) {
        return false;
    }
    return take(text, '}');
}

}  // namespace

std::optional<PlainPattern> PlainPattern::try_parse(std::string_view regex) {
    PlainPattern pattern;
    if (!take(regex, '^')) {
        return std::nullopt;
    }
    while (!take(regex, '$')) {
        Step& step = pattern.steps_.emplace_back();
        if (!take_set(regex, step.set) || !take_count(regex, step.least, step.most)) {
            return std::nullopt;
        }
    }
    return regex.empty() ? std::optional(pattern) : std::nullopt;
}

bool PlainPattern::surely_matches(std::string_view text) const {
    std::size_t at = 0;
    for (const Step& step : steps_) {
        std::size_t taken = 0;
        while (taken < step.most && at < text.size() &&
               static_cast<unsigned char>(text[at]) < step.set.size() &&
               step.set[static_cast<unsigned char>(text[at])]) {
            ++taken;
            ++at;
        }
        if (taken < step.least) {
            return false;
        }
    }
    return at == text.size();
}

}  // namespace cupel::codec
