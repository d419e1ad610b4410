// A scanner over cluster formulas: one pass, no recursion, every character accounted for.
#include <cstdlib>
#include <map>
#include <utility>

#include <cupel/chemistry/candidate_name.hpp>
#include <cupel/chemistry/featuriser.hpp>
#include <cupel/chemistry/plain_text.hpp>
#include <cupel/domain/error.hpp>

namespace cupel::chemistry {
namespace {

constexpr int kMaxCount = 9999;
/// In the starter table no charge is larger than the number of metals; this much more is let pass.
constexpr int kChargeBesideMetals = 4;

/// Papers print subscripts, superscripts and a true minus; the parser reads their ASCII forms.
std::string ascii_form(std::string_view name) {
    static constexpr std::pair<std::string_view, char> kForms[] = {
        {"\u2080", '0'}, {"\u2081", '1'}, {"\u2082", '2'}, {"\u2083", '3'}, {"\u2084", '4'},
        {"\u2085", '5'}, {"\u2086", '6'}, {"\u2087", '7'}, {"\u2088", '8'}, {"\u2089", '9'},
        {"\u2070", '0'}, {"\u00b9", '1'}, {"\u00b2", '2'}, {"\u00b3", '3'}, {"\u2074", '4'},
        {"\u2075", '5'}, {"\u2076", '6'}, {"\u2077", '7'}, {"\u2078", '8'}, {"\u2079", '9'},
        {"\u207a", '+'}, {"\u207b", '-'}, {"\u2212", '-'}};
    std::string text(name);
    for (const auto& [form, plain] : kForms) {
        for (auto at = text.find(form); at != std::string::npos; at = text.find(form, at)) {
            text.replace(at, form.size(), 1, plain);
        }
    }
    return text;
}

class NameParser {
  public:
    NameParser(std::string_view name, const Abbreviations& abbreviations)
        : whole_(name), abbreviations_(abbreviations) {}

    Candidate parse() {
        std::string_view body = trimmed(whole_);
        if (body.empty() || body.size() > 1000) {
            fail(body.empty() ? "is empty" : "is longer than 1000 characters");
        }
        body = without_charge(body);
        for (std::size_t i = 0; i < body.size();) {
            i = body[i] == '(' || body[i] == '{' || body[i] == '[' ? bracketed(body, i)
                                                                   : atom(body, i);
        }
        if (candidate_.core.metals.empty()) {
            fail("names no metal");
        }
        check_charge();
        candidate_.ligands = normalised(std::move(candidate_.ligands));
        return std::move(candidate_);
    }

  private:
    [[noreturn]] void fail(const std::string& problem) const {
        throw InputError("bad_name", "'" + std::string(cut_text(whole_, 120)) + "': " + problem);
    }

    static std::string_view trimmed(std::string_view text) {
        while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
            text.remove_prefix(1);
        }
        while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) {
            text.remove_suffix(1);
        }
        return text;
    }

    /// The place behind the bracket that closes the one at `open`.
    std::size_t closing(std::string_view text, std::size_t open) const {
        std::string expected;
        for (std::size_t i = open; i < text.size(); ++i) {
            const char c = text[i];
            if (c == '(' || c == '{' || c == '[') {
                expected += c == '(' ? ')' : c == '{' ? '}' : ']';
            } else if (c == ')' || c == '}' || c == ']') {
                if (expected.empty() || expected.back() != c) {
                    fail(std::string("'") + c + "' closes no bracket");
                }
                expected.pop_back();
                if (expected.empty()) {
                    return i + 1;
                }
            }
        }
        fail(std::string("the bracket '") + text[open] + "' is never closed");
    }

    /// "(2+)" behind the bracket is "2+", "^(2+)" as well.
    static std::string_view without_parentheses(std::string_view tail) {
        const bool raised = !tail.empty() && tail.front() == '^';
        std::string_view inner = tail.substr(raised ? 1 : 0);
        if (inner.size() < 3 || inner.front() != '(' || inner.back() != ')') {
            return tail;
        }
        inner.remove_prefix(1);
        inner.remove_suffix(1);
        return inner;
    }

    void check_charge() const {
        const int metals = candidate_.core.nuclearity();
        const int most = metals + kChargeBesideMetals;
        const int charge = candidate_.charge.value_or(0);
        if (std::abs(charge) > most) {
            fail("a charge of " + std::to_string(std::abs(charge)) + (charge < 0 ? "-" : "+") +
                 " is beyond what " + std::to_string(metals) +
                 (metals == 1 ? " metal atom carries (" : " metal atoms carry (") +
                 std::to_string(most) + " at most)");
        }
    }

    /// Takes "[...]2-" apart. A formula that merely begins with a bracketed part is left whole.
    std::string_view without_charge(std::string_view text) {
        if (text.front() != '[') {
            const char last = text.back();
            if (last == '+' || last == '-') {
                fail("a charge needs square brackets around the formula, as in [Au25(PET)18]-");
            }
            return text;
        }
        const std::size_t end = closing(text, 0);
        const std::string_view tail = without_parentheses(text.substr(end));
        if (tail.find_first_not_of("0123456789^+-") != std::string_view::npos) {
            return text;
        }
        candidate_.charge = charge(tail);
        return text.substr(1, end - 2);
    }

