// Outcomes and labels as JSON.
#include <cupel/codec/outcome_codec.hpp>
#include <cupel/domain/vocabulary.hpp>

#include "json_values.hpp"

namespace cupel::codec {
namespace {

OutcomeKind read_kind(const Field& field) {
    const auto kind = try_parse<OutcomeKind>(field.text());
    if (!kind) {
        field.fail(
            "one of confirmed, analogue, mass_confirmed, mixture, amorphous, no_reaction, "
            "decomposed, crystals_unsolved, execution_failed, abandoned");
    }
    return *kind;
}

}  // namespace

Json to_json(const Outcome& outcome) {
    Json json;
    json["kind"] = to_string(outcome.kind);
    json["target_seen"] = or_null(outcome.target_seen);
    json["after_isolation"] = outcome.after_isolation;
    json["analogue_grade"] = or_null(outcome.analogue_grade);
    json["only_counts_differ"] = outcome.only_counts_differ;
    return json;
}

Outcome read_outcome(const Field& field) {
    Outcome outcome;
    if (field.is_string()) {
        outcome.kind = read_kind(field);
        return outcome;
    }
    outcome.kind = read_kind(field.at("kind"));
    outcome.target_seen = field.optional_boolean("target_seen");
    outcome.after_isolation = field.optional_boolean("after_isolation").value_or(false);
    outcome.analogue_grade = field.optional_number("analogue_grade");
    outcome.only_counts_differ = field.optional_boolean("only_counts_differ").value_or(false);
    if (outcome.analogue_grade && !(*outcome.analogue_grade >= 0 && *outcome.analogue_grade <= 1)) {
        field.at("analogue_grade").fail("a number in 0..1");
    }
    return outcome;
}

std::string encode(const Outcome& outcome) {
    return dump(to_json(outcome));
}

Outcome decode_outcome(std::string_view json) {
    const Parsed value = parse(json);
    return read_outcome(Field(value, "outcome"));
}

std::string encode(const Label& label) {
    Json json;
    json["pair"] = or_null(label.pair);
    json["target"] = or_null(label.target);
    json["provisional"] = label.provisional;
    json["unstable"] = label.unstable;
    return dump(json);
}

}  // namespace cupel::codec
