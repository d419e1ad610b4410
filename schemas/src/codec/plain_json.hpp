// JSON as programs write it, read without the JSON library's lexer.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "json_values.hpp"

namespace cupel::codec {

/// Takes the pieces of plain JSON from the front of a text: texts without escapes, numbers without
/// exponents. What it does not take may be right all the same: that is the JSON library's to say.
class PlainScanner {
  public:
    explicit PlainScanner(std::string_view json) : rest_(json) {}

    bool at_end() const noexcept { return rest_.empty(); }
    /// The next character; NUL at the end.
    char next() const noexcept { return rest_.empty() ? '\0' : rest_.front(); }
    bool take(char c);
    bool take(std::string_view word);
    void skip_blanks();
    /// A text of printable ASCII in its quotes.
    bool take_text(std::string_view& text);
    /// The digits of a whole number of at least 0.
    bool take_natural(std::int64_t& number);
    bool take_number(Parsed& number);

  private:
    static bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
    std::size_t count_digits(std::size_t from) const noexcept;

    std::string_view rest_;
};

/// The value that Parsed::parse makes of `json`, where all of it is plain and at most `levels`
/// deep; else nothing.
std::optional<Parsed> try_parse_plain(std::string_view json, int levels);

}  // namespace cupel::codec
