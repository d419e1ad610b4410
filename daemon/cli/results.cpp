// cupel result, amend, observe: what came of it, with its files.
#include <memory>
#include <sstream>

#include <cupel/domain/ulid.hpp>

#include "attachments.hpp"
#include "cluster_text.hpp"
#include "commands.hpp"
#include "connection.hpp"
#include "id_match.hpp"
#include "outcome_options.hpp"

namespace cupel::cli {
namespace {

struct ResultOptions {
    ConnectOptions connect;
    std::string proposal, campaign, target, stage, note;
    OutcomeOptions outcome;
    std::vector<std::string> cifs, files, evidence, conditions;
    int attempt = 0;
    bool consumed = false, not_consumed = false;
};

/// Everything of a RESULT or RESULT_AMEND but the lease.
Result result_body(const ResultOptions& options, const Attachments& attached) {
    Result result;
    result.cmd_id = make_ulid();
    result.outcome = outcome_of(options.outcome);
    if (options.consumed || options.not_consumed) {
        result.consumed = options.consumed;
    }
    if (options.attempt > 0) {
        result.attempt = options.attempt;
    }
    if (!options.stage.empty()) {
        result.stage = options.stage;
    }
    if (!options.note.empty()) {
        result.note = options.note;
    }
    result.evidence = pairs_of(options.evidence, "--evidence");
    result.blobs = attached.blobs;
    return result;
}

std::string told(const std::string& id, const Json& result, bool structure) {
    std::ostringstream text;
    text << "result " << result.at("result").get<std::string>() << " of " << short_id(id) << ": "
         << (result.at("state").is_null() ? "nobody here knows that proposal"
                                          : result.at("state").get<std::string>())
         << "\n";
    if (result.at("held").get<bool>()) {
        text << "  it is held: a reviewer decides (cupel held list)\n";
    } else if (structure) {
        text << "  the structure is being read; cupel log --follow shows the verdict\n";
    }
    return text.str();
}

void send_result(const ResultOptions& options) {
    const Attachments attached = read_attachments(options.cifs, options.files);
    Result result = result_body(options, attached);
    if (!result.outcome && !result.stage && attached.blobs.empty()) {
        throw InputError("bad_usage", "a result needs --outcome, --cif or --stage");
    }
    Connection connection(options.connect);
    result.proposal = connection.proposal_id(options.proposal);
    // Without a lease it is an analyst's result; the daemon judges whether it may be.
    if (const auto held = connection.try_lease(result.proposal)) {
        result.proof = held->proof;
        result.attempt = result.attempt.value_or(held->attempt);
    }
    const Json reply = connection.ask(result, attached.frames);
    print(options.connect, reply, told(result.proposal, reply, !options.cifs.empty()));
}

void amend(const ResultOptions& options) {
    const Attachments attached = read_attachments(options.cifs, options.files);
    ResultAmend command{result_body(options, attached)};
    if (!command.result.outcome && attached.blobs.empty()) {
        throw InputError("bad_usage", "an amendment needs --outcome or --cif");
    }
    Connection connection(options.connect);
    command.result.proposal = connection.proposal_id(options.proposal);
    const Json reply = connection.ask(command, attached.frames);
    print(options.connect, reply, told(command.result.proposal, reply, !options.cifs.empty()));
}

void observe(const ResultOptions& options) {
    const Attachments attached = read_attachments(options.cifs, options.files);
    Observe seen;
    seen.cmd_id = make_ulid();
    seen.campaign = options.campaign;
    if (!options.target.empty()) {
        seen.candidate = read_cluster(options.target);
    }
    seen.outcome = outcome_of(options.outcome);
    seen.conditions = pairs_of(options.conditions, "--condition");
    seen.evidence = pairs_of(options.evidence, "--evidence");
    seen.blobs = attached.blobs;
    if (options.cifs.empty() && (!seen.candidate || !seen.outcome)) {
        throw InputError("bad_usage", "an observation needs --cif, or --cluster with --outcome");
    }
    if (!options.note.empty()) {
        seen.evidence["note"] = options.note;
    }
    Connection connection(options.connect);
    const Json reply = connection.ask(seen, attached.frames);
    print(options.connect,
          reply,
          "observation " + reply.at("result").get<std::string>() + " in " + options.campaign +
              (options.cifs.empty() ? "" : "; its structure is being read") + "\n");
}

void add_files(CLI::App& command, ResultOptions& options) {
    command.add_option("--cif", options.cifs, "crystal structure; it decides the outcome")
        ->take_all();
    command.add_option("--file", options.files, "any other file")->take_all();
    command.add_option("--evidence", options.evidence, "KEY=VALUE, as ms=m/z 7394")->take_all();
    command.add_option("--note", options.note, "in words");
}

void add_result_options(CLI::App& command, ResultOptions& options) {
    command.add_option("proposal", options.proposal, "id, or its end or beginning")->required();
    add_outcome_options(command, options.outcome);
    add_files(command, options);
    auto* used = command.add_flag(
        "--consumed", options.consumed, "execution_failed: material is used up (the default)");
    command
        .add_flag("--not-consumed",
                  options.not_consumed,
                  "execution_failed: nothing was used, it may be tried again")
        ->excludes(used);
    command.add_option("--attempt", options.attempt, "of which attempt (default: the current one)")
        ->check(CLI::Range(1, 1'000'000));
    command.add_option("--stage", options.stage, "without an outcome: how far it has come");
    add_connect_options(command, options.connect);
}

}  // namespace

void add_results(CLI::App& app) {
    auto given = std::make_shared<ResultOptions>();
    auto* command = app.add_subcommand("result", "report what came of it");
    add_result_options(*command, *given);
    command->footer(
        "example: cupel result K7Q2ZD --cif au25.cif --note \"black needles\"\n"
        "         cupel result K7Q2ZD --outcome mixture --target-seen yes\n"
        "         cupel result K7Q2ZD --outcome execution_failed --not-consumed");
    command->callback([given] { send_result(*given); });

    auto amended = std::make_shared<ResultOptions>();
    command = app.add_subcommand("amend", "correct a result");
    add_result_options(*command, *amended);
    command->footer("example: cupel amend K7Q2ZD --outcome decomposed --after-isolation");
    command->callback([amended] { amend(*amended); });

    auto seen = std::make_shared<ResultOptions>();
    command = app.add_subcommand("observe", "something nobody proposed; also past notebooks");
    command->add_option("--campaign", seen->campaign, "the campaign that learns from it")
        ->required();
    command->add_option("--cluster", seen->target, "formula or candidate object (JSON)");
    command->add_option("--condition", seen->conditions, "KEY=VALUE, as solvent=CH2Cl2")
        ->take_all();
    add_outcome_options(*command, seen->outcome);
    add_files(*command, *seen);
    add_connect_options(*command, seen->connect);
    command->footer(
        "example: cupel observe --campaign gold --cluster \"[Au25(PET)18]-\" --outcome "
        "mass_confirmed --evidence notebook=17");
    command->callback([seen] { observe(*seen); });
}

}  // namespace cupel::cli
