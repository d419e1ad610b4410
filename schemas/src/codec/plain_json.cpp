// One look at each character, and no copy but the value's own.
#include "plain_json.hpp"

#include <charconv>
#include <string>
#include <utility>

#include <cupel/codec/json_text.hpp>

namespace cupel::codec {
namespace {

constexpr std::size_t kSurelyWhole = 18;  ///< digits that 64 bits hold, whatever they are

class PlainReader {
  public:
    explicit PlainReader(std::string_view json) : scan_(json) {}

    bool read(Parsed& value, int levels) {
        scan_.skip_blanks();
        if (!read_value(value, levels)) {
            return false;
        }
        scan_.skip_blanks();
        return true;
    }
    bool at_end() const noexcept { return scan_.at_end(); }

  private:
    bool read_value(Parsed& value, int levels) {
        switch (scan_.next()) {
            case '{':
                return levels > 0 && read_object(value, levels - 1);
            case '[':
                return levels > 0 && read_list(value, levels - 1);
            case '"': {
                std::string_view text;
                if (!scan_.take_text(text)) {
                    return false;
                }
                value = std::string(text);
                return true;
            }
            case 't':
                value = true;
                return scan_.take("true");
            case 'f':
                value = false;
                return scan_.take("false");
            case 'n':
                return scan_.take("null");
            default:
                return scan_.take_number(value);
        }
    }
    bool read_object(Parsed& value, int levels) {
        value = Parsed::object();
        auto& members = value.get_ref<Parsed::object_t&>();
        scan_.take('{');
        scan_.skip_blanks();
        if (scan_.take('}')) {
            return true;
        }
        do {
            scan_.skip_blanks();
            std::string_view name;
            if (!scan_.take_text(name)) {
                return false;
            }
            scan_.skip_blanks();
            Parsed member;
            if (!scan_.take(':') || !read(member, levels)) {
                return false;
            }
            members.insert_or_assign(std::string(name), std::move(member));  // the last one counts
        } while (scan_.take(','));
        return scan_.take('}');
    }
    bool read_list(Parsed& value, int levels) {
        value = Parsed::array();
        scan_.take('[');
        scan_.skip_blanks();
        if (scan_.take(']')) {
            return true;
        }
        do {
            if (!read(value.emplace_back(), levels)) {
                return false;
            }
        } while (scan_.take(','));
        return scan_.take(']');
    }

    PlainScanner scan_;
};

}  // namespace

bool PlainScanner::take(char c) {
    if (rest_.empty() || rest_.front() != c) {
        return false;
    }
    rest_.remove_prefix(1);
    return true;
}

bool PlainScanner::take(std::string_view word) {
    if (rest_.substr(0, word.size()) != word) {
        return false;
    }
    rest_.remove_prefix(word.size());
    return true;
}

void PlainScanner::skip_blanks() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\n' ||
                              rest_.front() == '\r' || rest_.front() == '\t')) {
        rest_.remove_prefix(1);
    }
}

bool PlainScanner::take_text(std::string_view& text) {
    if (!take('"')) {
        return false;
    }
    text = rest_.substr(0, rest_.find('"'));
    rest_.remove_prefix(text.size());
    return is_plain_json_text(text) && take('"');
}

std::size_t PlainScanner::count_digits(std::size_t from) const noexcept {
    std::size_t end = from;
    while (end < rest_.size() && is_digit(rest_[end])) {
        ++end;
    }
    return end - from;
}

bool PlainScanner::take_natural(std::int64_t& number) {
    const std::size_t digits = count_digits(0);
    if (digits == 0 || (digits > 1 && rest_.front() == '0')) {
        return false;
    }
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + digits, number);
    rest_.remove_prefix(digits);
    return error == std::errc{};
}

bool PlainScanner::take_number(Parsed& number) {
    const std::size_t sign = next() == '-' ? 1 : 0;
    const std::size_t digits = count_digits(sign);
    if (digits == 0 || digits > kSurelyWhole || (digits > 1 && rest_[sign] == '0')) {
        return false;
    }
    std::size_t length = sign + digits;
    const auto at = [this](std::size_t place) {
        return place < rest_.size() ? rest_[place] : '\0';
    };
    const char* const begin = rest_.data();
    if (at(length) == '.') {
        const std::size_t places = count_digits(length + 1);
        length += 1 + places;
        double value = 0;
        if (places == 0 || at(length) == 'e' || at(length) == 'E' ||
            std::from_chars(begin, begin + length, value).ec != std::errc{}) {
            return false;
        }
        number = value;
    } else if (at(length) == 'e' || at(length) == 'E') {
        return false;
    } else {
        std::int64_t value = 0;
        std::from_chars(begin, begin + length, value);
        // As the JSON library tells them apart.
        number = sign == 1 ? Parsed(value) : Parsed(static_cast<std::uint64_t>(value));
    }
    rest_.remove_prefix(length);
    return true;
}

std::optional<Parsed> try_parse_plain(std::string_view json, int levels) {
    PlainReader reader(json);
    Parsed value;
    if (!reader.read(value, levels) || !reader.at_end()) {
        return std::nullopt;
    }
    return value;
}

}  // namespace cupel::codec
