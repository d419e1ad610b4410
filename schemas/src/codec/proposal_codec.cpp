// Proposals as JSON, for the wire and for the store.
#include <cupel/codec/proposal_codec.hpp>
#include <cupel/domain/vocabulary.hpp>

#include "json_values.hpp"

namespace cupel::codec {
namespace {

Json wire(const Proposal& proposal) {
    Json nearest = Json::array();
    for (const auto& neighbour : proposal.nearest) {
        nearest.push_back({{"name", neighbour.name},
                           {"source", neighbour.source},
                           {"similarity", neighbour.similarity}});
    }
    Json json;
    json["proposal"] = proposal.id;
    json["name"] = proposal.candidate.name();
    json["campaign"] = proposal.campaign;
    json["batch"] = proposal.batch;
    json["attempt"] = proposal.attempt;
    json["state"] = to_string(proposal.state);
    json["candidate"] = to_json(proposal.candidate);
    json["p"] = proposal.p ? Json(*proposal.p) : Json(nullptr);
    json["reason"] = {{"text", proposal.reason}, {"nearest", std::move(nearest)}};
    json["model"] = proposal.provenance.model;
    json["cost"] = proposal.cost;
    json["hazards"] = proposal.hazards;
    json["requires"] = proposal.required_tags;
    json["created"] = to_rfc3339(proposal.created);
    if (proposal.edited_from) {
        json["edited_from"] = *proposal.edited_from;
    }
    return json;
}

std::vector<std::string> read_words(const Field& field, const char* key) {
    std::vector<std::string> words;
    if (const auto list = field.find(key)) {
        list->each([&](const Field& word) { words.push_back(word.text()); });
    }
    return words;
}

Proposal read_wire(const Field& field) {
    Proposal proposal;
    proposal.id = field.at("proposal").text();
    proposal.campaign = field.at("campaign").text();
    proposal.batch = field.text_or("batch");
    proposal.attempt = static_cast<int>(field.at("attempt").integer(1, 1'000'000));
    const auto state = try_parse<ProposalState>(field.at("state").text());
    if (!state) {
        field.at("state").fail("a state of the protocol page");
    }
    proposal.state = *state;
    proposal.candidate = read_candidate(field.at("candidate"));
    proposal.identity_key = field.at("candidate").text_or("key");
    proposal.p = field.optional_number("p");
    if (const auto reason = field.find("reason")) {
        proposal.reason = reason->text_or("text");
        if (const auto nearest = reason->find("nearest")) {
            nearest->each([&](const Field& entry) {
                proposal.nearest.push_back({entry.text_or("name"),
                                            entry.text_or("source"),
                                            entry.optional_number("similarity").value_or(0.0)});
            });
        }
    }
    proposal.provenance.model = field.text_or("model");
    proposal.cost = field.optional_number("cost").value_or(1.0);
    proposal.hazards = read_words(field, "hazards");
    proposal.required_tags = read_words(field, "requires");
    if (const auto created = field.find("created")) {
        const auto time = try_parse_rfc3339(created->text());
        if (!time) {
            created->fail("a time such as 2026-11-24T13:15:00.000Z");
        }
        proposal.created = *time;
    }
    proposal.edited_from = field.optional_text("edited_from");
    return proposal;
}

}  // namespace

std::string encode(const Proposal& proposal) {
    return dump(wire(proposal));
}

Proposal decode_proposal(std::string_view json) {
    const Parsed value = parse(json);
    return read_wire(Field(value, ""));
}

std::string encode_stored(const Proposal& proposal) {
    Json json = wire(proposal);
    // The key as it was when the proposal was made: stored, never recomputed.
    json["candidate"]["key"] = proposal.identity_key;
    const Provenance& from = proposal.provenance;
    json["identity_key"] = proposal.identity_key;
    json["learning_key"] = proposal.learning_key;
    json["interaction"] = proposal.interaction;
    json["popularity"] = proposal.popularity;
    json["uncertainty"] = proposal.uncertainty;
    json["provenance"] = {{"model", from.model},
                          {"data_snapshot", from.data_snapshot},
                          {"policy", from.policy},
                          {"kernel", from.kernel},
                          {"seed", from.seed},
                          {"score", from.score},
                          {"acquisition_input", from.acquisition_input}};
    return dump(json);
}

Proposal decode_stored_proposal(std::string_view text) {
    const Parsed value = parse(text);
    const Field field(value, "");
    Proposal proposal = read_wire(field);
    proposal.identity_key = field.at("identity_key").text();
    proposal.learning_key = field.at("learning_key").text();
    proposal.interaction = field.optional_number("interaction").value_or(0.0);
    proposal.popularity = field.optional_number("popularity").value_or(0.0);
    proposal.uncertainty = field.optional_number("uncertainty").value_or(0.0);
    const Field from = field.at("provenance");
    proposal.provenance = {from.text_or("model"),
                           from.text_or("data_snapshot"),
                           from.text_or("policy"),
                           from.text_or("kernel"),
                           from.at("seed").natural(),
                           from.optional_number("score").value_or(0.0),
                           from.text_or("acquisition_input")};
    return proposal;
}

}  // namespace cupel::codec
