// cupel: the command line of a worker, a reviewer, an operator and a data person.
#include <cstdio>
#include <exception>

#include <CLI/CLI.hpp>

#include <cupel/domain/error.hpp>

#include "commands.hpp"

int main(int argc, char** argv) {
    CLI::App app{"Cupel: closed-loop synthesis of Cu, Ag and Au nanoclusters."};
    app.require_subcommand(1);
    cupel::cli::add_pool(app);
    try {
        app.parse(argc, argv);
        return 0;
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    } catch (const cupel::InputError& error) {
        std::fprintf(stderr, "cupel: %s\n", error.what());
        return 2;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "cupel: %s\n", error.what());
        return 1;
    }
}
