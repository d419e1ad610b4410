// cupel-demo: a closed-loop campaign in the virtual laboratory, from an empty folder to a report.
#include <cstdio>
#include <exception>

#include <CLI/CLI.hpp>

#include <cupel/domain/error.hpp>

#include "demo_run.hpp"

int main(int argc, char** argv) {
    cupel::simulator::DemoOptions options;
    CLI::App app{
        "Runs a whole campaign with real processes in a virtual laboratory and draws its report. "
        "Ends with 0 only when the loop did what it should.",
        "cupel-demo"};
    app.add_option("--seed", options.seed, "Seed of the laboratory and the campaign")
        ->capture_default_str();
    app.add_option("--out", options.out, "Folder for the report and the run")
        ->capture_default_str();
    app.add_option("--budget", options.budget, "Experiments")
        ->check(CLI::Range(4, 10000))
        ->capture_default_str();
    app.add_option("--batch", options.batch, "Offers kept open, and experiments per training")
        ->check(CLI::Range(1, 256))
        ->capture_default_str();
    app.add_option("--true-pairs", options.true_pairs, "Pairs held back, which form")
        ->check(CLI::Range(4, 400))
        ->capture_default_str();
    app.add_option("--decoys", options.decoys, "Pairs taken as not forming, for each that forms")
        ->check(CLI::Range(1, 100))
        ->capture_default_str();
    app.add_option("--policy", options.policy, "How the next targets are chosen")
        ->check(CLI::IsMember({"portfolio", "ucb", "ei", "poh", "greedy", "popularity", "random"}))
        ->capture_default_str();
    app.add_option("--learner", options.learner, "What the daemon learns with")
        ->check(CLI::IsMember({"model", "popularity"}))
        ->capture_default_str();
    app.add_option("--port", options.port, "Control port; events on the next one; 0: any free")
        ->check(CLI::Range(0, 65534))
        ->capture_default_str();
    app.add_option("--programs", options.programs, "Folder of cupeld and its company");
    app.add_flag("--quick",
                 options.quick,
                 "Short: no comparison of policies, and only the conditions of a sound loop");
    app.footer("Example: cupel-demo --seed 1 --out demo");
    app.failure_message([](const CLI::App*, const CLI::Error& error) {
        return std::string("cupel-demo: ") + error.what() + "; --help shows how\n";
    });
    try {
        app.parse(argc, argv);
        return cupel::simulator::run_demo(options);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    } catch (const cupel::InputError& error) {
        std::fprintf(stderr, "cupel-demo: %s\n", error.what());
        return 2;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "cupel-demo: %s\n", error.what());
        return 1;
    }
}
