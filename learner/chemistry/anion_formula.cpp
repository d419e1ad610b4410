// Reads formulas from left to right, groups by recursion.
#include "anion_formula.hpp"

#include <cstdlib>
#include <string_view>

#include <cupel/domain/element.hpp>

namespace cupel::chemistry {
namespace {

using Atoms = std::map<std::string, double>;

constexpr std::size_t kLongest = 100;  ///< characters
constexpr int kDeepest = 4;            ///< groups within groups

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

class Reader {
  public:
    explicit Reader(std::string_view text) : text_(text) {}

    /// Up to the end of the group, or of all.
    std::optional<Atoms> read(int depth) {
        Atoms atoms;
        while (!at_end() && text_[at_] != ')') {
            auto unit = text_[at_] == '(' ? group(depth) : element();
            const auto count = unit ? number() : std::nullopt;
            if (!count) {
                return std::nullopt;
            }
            for (const auto& [symbol, atoms_of_unit] : *unit) {
                atoms[symbol] += atoms_of_unit * *count;
            }
        }
        return atoms.empty() ? std::nullopt : std::optional(std::move(atoms));
    }
    bool at_end() const { return at_ >= text_.size(); }

  private:
    std::optional<Atoms> group(int depth) {
        ++at_;
        auto inner = depth < kDeepest ? read(depth + 1) : std::nullopt;
        if (at_end()) {
            return std::nullopt;  // it is not closed
        }
        ++at_;
        return inner;
    }
    std::optional<Atoms> element() {
        const bool two = at_ + 1 < text_.size() && text_[at_ + 1] >= 'a' && text_[at_ + 1] <= 'z';
        const std::string symbol(text_.substr(at_, two ? 2 : 1));
        if (atomic_number(symbol) == 0) {
            return std::nullopt;
        }
        at_ += symbol.size();
        return Atoms{{symbol, 1.0}};
    }
    /// 1 where none stands; nothing for what is no count.
    std::optional<double> number() {
        const std::size_t begin = at_;
        while (!at_end() && (is_digit(text_[at_]) || text_[at_] == '.')) {
            ++at_;
        }
        if (at_ == begin) {
            return 1.0;
        }
        const std::string digits(text_.substr(begin, at_ - begin));
        char* end = nullptr;
        const double value = std::strtod(digits.c_str(), &end);
        const bool whole = end == digits.c_str() + digits.size();
        return whole && value > 0.0 && value <= 1000.0 ? std::optional(value) : std::nullopt;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace

std::optional<Atoms> try_parse_anion(const std::string& formula) {
    if (formula.size() > kLongest) {
        return std::nullopt;
    }
    Reader reader(formula);
    auto atoms = reader.read(0);
    return reader.at_end() ? std::move(atoms) : std::nullopt;
}

}  // namespace cupel::chemistry
