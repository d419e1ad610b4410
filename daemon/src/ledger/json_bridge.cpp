// Domain values to and from nlohmann::json, in the shapes of the protocol page.
#include "json_bridge.hpp"

#include <cupel/domain/error.hpp>
#include <cupel/domain/vocabulary.hpp>

namespace cupel::controller {
namespace {

template <typename T>
std::optional<T> optional_of(const Json& json, const char* key) {
    const auto found = json.find(key);
    if (found == json.end() || found->is_null()) {
        return std::nullopt;
    }
    return found->get<T>();
}

template <typename T>
T value_of(const Json& json, const char* key, T otherwise) {
    return optional_of<T>(json, key).value_or(std::move(otherwise));
}

/// Runs `read`; what does not fit becomes one clear line.
template <typename Read>
auto decode(const char* what, Read&& read) {
    try {
        return read();
    } catch (const Json::exception& error) {
        throw InputError("bad_json", std::string(what) + ": " + error.what());
    }
}

Json neighbours_json(const std::vector<Neighbour>& nearest) {
    Json all = Json::array();
    for (const auto& neighbour : nearest) {
        all.push_back({{"name", neighbour.name},
                       {"source", neighbour.source},
                       {"similarity", neighbour.similarity}});
    }
    return all;
}

Core core_of(const Json& json) {
    Core core;
    core.metals = value_of(json, "metals", Composition{});
    core.anions = value_of(json, "anions", Composition{});
    core.hydrides = optional_of<int>(json, "hydrides");
    return core;
}

LigandSet ligands_of(const Json& json) {
    LigandSet all;
    for (const auto& entry : json) {
        LigandCount ligand;
        ligand.ligand.smiles = entry.at("smiles").get<std::string>();
        ligand.ligand.formula = value_of(entry, "formula", std::string());
        ligand.ligand.charge = value_of(entry, "charge", 0);
        ligand.ligand.donors = value_of(entry, "donors", std::vector<std::string>{});
        ligand.ligand.donor_class = value_of(entry, "donor_class", std::string());
        ligand.ligand.denticity = value_of(entry, "denticity", 0);
        ligand.count = value_of(entry, "count", 1);
        all.push_back(std::move(ligand));
    }
    return normalised(std::move(all));
}

}  // namespace

Json to_json(const Candidate& candidate) {
    Json ligands = Json::array();
    for (const auto& [ligand, count] : candidate.ligands) {
        ligands.push_back({{"smiles", ligand.smiles},
                           {"formula", ligand.formula},
                           {"count", count},
                           {"donor_class", ligand.donor_class},
                           {"charge", ligand.charge},
                           {"donors", ligand.donors},
                           {"denticity", ligand.denticity}});
    }
    Json json{{"key", identity_key(candidate)},
              {"core",
               {{"formula", candidate.core.formula()},
                {"metals", candidate.core.metals},
                {"anions", candidate.core.anions},
                {"hydrides", or_null(candidate.core.hydrides)}}},
              {"ligands", ligands},
              {"charge", or_null(candidate.charge)},
              {"conditions", candidate.conditions}};
    if (candidate.edit) {
        json["edit"] = {{"parent", candidate.edit->parent}, {"steps", candidate.edit->steps}};
    }
    return json;
}

Json to_json(const Outcome& outcome) {
    return {{"kind", to_string(outcome.kind)},
            {"target_seen", or_null(outcome.target_seen)},
            {"after_isolation", outcome.after_isolation},
            {"analogue_grade", or_null(outcome.analogue_grade)},
            {"only_counts_differ", outcome.only_counts_differ}};
}

Json to_json(const Label& label) {
    return {{"pair", or_null(label.pair)},
            {"target", or_null(label.target)},
            {"provisional", label.provisional},
            {"unstable", label.unstable}};
}

Json to_json(const Verdict& verdict) {
    Json fields = Json::array();
    for (const auto& field : verdict.fields) {
        fields.push_back({{"field", field.field},
                          {"agreement", to_string(field.agreement)},
                          {"text", field.text}});
    }
    return {{"confirmed", verdict.confirmed},
            {"fields", fields},
            {"unchecked", verdict.unchecked},
            {"notes", verdict.notes},
            {"target_grade", verdict.target_grade},
            {"text", verdict.text}};
}

Json to_json(const Proposal& proposal) {
    Json candidate = to_json(proposal.candidate);
    candidate["key"] = proposal.identity_key;
    return {{"proposal", proposal.id},
            {"name", proposal.candidate.name()},
            {"campaign", proposal.campaign},
            {"batch", proposal.batch},
            {"attempt", proposal.attempt},
            {"state", to_string(proposal.state)},
            {"candidate", candidate},
            {"p", proposal.p},
            {"reason", {{"text", proposal.reason}, {"nearest", neighbours_json(proposal.nearest)}}},
            {"model", proposal.provenance.model},
            {"cost", proposal.cost},
            {"created", to_rfc3339(proposal.created)}};
}

Json to_stored_json(const Proposal& proposal) {
    Json json = to_json(proposal);
    json["learning_key"] = proposal.learning_key;
    json["interaction"] = proposal.interaction;
    json["popularity"] = proposal.popularity;
    json["uncertainty"] = proposal.uncertainty;
    json["edited_from"] = or_null(proposal.edited_from);
    const Provenance& from = proposal.provenance;
    json["provenance"] = {{"model", from.model},
                          {"data_snapshot", from.data_snapshot},
                          {"policy", from.policy},
                          {"kernel", from.kernel},
                          {"seed", from.seed},
                          {"score", from.score},
                          {"acquisition_input", from.acquisition_input}};
    return json;
}

Candidate candidate_of(const Json& json) {
    return decode("candidate", [&] {
        Candidate candidate;
        candidate.core = core_of(json.at("core"));
        candidate.ligands = ligands_of(json.at("ligands"));
        candidate.charge = optional_of<int>(json, "charge");
        candidate.conditions = value_of(json, "conditions", std::map<std::string, std::string>{});
        const auto edit = json.find("edit");
        if (edit != json.end() && !edit->is_null()) {
            candidate.edit = Edit{value_of(*edit, "parent", std::string()),
                                  value_of(*edit, "steps", std::vector<std::string>{})};
        }
        return candidate;
    });
}

Outcome outcome_of(const Json& json) {
    return decode("outcome", [&] {
        Outcome outcome;
        const std::string kind = json.at("kind").get<std::string>();
        const auto known = try_parse<OutcomeKind>(kind);
        if (!known) {
            throw InputError("bad_json", "outcome: there is no \"" + kind + "\"");
        }
        outcome.kind = *known;
        outcome.target_seen = optional_of<bool>(json, "target_seen");
        outcome.after_isolation = value_of(json, "after_isolation", false);
        outcome.analogue_grade = optional_of<double>(json, "analogue_grade");
        outcome.only_counts_differ = value_of(json, "only_counts_differ", false);
        return outcome;
    });
}

Proposal stored_proposal_of(const Json& json) {
    return decode("proposal", [&] {
        Proposal proposal;
        proposal.id = json.at("proposal").get<std::string>();
        proposal.campaign = json.at("campaign").get<std::string>();
        proposal.batch = json.at("batch").get<std::string>();
        proposal.attempt = json.at("attempt").get<int>();
        const std::string state = json.at("state").get<std::string>();
        const auto known = try_parse<ProposalState>(state);
        if (!known) {
            throw InputError("bad_json", "proposal: there is no state \"" + state + "\"");
        }
        proposal.state = *known;
        proposal.candidate = candidate_of(json.at("candidate"));
        proposal.identity_key = json.at("candidate").at("key").get<std::string>();
        proposal.learning_key = json.at("learning_key").get<std::string>();
        proposal.p = json.at("p").get<double>();
        proposal.interaction = json.at("interaction").get<double>();
        proposal.popularity = json.at("popularity").get<double>();
        proposal.uncertainty = json.at("uncertainty").get<double>();
        proposal.reason = json.at("reason").at("text").get<std::string>();
        for (const auto& neighbour : json.at("reason").at("nearest")) {
            proposal.nearest.push_back({neighbour.at("name").get<std::string>(),
                                        neighbour.at("source").get<std::string>(),
                                        neighbour.at("similarity").get<double>()});
        }
        const Json& from = json.at("provenance");
        proposal.provenance = {from.at("model").get<std::string>(),
                               from.at("data_snapshot").get<std::string>(),
                               from.at("policy").get<std::string>(),
                               from.at("kernel").get<std::string>(),
                               from.at("seed").get<std::uint64_t>(),
                               from.at("score").get<double>(),
                               from.at("acquisition_input").get<std::string>()};
        proposal.cost = json.at("cost").get<double>();
        proposal.edited_from = optional_of<std::string>(json, "edited_from");
        proposal.created =
            try_parse_rfc3339(json.at("created").get<std::string>()).value_or(Timestamp{});
        return proposal;
    });
}

StructureReport structure_report_of(const std::string& text) {
    return decode("structure report", [&] {
        const Json json = Json::parse(text);
        StructureReport report;
        report.file = value_of(json, "file", std::string());
        report.block = value_of(json, "block", std::string());
        report.core = core_of(json.at("core"));
        report.ligands = ligands_of(json.at("ligands"));
        report.charge = optional_of<int>(json, "charge");
        report.warnings = value_of(json, "warnings", std::vector<std::string>{});
        const auto found = json.find("verdict");
        if (found != json.end() && found->is_object()) {
            Verdict verdict;
            verdict.confirmed = found->at("confirmed").get<bool>();
            verdict.target_grade = value_of(*found, "target_grade", 1.0);
            verdict.text = value_of(*found, "text", std::string());
            verdict.unchecked = value_of(*found, "unchecked", std::vector<std::string>{});
            verdict.notes = value_of(*found, "notes", std::vector<std::string>{});
            for (const auto& entry : found->value("fields", Json::array())) {
                FieldVerdict field;
                field.field = entry.at("field").get<std::string>();
                field.agreement = try_parse<Agreement>(entry.at("agreement").get<std::string>())
                                      .value_or(Agreement::NotDetermined);
                field.text = value_of(entry, "text", std::string());
                verdict.fields.push_back(std::move(field));
            }
            report.verdict = std::move(verdict);
        }
        return report;
    });
}

}  // namespace cupel::controller
