// cupel-learner: everything that needs the model, in a program of its own.
#include <cstdio>
#include <exception>
#include <iostream>

#include <CLI/CLI.hpp>
#include <malloc.h>

#include <cupel/domain/error.hpp>
#include <cupel/workbench/blas_kernel.hpp>

#include "commands.hpp"
#include "replay_command.hpp"

int main(int argc, char** argv) {
    cupel::workbench::use_fast_blas_kernel(argv);
    // Tensors come and go by the megabyte: giving each back to the kernel costs a third of the
    // time.
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    CLI::App app{"Trains, evaluates and serves the compatibility model of Cupel."};
    app.require_subcommand(1);
    app.set_version_flag("--version", CUPEL_VERSION);
    app.failure_message([](const CLI::App*, const CLI::Error& error) {
        return std::string("cupel-learner: ") + error.what() + "; --help shows how\n";
    });
    cupel::workbench::add_evaluate(app);
    cupel::workbench::add_serve(app);
    cupel::workbench::add_campaign_replay(app);
    cupel::workbench::add_train(app);
    cupel::workbench::add_pretrain(app);
    cupel::workbench::add_score(app);
    cupel::workbench::add_replay(app);
    try {
        app.parse(argc, argv);
        if (!std::cout.flush() || std::fflush(stdout) != 0) {
            throw cupel::Error("standard output cannot be written; is the disk full?");
        }
        return 0;
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    } catch (const cupel::InputError& error) {
        std::fprintf(stderr, "cupel-learner: %s\n", error.what());
        return 2;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "cupel-learner: %s\n", error.what());
        return 1;
    }
}
