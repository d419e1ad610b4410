// nlohmann::json <-> domain, shared by the codec's sources; errors name the path of the field.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include <cupel/domain/candidate.hpp>
#include <cupel/domain/error.hpp>
#include <cupel/domain/outcome.hpp>
#include <cupel/domain/verdict.hpp>

namespace cupel::codec {

/// What is written keeps the order in which it was put together.
using Json = nlohmann::ordered_json;
/// What was read; its order says nothing. The schemas are held against the same value.
using Parsed = nlohmann::json;

/// Parses text with a bound on nesting; throws InputError("bad_message").
Parsed parse(std::string_view text);

/// Text that is not UTF-8 is written with replacement characters rather than refused.
std::string dump(const Json& value);
std::string dump(const Parsed& value);

/// As the public one, for a body that is parsed already.
std::optional<std::string> schema_violation(std::string_view name, const Parsed& body);

/// One JSON value and where it stands, for reading with clear errors.
class Field {
  public:
    Field(const Parsed& value, std::string path) : value_(value), path_(std::move(path)) {}

    /// Throws InputError("bad_message"): "core.metals.Au: expected a whole number".
    [[noreturn]] void fail(const std::string& expected) const;

    bool is_null() const { return value_.is_null(); }
    bool is_string() const { return value_.is_string(); }
    /// A member that must exist; null counts as absent.
    Field at(const std::string& name) const;
    /// A member that may be absent or null.
    std::optional<Field> find(const std::string& name) const;

    std::string text() const;
    bool boolean() const;
    double number() const;
    std::int64_t integer(std::int64_t low, std::int64_t high) const;
    /// Any whole number of at least 0 that 64 bits hold.
    std::uint64_t natural() const;
    int count() const { return static_cast<int>(integer(0, 1'000'000)); }

    std::string text_or(const std::string& name, std::string fallback = {}) const;
    std::optional<std::string> optional_text(const std::string& name) const;
    std::optional<double> optional_number(const std::string& name) const;
    std::optional<bool> optional_boolean(const std::string& name) const;

    template <typename Read>
    void each(Read&& read) const {
        if (!value_.is_array()) {
            fail("a list");
        }
        for (std::size_t i = 0; i < value_.size(); ++i) {
            read(Field(value_[i], path_ + "[" + std::to_string(i) + "]"));
        }
    }
    template <typename Read>
    void each_member(Read&& read) const {
        if (!value_.is_object()) {
            fail("an object");
        }
        for (const auto& [name, value] : value_.items()) {
            read(name, Field(value, path_.empty() ? name : path_ + "." + name));
        }
    }
    const Parsed& json() const { return value_; }

  private:
    const Parsed& value_;
    std::string path_;
};

template <typename T>
Json or_null(const std::optional<T>& value) {
    return value ? Json(*value) : Json(nullptr);
}

Json to_json(const Composition& composition);
Json to_json(const Core& core);
Json to_json(const LigandSet& ligands);
Json to_json(const Candidate& candidate);
Json to_json(const Outcome& outcome);
Json to_json(const Verdict& verdict);
Json to_json(const std::map<std::string, std::string>& texts);

Composition read_composition(const Field& field);
Core read_core(const Field& field);
LigandSet read_ligands(const Field& field);
Candidate read_candidate(const Field& field);
Outcome read_outcome(const Field& field);
Verdict read_verdict(const Field& field);
std::map<std::string, std::string> read_texts(const Field& field);
std::vector<std::string> read_list(const Field& field);

}  // namespace cupel::codec
