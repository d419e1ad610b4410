// Bodies of commands, written: the other half of command_codec.cpp.
#include <cupel/codec/command_codec.hpp>
#include <cupel/domain/vocabulary.hpp>

#include "json_values.hpp"

namespace cupel::codec {
namespace {

template <typename... Handlers>
struct Overloaded : Handlers... {
    using Handlers::operator()...;
};
template <typename... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;

void put(Json& json, const char* name, const std::string& text) {
    if (!text.empty()) {
        json[name] = text;
    }
}

template <typename T>
void put(Json& json, const char* name, const std::optional<T>& value) {
    if (value) {
        json[name] = *value;
    }
}

void put(Json& json, const LeaseProof& proof) {
    json["lease"] = proof.lease;
    json["fence"] = proof.fence;
}

void put(Json& json, const std::optional<LeaseProof>& proof) {
    if (proof) {
        put(json, *proof);
    }
}

void put(Json& json, const std::vector<BlobRef>& blobs) {
    if (blobs.empty()) {
        return;
    }
    Json list = Json::array();
    for (const auto& blob : blobs) {
        list.push_back({{"name", blob.name},
                        {"type", blob.type},
                        {"sha256", blob.sha256},
                        {"length", blob.length}});
    }
    json["blobs"] = std::move(list);
}

Json of_command(const std::string& cmd_id) {
    return Json{{"cmd_id", cmd_id}};
}

Json of_proposal(const std::string& cmd_id, const std::string& proposal) {
    return Json{{"cmd_id", cmd_id}, {"proposal", proposal}};
}

template <typename Reasoned>
Json reasoned(const Reasoned& c) {
    Json json = of_proposal(c.cmd_id, c.proposal);
    put(json, "reason", c.reason);
    return json;
}

Json applied(const std::map<std::string, std::int64_t>& seqs) {
    Json json = Json::object();
    for (const auto& [campaign, seq] : seqs) {
        json[campaign] = seq;
    }
    return json;
}

Json result(const Result& r) {
    Json json = of_proposal(r.cmd_id, r.proposal);
    put(json, "attempt", r.attempt);
    put(json, r.proof);
    if (r.outcome) {
        json["outcome"] = to_json(*r.outcome);
    }
    put(json, "consumed", r.consumed);
    put(json, "stage", r.stage);
    put(json, "note", r.note);
    if (!r.evidence.empty()) {
        json["evidence"] = to_json(r.evidence);
    }
    put(json, r.blobs);
    return json;
}

Json observe(const Observe& o) {
    Json json = of_command(o.cmd_id);
    json["campaign"] = o.campaign;
    if (o.candidate) {
        json["candidate"] = to_json(*o.candidate);
    }
    if (o.outcome) {
        json["outcome"] = to_json(*o.outcome);
    }
    if (!o.conditions.empty()) {
        json["conditions"] = to_json(o.conditions);
    }
    if (!o.evidence.empty()) {
        json["evidence"] = to_json(o.evidence);
    }
    put(json, o.blobs);
    return json;
}

Json resolve(const ResolveUnknown& r) {
    Json json = reasoned(r);
    json["way"] = r.way == ResolveUnknown::Way::Reoffer  ? "reoffer"
                  : r.way == ResolveUnknown::Way::Failed ? "failed"
                                                         : "result";
    if (r.outcome) {
        json["outcome"] = to_json(*r.outcome);
    }
    return json;
}

Json list_offers(const ListOffers& l) {
    Json json = Json::object();
    put(json, "campaign", l.campaign);
    if (!l.capabilities.empty()) {
        json["capabilities"] = l.capabilities;
    }
    json["limit"] = l.limit;
    return json;
}

Json replay(const Replay& r) {
    Json json{{"campaign", r.campaign}, {"from", r.from}};
    put(json, "to", r.to);
    json["limit"] = r.limit;
    return json;
}

Json progress(const Progress& p) {
    Json json = of_proposal(p.cmd_id, p.proposal);
    put(json, p.proof);
    json["stage"] = p.stage;
    put(json, "note", p.note);
    put(json, "expected_s", p.expected_s);
    return json;
}

Json start(const Start& s) {
    Json json = of_proposal(s.cmd_id, s.proposal);
    put(json, s.proof);
    put(json, "expected_s", s.expected_s);
    return json;
}

template <typename GivenBack>
Json given_back(const GivenBack& c) {
    Json json = reasoned(c);
    put(json, c.proof);
    return json;
}

template <typename Held>
Json held(const Held& c) {
    Json json = of_command(c.cmd_id);
    json["result"] = c.result;
    put(json, "reason", c.reason);
    return json;
}

const char* kind_of(CampaignControl::Action action) {
    switch (action) {
        case CampaignControl::Action::Pause:
            return "CAMPAIGN_PAUSE";
        case CampaignControl::Action::Resume:
            return "CAMPAIGN_RESUME";
        case CampaignControl::Action::Stop:
            return "CAMPAIGN_STOP";
    }
    return "";
}

EncodedCommand made(const char* kind, const Json& body) {
    return {kind, dump(body)};
}

EncodedCommand encode_campaign_control(const CampaignControl& c) {
    Json json = of_command(c.cmd_id);
    json["campaign"] = c.campaign;
    put(json, "reason", c.reason);
    return made(kind_of(c.action), json);
}

EncodedCommand encode_rest(const CommandBody& command) {
    return std::visit(
        Overloaded{
            [](const Approve& c) {
                Json json = of_proposal(c.cmd_id, c.proposal);
                put(json, "note", c.note);
                return made("APPROVE", json);
            },
            [](const EditProposal& c) {
                Json json = reasoned(c);
                json["candidate"] = to_json(c.candidate);
                return made("EDIT", json);
            },
            [](const Overrule& c) {
                Json json = reasoned(c);
                json["outcome"] = to_json(c.outcome);
                return made("OVERRULE", json);
            },
            [](const CampaignNew& c) {
                Json json = of_command(c.cmd_id);
                json["campaign"] = c.campaign;
                json["config"] = parse(c.config_json);
                return made("CAMPAIGN_NEW", json);
            },
            [](const AckAlarm& c) {
                Json json = of_command(c.cmd_id);
                json["alarm"] = c.alarm;
                put(json, "note", c.note);
                return made("ACK_ALARM", json);
            },
            [](const BlobPut& c) {
                return made("BLOB_PUT",
                            {{"sha256", c.sha256}, {"index", c.index}, {"count", c.count}});
            },
            [](const Hello& c) {
                Json json{{"client", c.client}, {"software", c.software}, {"version", c.version}};
                put(json, "capabilities", c.capabilities);
                return made("HELLO", json);
            },
            [](const Renew& c) {
                Json json = Json::object();
                put(json, c.proof);
                json["applied"] = applied(c.applied);
                return made("RENEW", json);
            },
            [](const auto&) -> EncodedCommand {
                throw std::logic_error("a command without an encoder");
            }},
        command);
}

}  // namespace

EncodedCommand encode(const CommandBody& command) {
    return std::visit(
        Overloaded{[](const Snapshot& c) {
                       Json json = Json::object();
                       put(json, "campaign", c.campaign);
                       return made("SNAPSHOT", json);
                   },
                   [](const Replay& c) { return made("REPLAY", replay(c)); },
                   [](const ListOffers& c) { return made("LIST_OFFERS", list_offers(c)); },
                   [](const Claim& c) {
                       Json json = of_command(c.cmd_id);
                       json["proposals"] = c.proposals;
                       json["lease_class"] = to_string(c.lease_class);
                       return made("CLAIM", json);
                   },
                   [](const Start& c) { return made("START", start(c)); },
                   [](const Progress& c) { return made("PROGRESS", progress(c)); },
                   [](const Release& c) { return made("RELEASE", given_back(c)); },
                   [](const Decline& c) { return made("DECLINE", given_back(c)); },
                   [](const Result& c) { return made("RESULT", result(c)); },
                   [](const ResultAmend& c) { return made("RESULT_AMEND", result(c.result)); },
                   [](const ResultRetract& c) {
                       return made("RESULT_RETRACT", c.result.empty() ? reasoned(c) : held(c));
                   },
                   [](const Observe& c) { return made("OBSERVE", observe(c)); },
                   [](const Cancel& c) { return made("CANCEL", reasoned(c)); },
                   [](const CancelAck& c) {
                       Json json = of_proposal(c.cmd_id, c.proposal);
                       put(json, c.proof);
                       json["state"] = c.stopped ? "stopped" : "too_late";
                       return made("CANCEL_ACK", json);
                   },
                   [](const Reject& c) { return made("REJECT", reasoned(c)); },
                   [](const Withdraw& c) { return made("WITHDRAW", reasoned(c)); },
                   [](const ResolveUnknown& c) { return made("RESOLVE_UNKNOWN", resolve(c)); },
                   [](const AcceptHeld& c) { return made("ACCEPT_HELD", held(c)); },
                   [](const RefuseHeld& c) { return made("REFUSE_HELD", held(c)); },
                   [](const Why& c) {
                       return made("WHY", {{"proposal", c.proposal}});
                   },
                   [](const QueryCmd& c) { return made("QUERY_CMD", of_command(c.cmd_id)); },
                   [](const Status&) { return made("STATUS", Json::object()); },
                   [](const CampaignControl& c) { return encode_campaign_control(c); },
                   [](const BlobGet& c) {
                       Json body{{"sha256", c.sha256}};
                       if (c.offset > 0) {
                           body["offset"] = c.offset;
                       }
                       if (c.length) {
                           body["length"] = *c.length;
                       }
                       return made("BLOB_GET", std::move(body));
                   },
                   [](const Ping& c) {
                       return made("PING", {{"applied", applied(c.applied)}});
                   },
                   [&](const auto&) { return encode_rest(command); }},
        command);
}

}  // namespace cupel::codec
