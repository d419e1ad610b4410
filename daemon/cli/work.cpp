// cupel claim, leases, renew, start, progress, release, decline, cancel-ack: a worker's life.
#include <algorithm>
#include <memory>
#include <sstream>

#include <cupel/domain/ulid.hpp>
#include <cupel/domain/vocabulary.hpp>

#include "cluster_text.hpp"
#include "commands.hpp"
#include "connection.hpp"
#include "id_match.hpp"
#include "printable.hpp"
#include "text_table.hpp"
#include "time_text.hpp"

namespace cupel::cli {
namespace {

/// What the worker verbs can be told; each uses its part.
struct WorkOptions {
    ConnectOptions connect;
    std::vector<std::string> proposals;
    std::string proposal, lease_class = "person", expected, stage, note, reason;
    bool stopped = false, too_late = false;
};

std::string until(double ttl_s) {
    const auto end = std::chrono::time_point_cast<std::chrono::milliseconds>(
        std::chrono::system_clock::now() + std::chrono::duration<double>(ttl_s));
    return local_text(end) + " (in " + duration_text(ttl_s) + ")";
}

std::optional<double> expected_s(const WorkOptions& options) {
    if (options.expected.empty()) {
        return std::nullopt;
    }
    return parse_duration(options.expected, "--expected");
}

/// Who claims what he holds already is told so.
Json ask_to_claim(Connection& connection, const Claim& wanted) {
    try {
        return connection.ask(wanted);
    } catch (const InputError&) {
        throw;
    } catch (const Error& error) {
        const std::string refusal = error.what();
        if (refusal.rfind("NOT_OFFERED", 0) != 0) {
            throw;
        }
        for (const auto& held : connection.leases()) {
            if (std::find(wanted.proposals.begin(), wanted.proposals.end(), held.proposal) !=
                wanted.proposals.end()) {
                throw Error("NOT_OFFERED: " + connection.who() + " holds " +
                            short_id(held.proposal) + " already (" + held.state +
                            "); cupel leases shows until when");
            }
        }
        throw;
    }
}

void claim(const WorkOptions& options) {
    const auto kind = try_parse<LeaseClass>(options.lease_class);
    if (!kind) {
        throw InputError("bad_class", "--as: expected person, robot or facility");
    }
    Connection connection(options.connect);
    std::vector<std::string> ids;
    for (const auto& given : options.proposals) {
        ids.push_back(connection.proposal_id(given));
    }
    const Json result = ask_to_claim(connection, Claim{make_ulid(), ids, *kind});
    std::ostringstream text;
    for (const auto& one : result.at("claims")) {
        const Json& offer = one.at("offer");
        const std::string id = short_id(one.at("proposal").get<std::string>());
        const int attempt = one.at("attempt").get<int>();
        text << "claimed " << id << "  "
             << short_cluster_name(offer.at("candidate"), offer.at("name").get<std::string>())
             << (attempt > 1 ? "  (attempt " + std::to_string(attempt) + ")" : "")
             << "\n  yours as " << connection.who() << " until "
             << until(one.at("ttl_s").get<double>())
             << "; then it is offered again\n  next: cupel start " << id
             << " --expected 3d   (or cupel release " << id << ")\n";
    }
    print(options.connect, result, text.str());
}

void show_leases(const WorkOptions& options) {
    Connection connection(options.connect);
    Json result{{"client", connection.who()}, {"leases", Json::array()}};
    TextTable table({"ID", "STATE", "UNTIL", "CLUSTER"});
    for (const auto& held : connection.leases()) {
        result["leases"].push_back({{"proposal", held.proposal},
                                    {"attempt", held.attempt},
                                    {"lease", held.proof.lease},
                                    {"fence", held.proof.fence},
                                    {"ttl_s", held.ttl_s},
                                    {"state", held.state}});
        const Json& offer = connection.proposal(held.proposal);
        table.add({short_id(held.proposal),
                   held.state,
                   held.ttl_s > 0 ? until(held.ttl_s) : "overdue",
                   short_cluster_name(offer.at("candidate"), offer.at("name").get<std::string>())});
    }
    print(options.connect,
          result,
          result["leases"].empty() ? connection.who() +
                                         " holds nothing; cupel offers shows what "
                                         "can be claimed\n"
                                   : table.text(terminal_width()));
}

void renew(const WorkOptions& options) {
    Connection connection(options.connect);
    const std::string id = connection.proposal_id(options.proposal);
    const Json result = connection.ask(Renew{connection.lease(id).proof, {}});
    print(options.connect,
          result,
          short_id(id) + " is yours until " + until(result.at("ttl_s").get<double>()) + "\n");
}

void start(const WorkOptions& options) {
    const auto expected = expected_s(options);
    Connection connection(options.connect);
    const std::string id = connection.proposal_id(options.proposal);
    const Json result =
        connection.ask(Start{make_ulid(), id, connection.lease(id).proof, expected});
    const std::string name = short_id(id);
    print(options.connect,
          result,
          "started " + name + "; say how it goes by " + until(result.at("ttl_s").get<double>()) +
              "\n  next: cupel progress " + name +
              " --stage crystallising --expected 5d   or   cupel result " + name +
              " --cif FILE.cif\n");
}

void progress(const WorkOptions& options) {
    Progress told;
    told.expected_s = expected_s(options);
    Connection connection(options.connect);
    told.proposal = connection.proposal_id(options.proposal);
    told.cmd_id = make_ulid();
    told.proof = connection.lease(told.proposal).proof;
    told.stage = options.stage;
    if (!options.note.empty()) {
        told.note = options.note;
    }
    const Json result = connection.ask(told);
    print(options.connect,
          result,
          short_id(told.proposal) + ": " + printable(options.stage) + "; yours until " +
              until(result.at("ttl_s").get<double>()) + "\n");
}

/// RELEASE and DECLINE have one shape; an own lease goes along where there is one.
template <typename Command>
void give_back(const WorkOptions& options, const std::string& done) {
    Connection connection(options.connect);
    const std::string id = connection.proposal_id(options.proposal);
    std::optional<LeaseProof> proof;
    if (const auto held = connection.try_lease(id)) {
        proof = held->proof;
    }
    const Json result = connection.ask(Command{make_ulid(), id, proof, options.reason});
    print(options.connect,
          result,
          done + " " + short_id(id) + "; it is " + result.at("state").get<std::string>() + "\n");
}

void cancel_ack(const WorkOptions& options) {
    if (options.stopped == options.too_late) {
        throw InputError("bad_usage", "say either --stopped or --too-late");
    }
    Connection connection(options.connect);
    const std::string id = connection.proposal_id(options.proposal);
    const Json result =
        connection.ask(CancelAck{make_ulid(), id, connection.lease(id).proof, options.stopped});
    print(options.connect,
          result,
          short_id(id) + " is " + result.at("state").get<std::string>() +
              (options.too_late ? ": the work goes on; its result is still awaited" : "") + "\n");
}

/// A subcommand about one proposal.
CLI::App* add_verb(CLI::App& app,
                   const std::string& verb,
                   const std::string& what,
                   const std::shared_ptr<WorkOptions>& options,
                   const std::string& example) {
    auto* command = app.add_subcommand(verb, what);
    command->add_option("proposal", options->proposal, "id, or its end or beginning")->required();
    add_connect_options(*command, options->connect);
    command->footer("example: cupel " + verb + " " + example);
    return command;
}

void add_claim(CLI::App& app) {
    auto options = std::make_shared<WorkOptions>();
    auto* command = app.add_subcommand("claim", "take offers; all of them or none");
    command->add_option("proposals", options->proposals, "ids, or their ends or beginnings")
        ->required();
    command->add_option("--as", options->lease_class, "person (default), robot or facility");
    add_connect_options(*command, options->connect);
    command->footer("example: cupel claim K7Q2ZD");
    command->callback([options] { claim(*options); });
}

void add_start_and_progress(CLI::App& app) {
    auto begin = std::make_shared<WorkOptions>();
    auto* command =
        add_verb(app, "start", "the work begins; it counts now", begin, "K7Q2ZD --expected 3d");
    command->add_option("--expected", begin->expected, "how long it will take: 45min, 12h, 3d");
    command->callback([begin] { start(*begin); });

    auto told = std::make_shared<WorkOptions>();
    command = add_verb(app,
                       "progress",
                       "say which stage it is in; keeps the lease",
                       told,
                       "K7Q2ZD --stage crystallising --note \"first crystals\" --expected 5d");
    command->add_option("--stage", told->stage, "in a word: stirring, crystallising, diffracting")
        ->required();
    command->add_option("--note", told->note, "in words");
    command->add_option("--expected", told->expected, "how long from now: 45min, 12h, 3d");
    command->callback([told] { progress(*told); });
}

void add_giving_back(CLI::App& app) {
    auto back = std::make_shared<WorkOptions>();
    auto* command =
        add_verb(app, "release", "give a claim back", back, "K7Q2ZD --reason \"no silver\"");
    command->add_option("--reason", back->reason, "in words");
    command->callback([back] { give_back<Release>(*back, "gave back"); });

    auto no = std::make_shared<WorkOptions>();
    command = add_verb(
        app, "decline", "never offer it to me again", no, "K7Q2ZD --reason \"perchlorate\"");
    command->add_option("--reason", no->reason, "in words");
    command->callback([no] { give_back<Decline>(*no, "declined"); });

    auto ack = std::make_shared<WorkOptions>();
    command = add_verb(app, "cancel-ack", "answer a cancellation", ack, "K7Q2ZD --stopped");
    command->add_flag("--stopped", ack->stopped, "the work was stopped");
    command->add_flag("--too-late", ack->too_late, "it cannot be stopped and goes on");
    command->callback([ack] { cancel_ack(*ack); });
}

}  // namespace

void add_work(CLI::App& app) {
    add_claim(app);
    auto held = std::make_shared<WorkOptions>();
    auto* command = app.add_subcommand("leases", "what I hold");
    add_connect_options(*command, held->connect);
    command->footer("example: cupel leases");
    command->callback([held] { show_leases(*held); });

    auto again = std::make_shared<WorkOptions>();
    command = add_verb(app, "renew", "keep a lease", again, "K7Q2ZD");
    command->callback([again] { renew(*again); });

    add_start_and_progress(app);
    add_giving_back(app);
}

}  // namespace cupel::cli
