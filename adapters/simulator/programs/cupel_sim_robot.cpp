// cupel-sim-robot: a robot of the virtual laboratory; claims what is offered and makes it.
#include "../src/client_channel.hpp"
#include "../src/worker.hpp"
#include "bench_options.hpp"
#include "wake_up.hpp"

int main(int argc, char** argv) {
    using namespace cupel;
    using namespace cupel::simulator;
    CLI::App app{
        "A simulated robot: claims offers, works, and returns what came of it, until its campaign "
        "is finished.",
        "cupel-sim-robot"};
    BenchOptions options;
    options.name = "sim-robot";
    add_bench_options(app, options);
    app.footer(
        "Example: cupel-sim-robot --connect tcp://127.0.0.1:5870 --events tcp://127.0.0.1:5871 "
        "--truth demo/truth.csv --campaign demo");
    return run_bench(app, argc, argv, [&] {
        Chemist chemist(Truth::load(options.truth), options.seed);
        const auto channel =
            connect(options.connect,
                    std::chrono::milliseconds(static_cast<long>(1e3 * options.patience_s)));
        Worker worker(*channel, chemist, worker_options(options, LeaseClass::Robot));
        worker.join();
        WakeUp wake_up(options);
        while (!worker.finished()) {
            if (!worker.work_once()) {
                wake_up.wait();
            }
        }
        say(options.name + ": the campaign is finished after " +
            std::to_string(worker.experiments()) + " experiments here");
    });
}
