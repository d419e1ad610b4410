// Candidates, cores and ligand sets as JSON, and the field reader all codec sources use.
#include <cupel/codec/candidate_codec.hpp>
#include <cupel/codec/json_text.hpp>

#include "json_values.hpp"
#include "plain_json.hpp"

namespace cupel::codec {

namespace {

constexpr int kMaxDepth = 32;

}  // namespace

Parsed parse(std::string_view text) {
    if (auto plain = try_parse_plain(text, kMaxDepth)) {
        return std::move(*plain);
    }
    if (is_nested_deeper(text, kMaxDepth)) {
        throw InputError("bad_message", "JSON is nested deeper than 32 levels");
    }
    try {
        return Parsed::parse(text.begin(), text.end());
    } catch (const Parsed::exception& error) {
        throw InputError("bad_message", "not JSON: " + std::string(error.what()));
    }
}

std::string dump(const Json& value) {
    return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string dump(const Parsed& value) {
    return value.dump(-1, ' ', false, Parsed::error_handler_t::replace);
}

void Field::fail(const std::string& expected) const {
    std::string got = dump(value_);
    if (got.size() > 60) {
        got = got.substr(0, 57) + "...";
    }
    throw InputError(
        "bad_message",
        (path_.empty() ? std::string("body") : path_) + ": expected " + expected + ", got " + got);
}

std::optional<Field> Field::find(const std::string& name) const {
    if (!value_.is_object()) {
        fail("an object");
    }
    const auto it = value_.find(name);
    if (it == value_.end() || it->is_null()) {
        return std::nullopt;
    }
    return Field(*it, path_.empty() ? name : path_ + "." + name);
}

Field Field::at(const std::string& name) const {
    auto field = find(name);
    if (!field) {
        throw InputError("bad_message",
                         (path_.empty() ? name : path_ + "." + name) + ": is missing");
    }
    return *field;
}

std::string Field::text() const {
    if (!value_.is_string()) {
        fail("text");
    }
    return value_.get<std::string>();
}

bool Field::boolean() const {
    if (!value_.is_boolean()) {
        fail("true or false");
    }
    return value_.get<bool>();
}

double Field::number() const {
    if (!value_.is_number()) {
        fail("a number");
    }
    return value_.get<double>();
}

std::int64_t Field::integer(std::int64_t low, std::int64_t high) const {
    const std::string range = std::to_string(low) + ".." + std::to_string(high);
    if (!value_.is_number_integer()) {
        fail("a whole number in " + range);
    }
    if (value_.is_number_unsigned() &&
        value_.get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX)) {
        fail("a whole number in " + range);
    }
    const auto number = value_.get<std::int64_t>();
    if (number < low || number > high) {
        fail("a whole number in " + range);
    }
    return number;
}

std::uint64_t Field::natural() const {
    const bool negative = !value_.is_number_unsigned() && value_.is_number_integer() &&
                          value_.get<std::int64_t>() < 0;
    if (!value_.is_number_integer() || negative) {
        fail("a whole number of at least 0");
    }
    return value_.get<std::uint64_t>();
}

std::string Field::text_or(const std::string& name, std::string fallback) const {
    const auto field = find(name);
    return field ? field->text() : std::move(fallback);
}

std::optional<std::string> Field::optional_text(const std::string& name) const {
    const auto field = find(name);
    return field ? std::optional(field->text()) : std::nullopt;
}

std::optional<double> Field::optional_number(const std::string& name) const {
    const auto field = find(name);
    return field ? std::optional(field->number()) : std::nullopt;
}

std::optional<bool> Field::optional_boolean(const std::string& name) const {
    const auto field = find(name);
    return field ? std::optional(field->boolean()) : std::nullopt;
}

Json to_json(const Composition& composition) {
    Json json = Json::object();
    for (const auto& [element, count] : composition) {
        json[element] = count;
    }
    return json;
}

Json to_json(const std::map<std::string, std::string>& texts) {
    Json json = Json::object();
    for (const auto& [name, text] : texts) {
        json[name] = text;
    }
    return json;
}

Json to_json(const Core& core) {
    Json json;
    json["formula"] = core.formula();
    json["metals"] = to_json(core.metals);
    json["anions"] = to_json(core.anions);
    json["hydrides"] = or_null(core.hydrides);
    return json;
}

Json to_json(const LigandSet& ligands) {
    Json json = Json::array();
    for (const auto& [ligand, count] : ligands) {
        Json entry;
        entry["smiles"] = ligand.smiles;
        entry["formula"] = ligand.formula;
        entry["count"] = count;
        entry["donors"] = ligand.donors;
        entry["donor_class"] = ligand.donor_class;
        entry["charge"] = ligand.charge;
        entry["denticity"] = ligand.denticity;
        json.push_back(std::move(entry));
    }
    return json;
}

Json to_json(const Candidate& candidate) {
    Json json;
    json["key"] = identity_key(candidate);
    json["core"] = to_json(candidate.core);
    json["ligands"] = to_json(candidate.ligands);
    json["charge"] = or_null(candidate.charge);
    json["conditions"] = to_json(candidate.conditions);
    if (candidate.edit) {
        json["edit"] = {{"parent", candidate.edit->parent}, {"steps", candidate.edit->steps}};
    }
    return json;
}

Composition read_composition(const Field& field) {
    Composition composition;
    field.each_member(
        [&](const std::string& name, const Field& count) { composition[name] = count.count(); });
    return composition;
}

std::map<std::string, std::string> read_texts(const Field& field) {
    std::map<std::string, std::string> texts;
    field.each_member([&](const std::string& name, const Field& value) {
        texts[name] = value.is_string() ? value.text() : dump(value.json());
    });
    return texts;
}

std::vector<std::string> read_list(const Field& field) {
    std::vector<std::string> list;
    field.each([&](const Field& entry) { list.push_back(entry.text()); });
    return list;
}

Core read_core(const Field& field) {
    Core core;
    core.metals = read_composition(field.at("metals"));
    for (const auto& [element, count] : core.metals) {
        if (atomic_number(element) == 0) {
            field.at("metals").fail("element symbols");
        }
    }
    if (const auto anions = field.find("anions")) {
        core.anions = read_composition(*anions);
    }
    if (const auto hydrides = field.find("hydrides")) {
        core.hydrides = hydrides->count();
    }
    return core;
}

LigandSet read_ligands(const Field& field) {
    LigandSet ligands;
    field.each([&](const Field& entry) {
        LigandCount counted;
        counted.ligand.smiles = entry.at("smiles").text();
        counted.ligand.formula = entry.text_or("formula");
        counted.ligand.donor_class = entry.text_or("donor_class");
        counted.count = static_cast<int>(entry.at("count").integer(1, 10'000));
        if (const auto charge = entry.find("charge")) {
            counted.ligand.charge = static_cast<int>(charge->integer(-100, 100));
        }
        if (const auto donors = entry.find("donors")) {
            counted.ligand.donors = read_list(*donors);
        }
        if (const auto denticity = entry.find("denticity")) {
            counted.ligand.denticity = denticity->count();
        }
        ligands.push_back(std::move(counted));
    });
    return normalised(std::move(ligands));
}

Candidate read_candidate(const Field& field) {
    Candidate candidate;
    candidate.core = read_core(field.at("core"));
    candidate.ligands = read_ligands(field.at("ligands"));
    if (const auto charge = field.find("charge")) {
        candidate.charge = static_cast<int>(charge->integer(-1000, 1000));
    }
    if (const auto conditions = field.find("conditions")) {
        candidate.conditions = read_texts(*conditions);
    }
    if (const auto edit = field.find("edit")) {
        candidate.edit = Edit{edit->text_or("parent"), {}};
        if (const auto steps = edit->find("steps")) {
            candidate.edit->steps = read_list(*steps);
        }
    }
    return candidate;
}

std::string encode(const Candidate& candidate) {
    return dump(to_json(candidate));
}

Candidate decode_candidate(std::string_view json) {
    const Parsed value = parse(json);
    return read_candidate(Field(value, ""));
}

}  // namespace cupel::codec
