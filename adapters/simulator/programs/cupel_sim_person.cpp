// cupel-sim-person: a chemist of the virtual laboratory; settles verdicts, reviews, and works at
// the bench beside it.
#include "../src/client_channel.hpp"
#include "../src/reviewer.hpp"
#include "../src/worker.hpp"
#include "bench_options.hpp"
#include "wake_up.hpp"

int main(int argc, char** argv) {
    using namespace cupel;
    using namespace cupel::simulator;
    CLI::App app{
        "A simulated person: approves what waits for review, settles what a CIF left open, keeps a "
        "notebook, and makes some of the offers, until the campaign is finished.",
        "cupel-sim-person"};
    BenchOptions options;
    options.name = "sim-person";
    bool desk_only = false;
    add_bench_options(app, options);
    app.add_flag("--desk-only", desk_only, "Only review and settle; claim nothing");
    app.footer(
        "Example: cupel-sim-person --connect tcp://127.0.0.1:5870 --events tcp://127.0.0.1:5871 "
        "--truth demo/truth.csv --campaign demo");
    return run_bench(app, argc, argv, [&] {
        Chemist chemist(Truth::load(options.truth), options.seed);
        const auto channel =
            connect(options.connect,
                    std::chrono::milliseconds(static_cast<long>(1e3 * options.patience_s)));
        Worker worker(*channel, chemist, worker_options(options, LeaseClass::Person));
        Reviewer reviewer(*channel, chemist, options.campaign, say);
        worker.join();
        WakeUp wake_up(options);
        while (!worker.finished()) {
            const bool settled = reviewer.round() > 0;
            const bool made = !desk_only && worker.work_once();
            if (!settled && !made) {
                wake_up.wait();
            }
        }
        say(options.name + ": the campaign is finished after " +
            std::to_string(worker.experiments()) + " experiments here");
    });
}
