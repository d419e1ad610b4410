// Structure reports and verdicts as JSON.
#include <cupel/codec/structure_codec.hpp>
#include <cupel/domain/vocabulary.hpp>

#include "json_values.hpp"

namespace cupel::codec {
namespace {

using Amounts = std::map<std::string, double>;
constexpr std::pair<const char*, Amounts StructureReport::*> kFractional[] = {
    {"fractional_metals", &StructureReport::fractional_metals},
    {"fractional_anions", &StructureReport::fractional_anions},
    {"fractional_ligands", &StructureReport::fractional_ligands}};

}  // namespace

Json to_json(const Verdict& verdict) {
    Json json;
    json["verdict"] = verdict.confirmed ? "confirmed" : "analogue";
    json["text"] = verdict.text;
    Json fields = Json::array();
    for (const auto& field : verdict.fields) {
        fields.push_back({{"field", field.field},
                          {"agreement", to_string(field.agreement)},
                          {"text", field.text}});
    }
    json["fields"] = std::move(fields);
    json["unchecked"] = verdict.unchecked;
    json["notes"] = verdict.notes;
    json["target_grade"] = verdict.target_grade;
    return json;
}

Verdict read_verdict(const Field& field) {
    Verdict verdict;
    const std::string word = field.at("verdict").text();
    if (word != "confirmed" && word != "analogue") {
        field.at("verdict").fail("confirmed or analogue");
    }
    verdict.confirmed = word == "confirmed";
    verdict.text = field.text_or("text");
    field.at("fields").each([&](const Field& entry) {
        FieldVerdict one;
        one.field = entry.at("field").text();
        const auto agreement = try_parse<Agreement>(entry.at("agreement").text());
        if (!agreement) {
            entry.at("agreement").fail("yes, no or not determined");
        }
        one.agreement = *agreement;
        one.text = entry.text_or("text");
        verdict.fields.push_back(std::move(one));
    });
    verdict.unchecked = read_list(field.at("unchecked"));
    verdict.notes = read_list(field.at("notes"));
    verdict.target_grade = field.at("target_grade").number();
    return verdict;
}

std::string encode(const Verdict& verdict) {
    return dump(to_json(verdict));
}

Verdict decode_verdict(std::string_view json) {
    const Parsed value = parse(json);
    return read_verdict(Field(value, "verdict"));
}

std::string encode(const StructureReport& report) {
    Json json;
    json["file"] = report.file;
    json["block"] = report.block;
    json["core"] = to_json(report.core);
    json["ligands"] = to_json(report.ligands);
    json["charge"] = or_null(report.charge);
    Json other = Json::array();
    for (const auto& species : report.other) {
        other.push_back(
            {{"formula", species.formula}, {"count", species.count}, {"role", species.role}});
    }
    json["other"] = std::move(other);
    json["atoms"] = {{"cluster", report.cluster_atoms}};
    json["disorder"] = report.disorder;
    json["warnings"] = report.warnings;
    for (const auto& [name, amounts] : kFractional) {
        if (!(report.*amounts).empty()) {
            json[name] = report.*amounts;
        }
    }
    if (report.hydrogens_missing) {
        json["hydrogens_missing"] = true;
    }
    if (report.ligands_undecided) {
        json["ligands_undecided"] = true;
    }
    json["verdict"] = report.verdict ? to_json(*report.verdict) : Json(nullptr);
    return dump(json);
}

StructureReport decode_structure_report(std::string_view text) {
    const Parsed value = parse(text);
    const Field field(value, "");
    StructureReport report;
    report.file = field.text_or("file");
    report.block = field.text_or("block");
    report.core = read_core(field.at("core"));
    report.ligands = read_ligands(field.at("ligands"));
    if (const auto charge = field.find("charge")) {
        report.charge = static_cast<int>(charge->integer(-1000, 1000));
    }
    field.at("other").each([&](const Field& entry) {
        report.other.push_back(
            {entry.at("formula").text(), entry.at("count").count(), entry.at("role").text()});
    });
    report.cluster_atoms = field.at("atoms").at("cluster").count();
    report.disorder = read_list(field.at("disorder"));
    report.warnings = read_list(field.at("warnings"));
    for (const auto& [name, amounts] : kFractional) {
        if (const auto fractional = field.find(name)) {
            fractional->each_member(
                [&, to = amounts](const std::string& what, const Field& amount) {
                    (report.*to)[what] = amount.number();
                });
        }
    }
    report.hydrogens_missing = field.optional_boolean("hydrogens_missing").value_or(false);
    report.ligands_undecided = field.optional_boolean("ligands_undecided").value_or(false);
    if (const auto verdict = field.find("verdict")) {
        report.verdict = read_verdict(*verdict);
    }
    return report;
}

}  // namespace cupel::codec
