// Bodies of commands, read: one small function per kind, found by name.
#include <functional>
#include <map>

#include <cupel/codec/command_codec.hpp>
#include <cupel/codec/schema_validator.hpp>
#include <cupel/domain/vocabulary.hpp>

#include "embedded_schemas.hpp"
#include "json_values.hpp"

namespace cupel::codec {
namespace {

LeaseProof read_proof(const Field& f) {
    return {f.at("lease").text(), f.at("fence").integer(0, INT64_MAX)};
}

constexpr std::int64_t kLongestFile = std::int64_t{1} << 40;  ///< bytes; more than any has

std::optional<LeaseProof> read_optional_proof(const Field& f) {
    if (!f.find("lease") && !f.find("fence")) {
        return std::nullopt;
    }
    return read_proof(f);
}

std::map<std::string, std::int64_t> read_applied(const Field& f) {
    std::map<std::string, std::int64_t> applied;
    if (const auto field = f.find("applied")) {
        field->each_member([&](const std::string& campaign, const Field& seq) {
            applied[campaign] = seq.integer(0, INT64_MAX);
        });
    }
    return applied;
}

std::vector<BlobRef> read_blobs(const Field& f) {
    std::vector<BlobRef> blobs;
    if (const auto field = f.find("blobs")) {
        field->each([&](const Field& entry) {
            blobs.push_back({entry.at("name").text(),
                             entry.text_or("type", "application/octet-stream"),
                             entry.at("sha256").text(),
                             static_cast<std::uint64_t>(entry.at("length").integer(0, INT64_MAX))});
        });
    }
    return blobs;
}

std::optional<Outcome> read_optional_outcome(const Field& f) {
    const auto field = f.find("outcome");
    return field ? std::optional(read_outcome(*field)) : std::nullopt;
}

std::map<std::string, std::string> read_optional_texts(const Field& f, const std::string& name) {
    const auto field = f.find(name);
    return field ? read_texts(*field) : std::map<std::string, std::string>{};
}

std::vector<std::string> read_optional_list(const Field& f, const std::string& name) {
    const auto field = f.find(name);
    return field ? read_list(*field) : std::vector<std::string>{};
}

std::string cmd_id(const Field& f) {
    return f.at("cmd_id").text();
}
std::string proposal(const Field& f) {
    return f.at("proposal").text();
}

Result read_result(const Field& f) {
    Result r;
    r.cmd_id = cmd_id(f);
    r.proposal = proposal(f);
    if (const auto attempt = f.find("attempt")) {
        r.attempt = static_cast<int>(attempt->integer(1, 1'000'000));
    }
    r.proof = read_optional_proof(f);
    r.outcome = read_optional_outcome(f);
    r.consumed = f.optional_boolean("consumed");
    r.stage = f.optional_text("stage");
    r.note = f.optional_text("note");
    r.evidence = read_optional_texts(f, "evidence");
    r.blobs = read_blobs(f);
    return r;
}

Observe read_observe(const Field& f) {
    Observe o;
    o.cmd_id = cmd_id(f);
    o.campaign = f.at("campaign").text();
    if (const auto candidate = f.find("candidate")) {
        o.candidate = read_candidate(*candidate);
    }
    o.outcome = read_optional_outcome(f);
    o.conditions = read_optional_texts(f, "conditions");
    o.evidence = read_optional_texts(f, "evidence");
    o.blobs = read_blobs(f);
    return o;
}

Claim read_claim(const Field& f) {
    Claim c{cmd_id(f), read_list(f.at("proposals")), LeaseClass::Robot};
    if (const auto lease_class = f.find("lease_class")) {
        const auto value = try_parse<LeaseClass>(lease_class->text());
        if (!value) {
            lease_class->fail("robot, person or facility");
        }
        c.lease_class = *value;
    }
    return c;
}

ResolveUnknown read_resolve(const Field& f) {
    ResolveUnknown r;
    r.cmd_id = cmd_id(f);
    r.proposal = proposal(f);
    r.reason = f.text_or("reason");
    const std::string way = f.at("way").text();
    if (way == "reoffer") {
        r.way = ResolveUnknown::Way::Reoffer;
    } else if (way == "failed") {
        r.way = ResolveUnknown::Way::Failed;
    } else if (way == "result") {
        r.way = ResolveUnknown::Way::Result;
    } else {
        f.at("way").fail("reoffer, failed or result");
    }
    r.outcome = read_optional_outcome(f);
    if (r.way == ResolveUnknown::Way::Result && !r.outcome) {
        throw InputError("bad_message", "outcome: is missing; way 'result' needs one");
    }
    return r;
}

Replay read_replay(const Field& f) {
    Replay r;
    r.campaign = f.at("campaign").text();
    r.from = f.at("from").integer(0, INT64_MAX);
    if (const auto to = f.find("to")) {
        r.to = to->integer(0, INT64_MAX);
    }
    if (const auto limit = f.find("limit")) {
        r.limit = static_cast<int>(limit->integer(1, 1000));
    }
    return r;
}

ListOffers read_list_offers(const Field& f) {
    ListOffers l;
    l.campaign = f.optional_text("campaign");
    l.capabilities = read_optional_list(f, "capabilities");
    if (const auto limit = f.find("limit")) {
        l.limit = static_cast<int>(limit->integer(1, 1000));
    }
    return l;
}

Progress read_progress(const Field& f) {
    return {cmd_id(f),
            proposal(f),
            read_proof(f),
            f.at("stage").text(),
            f.optional_text("note"),
            f.optional_number("expected_s")};
}

CancelAck read_cancel_ack(const Field& f) {
    CancelAck c{cmd_id(f), proposal(f), read_proof(f), false};
    const std::string state = f.at("state").text();
    if (state != "stopped" && state != "too_late") {
        f.at("state").fail("stopped or too_late");
    }
    c.stopped = state == "stopped";
    return c;
}

template <CampaignControl::Action kAction>
CommandBody read_campaign_control(const Field& f) {
    return CampaignControl{cmd_id(f), f.at("campaign").text(), kAction, f.text_or("reason")};
}

template <typename Simple>
CommandBody read_reasoned(const Field& f) {
    return Simple{cmd_id(f), proposal(f), f.text_or("reason")};
}

using Reader = std::function<CommandBody(const Field&)>;

const std::map<std::string, Reader, std::less<>>& readers() {
    using F = const Field&;
    static const std::map<std::string, Reader, std::less<>> table{
        {"HELLO",
         [](F f) {
             Hello hello{f.at("client").text(), f.text_or("software"), f.text_or("version"), {}};
             if (f.find("capabilities")) {
                 hello.capabilities = read_optional_list(f, "capabilities");
             }
             return hello;
         }},
        {"SNAPSHOT", [](F f) { return Snapshot{f.optional_text("campaign")}; }},
        {"REPLAY", read_replay},
        {"LIST_OFFERS", read_list_offers},
        {"CLAIM", read_claim},
        {"RENEW",
         [](F f) {
             return Renew{read_proof(f), read_applied(f)};
         }},
        {"START",
         [](F f) {
             return Start{cmd_id(f), proposal(f), read_proof(f), f.optional_number("expected_s")};
         }},
        {"PROGRESS", read_progress},
        {"RELEASE",
         [](F f) {
             return Release{cmd_id(f), proposal(f), read_optional_proof(f), f.text_or("reason")};
         }},
        {"DECLINE",
         [](F f) {
             return Decline{cmd_id(f), proposal(f), read_optional_proof(f), f.text_or("reason")};
         }},
        {"RESULT", read_result},
        {"RESULT_AMEND", [](F f) { return ResultAmend{read_result(f)}; }},
        {"RESULT_RETRACT",
         [](F f) {
             return ResultRetract{
                 cmd_id(f), f.text_or("proposal"), f.text_or("reason"), f.text_or("result")};
         }},
        {"OBSERVE", read_observe},
        {"CANCEL", read_reasoned<Cancel>},
        {"CANCEL_ACK", read_cancel_ack},
        {"APPROVE",
         [](F f) {
             return Approve{cmd_id(f), proposal(f), f.text_or("note")};
         }},
        {"REJECT", read_reasoned<Reject>},
        {"EDIT",
         [](F f) {
             return EditProposal{
                 cmd_id(f), proposal(f), read_candidate(f.at("candidate")), f.text_or("reason")};
         }},
        {"WITHDRAW", read_reasoned<Withdraw>},
        {"RESOLVE_UNKNOWN", read_resolve},
        {"ACCEPT_HELD",
         [](F f) {
             return AcceptHeld{cmd_id(f), f.at("result").text(), f.text_or("reason")};
         }},
        {"REFUSE_HELD",
         [](F f) {
             return RefuseHeld{cmd_id(f), f.at("result").text(), f.text_or("reason")};
         }},
        {"OVERRULE",
         [](F f) {
             return Overrule{
                 cmd_id(f), proposal(f), read_outcome(f.at("outcome")), f.text_or("reason")};
         }},
        {"WHY", [](F f) { return Why{proposal(f)}; }},
        {"QUERY_CMD", [](F f) { return QueryCmd{cmd_id(f)}; }},
        {"STATUS", [](F) { return Status{}; }},
        {"CAMPAIGN_NEW",
         [](F f) {
             return CampaignNew{cmd_id(f), f.at("campaign").text(), dump(f.at("config").json())};
         }},
        {"CAMPAIGN_PAUSE", read_campaign_control<CampaignControl::Action::Pause>},
        {"CAMPAIGN_RESUME", read_campaign_control<CampaignControl::Action::Resume>},
        {"CAMPAIGN_STOP", read_campaign_control<CampaignControl::Action::Stop>},
        {"ACK_ALARM",
         [](F f) {
             return AckAlarm{cmd_id(f), f.at("alarm").text(), f.text_or("note")};
         }},
        {"BLOB_GET",
         [](F f) {
             BlobGet get{f.at("sha256").text(), 0, std::nullopt};
             if (const auto offset = f.find("offset")) {
                 get.offset = static_cast<std::uint64_t>(offset->integer(0, kLongestFile));
             }
             if (const auto length = f.find("length")) {
                 get.length = static_cast<std::uint64_t>(length->integer(1, kLongestFile));
             }
             return get;
         }},
        {"BLOB_PUT",
         [](F f) {
             return BlobPut{f.at("sha256").text(),
                            static_cast<std::uint32_t>(f.at("index").integer(0, 1'000'000)),
                            static_cast<std::uint32_t>(f.at("count").integer(1, 1'000'000))};
         }},
        {"PING", [](F f) { return Ping{read_applied(f)}; }},
    };
    return table;
}

std::string schema_of(std::string_view kind) {
    std::string name = "command-";
    for (const char c : kind) {
        name += c == '_' ? '-' : static_cast<char>(c + ('a' - 'A'));
    }
    return name + "-1";
}

}  // namespace

bool is_command_kind(std::string_view kind) {
    return readers().find(kind) != readers().end();
}

CommandBody decode_command(std::string_view kind, std::string_view body) {
    const auto reader = readers().find(kind);
    if (reader == readers().end()) {
        throw InputError("bad_message", "unknown kind '" + std::string(kind.substr(0, 40)) + "'");
    }
    const Parsed value = parse(body);
    const std::string prefix = std::string(kind) + ": ";
    if (const auto violation = schema_violation(schema_of(kind), value)) {
        throw InputError("bad_message", prefix + *violation);
    }
    try {
        return reader->second(Field(value, ""));
    } catch (const InputError& error) {
        throw InputError("bad_message", prefix + error.what());
    }
}

}  // namespace cupel::codec
