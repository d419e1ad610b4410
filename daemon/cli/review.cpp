// cupel approve, reject, edit, withdraw, cancel, resolve, overrule, retract, held, ack: what
// reviewers and operators decide.
#include <memory>

#include <cupel/codec/candidate_codec.hpp>
#include <cupel/domain/ulid.hpp>

#include "cluster_text.hpp"
#include "commands.hpp"
#include "connection.hpp"
#include "held_results.hpp"
#include "id_match.hpp"
#include "outcome_options.hpp"
#include "text_table.hpp"
#include "time_text.hpp"

namespace cupel::cli {
namespace {

struct ReviewOptions {
    ConnectOptions connect;
    std::string proposal, result, alarm, reason, target;
    std::vector<std::string> conditions;
    OutcomeOptions outcome;
    bool reoffer = false, failed = false;
};

using Options = std::shared_ptr<ReviewOptions>;

std::string state_line(const std::string& id, const Json& result) {
    return short_id(id) + " is " + result.at("state").get<std::string>() + "\n";
}

/// A command of {cmd_id, proposal, reason or note}.
template <typename Command>
void decide(const ReviewOptions& options) {
    Connection connection(options.connect);
    const std::string id = connection.proposal_id(options.proposal);
    const Json result = connection.ask(Command{make_ulid(), id, options.reason});
    print(options.connect, result, state_line(id, result));
}

/// Results of which the history holds observations.
std::vector<std::string> observed_results(Connection& connection) {
    std::vector<std::string> ids;
    for (const auto& campaign : connection.campaigns()) {
        for (const auto& event : connection.history(campaign)) {
            if (event.at("header").at("kind") == "OBSERVED") {
                ids.push_back(event.at("body").at("result").get<std::string>());
            }
        }
    }
    return ids;
}

void retract(const ReviewOptions& options) {
    Connection connection(options.connect);
    ResultRetract command{make_ulid(), "", options.reason};
    if (options.result.empty()) {
        command.proposal = connection.proposal_id(options.proposal);
    } else {
        command.result = match_id(
            options.result,
            is_ulid(options.result) ? std::vector<std::string>{} : observed_results(connection),
            "observation",
            "cupel log shows them as OBSERVED");
    }
    const Json result = connection.ask(command);
    print(options.connect,
          result,
          options.result.empty() ? state_line(command.proposal, result)
                                 : "observation " + command.result + " is taken back\n");
}

void edit(const ReviewOptions& options) {
    EditProposal command;
    command.candidate = read_cluster(options.target);
    Connection connection(options.connect);
    command.cmd_id = make_ulid();
    command.proposal = connection.proposal_id(options.proposal);
    command.reason = options.reason;
    // What is not said anew stays: the conditions of the proposal, the edit it came from.
    const Json& before = connection.proposal(command.proposal);
    const Candidate old = read_cluster(before.at("candidate").dump());
    auto conditions = pairs_of(options.conditions, "--condition");
    conditions.insert(old.conditions.begin(), old.conditions.end());
    command.candidate.conditions = std::move(conditions);
    const Json result = connection.ask(command);
    print(options.connect,
          result,
          state_line(command.proposal, result) +
              "in its place: " + short_id(result.at("proposal").get<std::string>()) + "  " +
              short_cluster_name(Json::parse(codec::encode(command.candidate)), options.target) +
              "\n");
}

void resolve(const ReviewOptions& options) {
    const auto outcome = outcome_of(options.outcome);
    if ((options.reoffer ? 1 : 0) + (options.failed ? 1 : 0) + (outcome ? 1 : 0) != 1) {
        throw InputError("bad_usage", "say one of --reoffer, --failed and --result OUTCOME");
    }
    ResolveUnknown command;
    command.way = options.reoffer ? ResolveUnknown::Way::Reoffer
                                  : (options.failed ? ResolveUnknown::Way::Failed
                                                    : ResolveUnknown::Way::Result);
    command.outcome = outcome;
    command.reason = options.reason;
    command.cmd_id = make_ulid();
    Connection connection(options.connect);
    command.proposal = connection.proposal_id(options.proposal);
    const Json result = connection.ask(command);
    print(options.connect, result, state_line(command.proposal, result));
}

void overrule(const ReviewOptions& options) {
    const auto outcome = outcome_of(options.outcome);
    if (!outcome) {
        throw InputError("bad_usage", "--outcome is required");
    }
    Connection connection(options.connect);
    const std::string id = connection.proposal_id(options.proposal);
    const Json result = connection.ask(Overrule{make_ulid(), id, *outcome, options.reason});
    print(options.connect, result, state_line(id, result));
}

void list_held(const ReviewOptions& options) {
    Connection connection(options.connect);
    Json result{{"held", Json::array()}};
    TextTable table({"RESULT", "PROPOSAL", "FROM", "WHEN", "WHY IT IS HELD"});
    for (const auto& campaign : connection.campaigns()) {
        for (const auto& held : held_results(connection.history(campaign))) {
            result["held"].push_back(held);
            table.add({short_id(held.at("result").get<std::string>()),
                       short_id(held.at("proposal").get<std::string>()),
                       held.at("client").get<std::string>(),
                       local_text(held.at("time").get<std::string>()),
                       held.at("reason").get<std::string>()});
        }
    }
    print(options.connect,
          result,
          result["held"].empty() ? "no result is held\n"
                                 : table.text(terminal_width()) +
                                       "next: cupel held accept RESULT   or   cupel held refuse "
                                       "RESULT --reason \"...\"\n");
}

/// The id of a held result by its end; a whole one needs no list.
std::string held_id(Connection& connection, const std::string& given) {
    std::vector<std::string> ids;
    if (!is_ulid(given)) {
        for (const auto& campaign : connection.campaigns()) {
            for (const auto& held : held_results(connection.history(campaign))) {
                ids.push_back(held.at("result").get<std::string>());
            }
        }
    }
    return match_id(given, ids, "held result", "cupel held list shows them");
}

template <typename Command>
void settle_held(const ReviewOptions& options, const std::string& done) {
    Connection connection(options.connect);
    const std::string id = held_id(connection, options.result);
    const Json result = connection.ask(Command{make_ulid(), id, options.reason});
    print(options.connect, result, done + " result " + id + "\n");
}

void acknowledge(const ReviewOptions& options) {
    Connection connection(options.connect);
    std::vector<std::string> ids;
    const Json status = connection.ask(Status{});
    for (const auto& alarm : status.at("alarms")) {
        ids.push_back(alarm.at("alarm").get<std::string>());
    }
    const std::string id = match_id(options.alarm, ids, "alarm", "cupel status shows them");
    const Json result = connection.ask(AckAlarm{make_ulid(), id, options.reason});
    print(options.connect, result, "alarm " + short_id(id) + " is acknowledged\n");
}

/// A subcommand about one proposal.
CLI::App* add_verb(CLI::App& app,
                   const std::string& verb,
                   const std::string& what,
                   const Options& options,
                   const std::string& example) {
    auto* command = app.add_subcommand(verb, what);
    command->add_option("proposal", options->proposal, "id, or its end or beginning")->required();
    add_connect_options(*command, options->connect);
    command->footer("example: cupel " + verb + " " + example);
    return command;
}

CLI::Option* add_reason(CLI::App* command, const Options& options) {
    return command->add_option("--reason", options->reason, "why, in words; it is recorded");
}

void add_decisions(CLI::App& app) {
    auto approved = std::make_shared<ReviewOptions>();
    auto* command = add_verb(app, "approve", "let it be offered", approved, "K7Q2ZD");
    command->add_option("--note", approved->reason, "in words; it is recorded");
    command->callback([approved] { decide<Approve>(*approved); });

    auto rejected = std::make_shared<ReviewOptions>();
    command = add_verb(
        app, "reject", "never make it", rejected, "K7Q2ZD --reason \"too close to an azide\"");
    add_reason(command, rejected)->required();
    command->callback([rejected] { decide<Reject>(*rejected); });

    auto withdrawn = std::make_shared<ReviewOptions>();
    command = add_verb(app, "withdraw", "take an offer back", withdrawn, "K7Q2ZD");
    add_reason(command, withdrawn);
    command->callback([withdrawn] { decide<Withdraw>(*withdrawn); });

    auto cancelled = std::make_shared<ReviewOptions>();
    command = add_verb(app, "cancel", "ask its worker to stop", cancelled, "K7Q2ZD");
    add_reason(command, cancelled);
    command->callback([cancelled] { decide<Cancel>(*cancelled); });

    auto retracted = std::make_shared<ReviewOptions>();
    command =
        add_verb(app, "retract", "take a result back", retracted, "K7Q2ZD --reason \"wrong vial\"");
    add_reason(command, retracted)->required();
    auto* proposal = command->get_option("proposal")->required(false);
    command
        ->add_option("--observation",
                     retracted->result,
                     "of an observation instead: the id that cupel observe printed")
        ->excludes(proposal);
    command->callback([retracted] {
        if (retracted->proposal.empty() && retracted->result.empty()) {
            throw InputError("bad_usage", "say which: the id of a proposal, or --observation ID");
        }
        retract(*retracted);
    });
}

void add_judgements(CLI::App& app) {
    auto edited = std::make_shared<ReviewOptions>();
    auto* command = add_verb(app,
                             "edit",
                             "propose another cluster in its place",
                             edited,
                             "K7Q2ZD --target \"[Cu19Cl(PET)12(PPh3)3(HCOO)6]\"");
    command->add_option("--target", edited->target, "formula or candidate object (JSON)")
        ->required();
    command->add_option("--condition", edited->conditions, "KEY=VALUE, as solvent=CH2Cl2")
        ->take_all();
    add_reason(command, edited);
    command->callback([edited] { edit(*edited); });

    auto settled = std::make_shared<ReviewOptions>();
    command = add_verb(app,
                       "resolve",
                       "say what became of an UNKNOWN one",
                       settled,
                       "K7Q2ZD --failed --reason \"the vial broke\"");
    command->add_flag("--reoffer", settled->reoffer, "it was never made: offer it again");
    command->add_flag("--failed", settled->failed, "it was tried and nothing is known of it");
    add_outcome_options(*command, settled->outcome, "--result");
    add_reason(command, settled);
    command->callback([settled] { resolve(*settled); });

    auto ruled = std::make_shared<ReviewOptions>();
    command = add_verb(app,
                       "overrule",
                       "replace a verdict",
                       ruled,
                       "K7Q2ZD --outcome confirmed --reason \"mass spectrum agrees\"");
    add_outcome_options(*command, ruled->outcome)->required();
    add_reason(command, ruled)->required();
    command->callback([ruled] { overrule(*ruled); });
}

void add_held(CLI::App& app) {
    auto* held = app.add_subcommand("held", "results that came too late or without a lease");
    held->require_subcommand(1);

    auto all = std::make_shared<ReviewOptions>();
    auto* command = held->add_subcommand("list", "those that wait for a decision");
    add_connect_options(*command, all->connect);
    command->footer("example: cupel held list");
    command->callback([all] { list_held(*all); });

    const auto add = [&](const std::string& verb, const std::string& what) {
        auto options = std::make_shared<ReviewOptions>();
        auto* sub = held->add_subcommand(verb, what);
        sub->add_option("result", options->result, "id, or its end or beginning")->required();
        add_reason(sub, options);
        add_connect_options(*sub, options->connect);
        sub->footer("example: cupel held " + verb + " 9XW41C --reason \"same vial\"");
        return std::pair(sub, options);
    };
    const auto [accept, accepted] = add("accept", "it counts");
    accept->callback([options = accepted] { settle_held<AcceptHeld>(*options, "accepted"); });
    const auto [refuse, refused] = add("refuse", "it does not count; it is kept");
    refuse->callback([options = refused] { settle_held<RefuseHeld>(*options, "refused"); });
}

}  // namespace

void add_review(CLI::App& app) {
    add_decisions(app);
    add_judgements(app);
    add_held(app);

    auto seen = std::make_shared<ReviewOptions>();
    auto* command = app.add_subcommand("ack", "acknowledge an alarm");
    command->add_option("alarm", seen->alarm, "id, or its end or beginning")->required();
    command->add_option("--note", seen->reason, "in words; it is recorded");
    add_connect_options(*command, seen->connect);
    command->footer("example: cupel ack 5T0QRM --note \"disk replaced\"");
    command->callback([seen] { acknowledge(*seen); });
}

}  // namespace cupel::cli
