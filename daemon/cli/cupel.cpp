// cupel: the command line of a worker, a reviewer, an operator and a data person.
#include <cstdio>
#include <exception>
#include <iostream>
#include <string>

#include <CLI/CLI.hpp>

#include <cupel/controller.hpp>
#include <cupel/domain/error.hpp>

#include "../src/supervision/standard_streams.hpp"
#include "commands.hpp"
#include "printable.hpp"

namespace {

/// CLI11 would only say that a subcommand is required.
void check_command(const CLI::App& app, int argc, char** argv) {
    const std::string word = argc > 1 ? argv[1] : "";
    const auto named = [&](const CLI::App* command) { return command->get_name() == word; };
    if (!word.empty() && word.front() != '-' && app.get_subcommands(named).empty()) {
        throw cupel::InputError("no_command",
                                "there is no command \"" + word + "\"; cupel --help lists them");
    }
}

/// A file's name may hold anything; the line stays one.
int last_word(const std::exception& error, int status) {
    std::fprintf(stderr, "cupel: %s\n", cupel::cli::printable(error.what()).c_str());
    return status;
}

}  // namespace

int main(int argc, char** argv) {
    cupel::controller::keep_standard_streams();
    CLI::App app{"Cupel: closed-loop synthesis of Cu, Ag and Au nanoclusters."};
    app.require_subcommand(1);
    app.set_version_flag("--version", cupel::controller::version());
    // One line, however the usage was wrong.
    app.failure_message([](const CLI::App*, const CLI::Error& error) {
        return std::string("cupel: ") + error.what() + "; --help shows how\n";
    });
    cupel::cli::add_views(app);
    cupel::cli::add_board(app);
    cupel::cli::add_log(app);
    cupel::cli::add_models(app);
    cupel::cli::add_alarms(app);
    cupel::cli::add_work(app);
    cupel::cli::add_results(app);
    cupel::cli::add_review(app);
    cupel::cli::add_campaign(app);
    cupel::cli::add_pool(app);
    cupel::cli::add_learner_programs(app);
    cupel::cli::add_keys(app);
    cupel::cli::add_verify(app);
    cupel::cli::add_history(app);
    cupel::cli::add_doctor(app);
    cupel::cli::add_structure(app);
    try {
        check_command(app, argc, argv);
        app.parse(argc, argv);
        if (!std::cout.flush()) {
            throw cupel::Error("standard output cannot be written; is the disk full?");
        }
        return 0;
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    } catch (const cupel::InputError& error) {
        return last_word(error, 2);
    } catch (const std::exception& error) {
        return last_word(error, 1);
    }
}
