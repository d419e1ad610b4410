// The tables beside the history: what the campaigns are now, results, files, commands, alarms.
#include <algorithm>

#include "json_bridge.hpp"
#include "store_impl.hpp"

namespace cupel::controller {
namespace {

std::string column(SQLite::Statement& row, int index) {
    return row.getColumn(index).getString();
}

std::vector<ProjectionRow> rows(SQLite::Statement& query) {
    std::vector<ProjectionRow> all;
    while (query.executeStep()) {
        all.push_back({column(query, 0), column(query, 1), column(query, 2)});
    }
    return all;
}

ResultRow result_of(SQLite::Statement& row) {
    ResultRow result;
    result.id = column(row, 0);
    result.proposal = column(row, 1);
    result.attempt = row.getColumn(2).getInt();
    result.client = column(row, 3);
    result.cmd_id = column(row, 4);
    result.held = row.getColumn(5).getInt() != 0;
    result.record = column(row, 6);
    result.time = column(row, 7);
    return result;
}

}  // namespace

std::vector<BaselineRow> Store::baseline() {
    return guarded("read the baseline", [&] {
        const auto query = impl_->statement("SELECT kind, id, row FROM baseline");
        std::vector<BaselineRow> all;
        while (query->executeStep()) {
            all.push_back({column(*query, 0), column(*query, 1), column(*query, 2)});
        }
        return all;
    });
}

void Store::put_campaign(const std::string& name, const std::string& record) {
    impl_->run(
        "INSERT INTO campaign VALUES (?, ?) "
        "ON CONFLICT (name) DO UPDATE SET record = excluded.record",
        name,
        record);
}

std::vector<ProjectionRow> Store::campaigns() {
    return guarded("read campaigns", [&] {
        return rows(*impl_->statement("SELECT name, name, record FROM campaign ORDER BY name"));
    });
}

std::optional<std::string> Store::campaign_record(const std::string& name) {
    return one_text(*impl_, "SELECT record FROM campaign WHERE name = ?", name);
}

std::optional<std::string> Store::proposal_record(const std::string& id) {
    return one_text(*impl_, "SELECT record FROM whole_proposal WHERE id = ?", id);
}

void Store::put_proposal(const ProposalRow& row) {
    impl_->run(
        "INSERT INTO proposal VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
        "state = excluded.state, wire = excluded.wire, record = excluded.record",
        row.id,
        row.campaign,
        row.state,
        row.wire,
        row.record);
    put_work(row.id, row.work);
}

void Store::put_work(const std::string& id, const std::string& work) {
    impl_->run(
        "INSERT INTO work VALUES (?, ?) "
        "ON CONFLICT (proposal) DO UPDATE SET record = excluded.record",
        id,
        work);
}

std::vector<ProjectionRow> Store::proposals() {
    return guarded("read proposals", [&] {
        return rows(
            *impl_->statement("SELECT id, campaign, record FROM whole_proposal ORDER BY id"));
    });
}

std::vector<ProposalStateRow> Store::proposal_states() {
    return guarded("read proposals", [&] {
        const auto query_lent = impl_->statement("SELECT id, state FROM proposal ORDER BY id");
        auto& query = *query_lent;
        std::vector<ProposalStateRow> states;
        while (query.executeStep()) {
            states.push_back({column(query, 0), column(query, 1)});
        }
        return states;
    });
}

std::vector<std::string> Store::proposal_wires(const std::string& campaign) {
    return guarded("read proposals", [&] {
        const auto query_lent =
            impl_->statement("SELECT wire FROM proposal WHERE campaign = ? ORDER BY id");
        auto& query = *query_lent;
        query.bind(1, campaign);
        std::vector<std::string> wires;
        while (query.executeStep()) {
            wires.push_back(column(query, 0));
        }
        return wires;
    });
}

void Store::put_observation(const ProjectionRow& row) {
    impl_->run(
        "INSERT INTO observation VALUES (?, ?, ?) "
        "ON CONFLICT (id) DO UPDATE SET record = excluded.record",
        row.id,
        row.campaign,
        row.record);
}

std::vector<ProjectionRow> Store::observations() {
    return guarded("read observations", [&] {
        return rows(*impl_->statement("SELECT id, campaign, record FROM observation ORDER BY id"));
    });
}

void Store::put_result(const ResultRow& row) {
    impl_->run(
        "INSERT INTO result VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
        "held = excluded.held, record = excluded.record",
        row.id,
        row.proposal,
        row.attempt,
        row.client,
        row.cmd_id,
        row.held ? 1 : 0,
        row.record,
        row.time);
}

std::optional<ResultRow> Store::result(const std::string& id) {
    return guarded("read a result", [&]() -> std::optional<ResultRow> {
        const auto query_lent = impl_->statement("SELECT * FROM result WHERE id = ?");
        auto& query = *query_lent;
        query.bind(1, id);
        if (!query.executeStep()) {
            return std::nullopt;
        }
        return result_of(query);
    });
}

std::vector<ResultRow> Store::results(const std::string& proposal) {
    return guarded("read results", [&] {
        const auto query_lent =
            impl_->statement("SELECT * FROM result WHERE proposal = ? ORDER BY id");
        auto& query = *query_lent;
        query.bind(1, proposal);
        std::vector<ResultRow> all;
        while (query.executeStep()) {
            all.push_back(result_of(query));
        }
        return all;
    });
}

std::vector<HeldRow> Store::held_results() {
    return guarded("read held results", [&] {
        const auto query = impl_->statement(
            "SELECT result.id, coalesce(proposal.campaign, json_extract(result.record, "
            "'$.campaign')) FROM result LEFT JOIN proposal "
            "ON proposal.id = result.proposal WHERE result.held");
        std::vector<HeldRow> held;
        while (query->executeStep()) {
            held.push_back({column(*query, 0), column(*query, 1)});
        }
        return held;
    });
}

std::optional<CommandRow> Store::command(const std::string& client, const std::string& cmd_id) {
    return guarded("read a command", [&]() -> std::optional<CommandRow> {
        const auto query_lent = impl_->statement(
            "SELECT kind, hash, reply, time FROM command WHERE client = ? AND cmd_id = ?");
        auto& query = *query_lent;
        query.bindNoCopy(1, client);
        query.bindNoCopy(2, cmd_id);
        if (!query.executeStep()) {
            return std::nullopt;
        }
        return CommandRow{
            client, cmd_id, column(query, 0), column(query, 1), column(query, 2), column(query, 3)};
    });
}

std::string Store::highest_command(const std::string& client) {
    // A look at the end of the index, however many clients there are and how old this one is.
    return one_text(*impl_,
                    "SELECT coalesce(max(CASE WHEN client = ? THEN cmd_id END), min(cmd_id), '') "
                    "FROM (SELECT client, cmd_id FROM command ORDER BY cmd_id DESC LIMIT 1000)",
                    client)
        .value_or("");
}

void Store::put_commands(const std::vector<CommandRow>& rows) {
    impl_->insert("command", 6, rows, [](Binder& to, const CommandRow& row) {
        to(row.client)(row.cmd_id)(row.kind)(row.hash)(row.reply)(row.time);
    });
}

void Store::put_blob(const BlobRow& row) {
    impl_->run("INSERT OR IGNORE INTO blob VALUES (?, ?, ?, ?, ?)",
               row.sha256,
               static_cast<std::int64_t>(row.length),
               row.name,
               row.type,
               row.time);
}

std::optional<BlobRow> Store::blob(const std::string& sha256) {
    return guarded("read a blob row", [&]() -> std::optional<BlobRow> {
        const auto query_lent = impl_->statement("SELECT * FROM blob WHERE sha256 = ?");
        auto& query = *query_lent;
        query.bind(1, sha256);
        if (!query.executeStep()) {
            return std::nullopt;
        }
        return BlobRow{column(query, 0),
                       static_cast<std::uint64_t>(query.getColumn(1).getInt64()),
                       column(query, 2),
                       column(query, 3),
                       column(query, 4)};
    });
}

std::vector<BlobRow> Store::blobs() {
    return guarded("read blob rows", [&] {
        const auto query = impl_->statement("SELECT * FROM blob ORDER BY sha256");
        std::vector<BlobRow> all;
        while (query->executeStep()) {
            all.push_back({column(*query, 0),
                           static_cast<std::uint64_t>(query->getColumn(1).getInt64()),
                           column(*query, 2),
                           column(*query, 3),
                           column(*query, 4)});
        }
        return all;
    });
}

void Store::put_alarm(const AlarmRow& row) {
    impl_->run(
        "INSERT INTO alarm VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
        "acked_by = excluded.acked_by",
        row.id,
        row.campaign,
        row.text,
        row.time,
        row.acked_by);
}

std::vector<AlarmRow> Store::open_alarms() {
    return guarded("read alarms", [&] {
        const auto query_lent =
            impl_->statement("SELECT * FROM alarm WHERE acked_by = '' ORDER BY id");
        auto& query = *query_lent;
        std::vector<AlarmRow> all;
        while (query.executeStep()) {
            all.push_back({column(query, 0),
                           column(query, 1),
                           column(query, 2),
                           column(query, 3),
                           column(query, 4)});
        }
        return all;
    });
}

bool Store::ack_alarm(const std::string& id, const std::string& client) {
    return impl_->run("UPDATE alarm SET acked_by = ? WHERE id = ? AND acked_by = ''", client, id) >
           0;
}

bool Store::names_blob(const std::set<std::string>& campaigns, const std::string& sha256) {
    // A note or a stage may hold the hash too: whoever wrote it there has no right to the file.
    const auto lists = [&](const Json& body, const char* name) {
        const auto owner = *name == '\0' ? body : body.value(name, Json::object());
        const auto blobs = owner.is_object() ? owner.value("blobs", Json::array()) : Json::array();
        return blobs.is_array() && std::any_of(blobs.begin(), blobs.end(), [&](const Json& blob) {
                   return blob.is_object() && blob.value("sha256", Json()) == sha256;
               });
    };
    return guarded("look for a file", [&] {
        for (const auto& campaign : campaigns) {
            const auto query_lent = impl_->statement(
                "SELECT body FROM event WHERE campaign = ? AND instr(body, ?) > 0");
            auto& query = *query_lent;
            query.bind(1, campaign);
            query.bind(2, '"' + sha256 + '"');
            while (query.executeStep()) {
                const Json body = Json::parse(query.getColumn(0).getString());
                if (lists(body, "") || lists(body, "report")) {
                    return true;
                }
            }
        }
        return false;
    });
}

void Store::add_refusals(const std::vector<RefusalRow>& refusals) {
    for (const auto& row : refusals) {
        impl_->run(
            "INSERT INTO audit (minute, client, code, count, last) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (minute, client, code) DO UPDATE SET count = count + excluded.count, "
            "last = excluded.last",
            row.minute,
            row.client,
            row.code,
            row.count,
            row.last);
    }
    impl_->run(
        "DELETE FROM audit WHERE id <= (SELECT id FROM audit ORDER BY id DESC LIMIT 1 OFFSET ?)",
        kAuditRows);
}

std::vector<RefusalRow> Store::refusals() {
    return guarded("read the audit", [&] {
        const auto query_lent =
            impl_->statement("SELECT minute, client, code, count, last FROM audit ORDER BY id");
        auto& query = *query_lent;
        std::vector<RefusalRow> rows;
        while (query.executeStep()) {
            rows.push_back({query.getColumn(0).getString(),
                            query.getColumn(1).getString(),
                            query.getColumn(2).getString(),
                            query.getColumn(3).getInt64(),
                            query.getColumn(4).getString()});
        }
        return rows;
    });
}

}  // namespace cupel::controller