    std::optional<int> charge(std::string_view tail) const {
        if (tail.empty()) {
            return std::nullopt;
        }
        if (tail == "0") {
            return 0;
        }
        std::string_view digits = tail.front() == '^' ? tail.substr(1) : tail;
        const char sign = digits.empty() ? ' ' : digits.back();
        if (sign != '+' && sign != '-') {
            fail("'" + std::string(tail) + "' is not a charge; write 2-, + or 0");
        }
        digits.remove_suffix(1);
        std::size_t at = 0;
        const int size = digits.empty() ? 1 : number(digits, at);
        if (at != digits.size()) {
            fail("'" + std::string(tail) + "' is not a charge; write 2-, + or 0");
        }
        return sign == '-' ? -size : size;
    }

    /// The whole number at `at`; 1 when there is none.
    int number(std::string_view text, std::size_t& at) const {
        const std::size_t start = at;
        int value = 0;
        while (at < text.size() && text[at] >= '0' && text[at] <= '9') {
            value = value * 10 + (text[at++] - '0');
            if (value > kMaxCount) {
                fail("a count above " + std::to_string(kMaxCount));
            }
        }
        if (at > start && value == 0) {
            fail("a count of 0");
        }
        return at == start ? 1 : value;
    }

    void add_element(const std::string& symbol, int count) {
        Core& core = candidate_.core;
        const int z = atomic_number(symbol);
        if (z == 1) {
            core.hydrides = core.hydrides.value_or(0) + count;
        } else if (is_metal(z) || symbol == "Ge" || symbol == "Sn" || symbol == "Sb") {
            core.metals[symbol] += count;
        } else {
            core.anions[symbol] += count;
        }
    }

    std::size_t atom(std::string_view text, std::size_t at) {
        // '@' and the interpunct join an enclosed anion or a shell to the rest.
        constexpr std::string_view kInterpunct = "\u00b7";
        if (text[at] == '@' || text[at] == ' ') {
            return at + 1;
        }
        if (text.substr(at, kInterpunct.size()) == kInterpunct) {
            return at + kInterpunct.size();
        }
        std::size_t length = 1;
        if (at + 1 < text.size() && text[at + 1] >= 'a' && text[at + 1] <= 'z') {
            length = 2;
        }
        const std::string symbol(text.substr(at, length));
        if (atomic_number(symbol) == 0) {
            fail("'" + std::string(cut_text(text.substr(at), 12)) +
                 "' is no element; ligands stand in brackets, as in (PET)18");
        }
        std::size_t next = at + length;
        add_element(symbol, number(text, next));
        return next;
    }

    std::size_t bracketed(std::string_view text, std::size_t open) {
        const std::size_t end = closing(text, open);
        const std::string token(trimmed(text.substr(open + 1, end - open - 2)));
        std::size_t next = end;
        const int count = number(text, next);
        if (atomic_number(token) != 0) {
            add_element(token, count);
        } else if (const auto species = abbreviations_.find(token)) {
            if (species->kind == NamedSpecies::Kind::EnclosedAnion) {
                candidate_.core.anions[token] += count;
            } else {
                candidate_.ligands.push_back({describe_ligand(species->smiles), count});
            }
        } else {
            candidate_.ligands.push_back({from_smiles(token), count});
        }
        return next;
    }

    /// Only text that can be nothing but SMILES is read as such: "CO" must not become methanol.
    Ligand from_smiles(const std::string& token) const {
        if (token.find_first_of("[=#") != std::string::npos ||
            token.find("c1") != std::string::npos) {
            try {
                return describe_ligand(token);
            } catch (const InputError&) {
                fail("'" + token + "' is neither a known ligand name nor SMILES");
            }
        }
        std::string hint;
        for (const auto& name : abbreviations_.similar(token)) {
            hint += (hint.empty() ? "; did you mean " : ", ") + name;
        }
        fail("unknown ligand '" + token + "'" + hint +
             (hint.empty() ? "; use a name of abbreviations.csv or SMILES as bound" : "?"));
    }

    std::string_view whole_;
    const Abbreviations& abbreviations_;
    Candidate candidate_;
};

}  // namespace

Candidate parse_candidate_name(std::string_view name, const Abbreviations& abbreviations) {
    const std::string text = ascii_form(name);
    return NameParser(text, abbreviations).parse();
}

std::string short_name(const Candidate& candidate, const Abbreviations& abbreviations) {
    std::map<std::string, int> named;
    for (const auto& [ligand, count] : candidate.ligands) {
        const std::string name = abbreviations.name_of(ligand.smiles);
        named[name.empty() ? ligand.smiles : name] += count;
    }
    std::string text = candidate.core.formula();
    for (const auto& [name, count] : named) {
        text += "(" + name + ")" + (count > 1 ? std::to_string(count) : "");
    }
    if (!candidate.charge || *candidate.charge == 0) {
        return text;
    }
    const int size = std::abs(*candidate.charge);
    return "[" + text + "]" + (size > 1 ? std::to_string(size) : "") +
           (*candidate.charge < 0 ? "-" : "+");
}

}  // namespace cupel::chemistry
