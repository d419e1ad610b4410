// Byte order marks first, line ends after them.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <cupel/chemistry/plain_text.hpp>

namespace cupel::chemistry {
namespace {

constexpr std::uint32_t kUnreadable = 0xFFFD;

bool begins_with(const std::string& text, const char* mark, std::size_t length) {
    return text.compare(0, length, mark, length) == 0;
}

void append_utf8(std::string& text, std::uint32_t code) {
    const auto byte = [&](std::uint32_t bits) { text.push_back(static_cast<char>(bits)); };
    if (code < 0x80) {
        byte(code);
    } else if (code < 0x800) {
        byte(0xC0 | code >> 6);
        byte(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
        byte(0xE0 | code >> 12);
        byte(0x80 | (code >> 6 & 0x3F));
        byte(0x80 | (code & 0x3F));
    } else {
        byte(0xF0 | code >> 18);
        byte(0x80 | (code >> 12 & 0x3F));
        byte(0x80 | (code >> 6 & 0x3F));
        byte(0x80 | (code & 0x3F));
    }
}

/// `bytes` behind the mark; half a unit at the end is dropped.
std::string from_utf16(const std::string& bytes, bool big_endian) {
    const auto unit = [&](std::size_t at) {
        const auto first = static_cast<unsigned char>(bytes[at]);
        const auto second = static_cast<unsigned char>(bytes[at + 1]);
        return static_cast<std::uint32_t>(big_endian ? first << 8 | second : second << 8 | first);
    };
    std::string text;
    for (std::size_t at = 2; at + 1 < bytes.size(); at += 2) {
        std::uint32_t code = unit(at);
        if (code >= 0xD800 && code < 0xDC00 && at + 3 < bytes.size()) {
            const std::uint32_t low = unit(at + 2);
            if (low >= 0xDC00 && low < 0xE000) {
                append_utf8(text, 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00));
                at += 2;
                continue;
            }
        }
        append_utf8(text, code >= 0xD800 && code < 0xE000 ? kUnreadable : code);
    }
    return text;
}

}  // namespace

std::string plain_text(std::string bytes) {
    if (begins_with(bytes, "\xEF\xBB\xBF", 3)) {
        bytes.erase(0, 3);
    } else if (begins_with(bytes, "\xFF\xFE", 2) || begins_with(bytes, "\xFE\xFF", 2)) {
        bytes = from_utf16(bytes, bytes[0] == '\xFE');
    }
    // What editors of another age put at the end of a file, and between its pages.
    while (!bytes.empty() && (bytes.back() == '\0' || bytes.back() == '\x1A')) {
        bytes.pop_back();
    }
    std::replace(bytes.begin(), bytes.end(), '\f', ' ');
    if (bytes.find('\n') == std::string::npos) {
        std::replace(bytes.begin(), bytes.end(), '\r', '\n');
    }
    return bytes;
}

std::string_view cut_text(std::string_view text, std::size_t bytes) {
    if (text.size() <= bytes) {
        return text;
    }
    while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0u) == 0x80u) {
        --bytes;
    }
    return text.substr(0, bytes);
}

}  // namespace cupel::chemistry
