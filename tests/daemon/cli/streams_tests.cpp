// The programs with standard streams that whoever started them had closed.
#include <csignal>
#include <fstream>

#include "catch.hpp"
#include "program.hpp"
#include "temp_dir.hpp"

using namespace cupel::test;

TEST_CASE("cupeld serves with its standard streams closed", "[cli]") {
    const TempDir dir;
    const std::string control = "ipc://" + (dir / "control").string();
    const std::string file = (dir / "cupeld.toml").string();
    std::ofstream(file) << "[bus]\ncontrol = \"" << control << "\"\nevents = \"ipc://"
                        << (dir / "events").string() << "\"\n[learner]\nkind = \"popularity\"\n";
    for (const std::string closed : {"2>&-", "<&- >&- 2>&-"}) {
        INFO(closed);
        ChildProcess daemon({"/bin/sh",
                             "-c",
                             "exec \"$0\" --config \"$1\" " + closed,
                             (bin_dir() / "cupeld").string(),
                             file});
        const Ran status = run_cupel({"status", "--connect", control, "--timeout", "60"});
        INFO(status.output);
        CHECK(status.status == 0);
        daemon.send(SIGTERM);
        CHECK(daemon.wait() == 0);
    }
}

TEST_CASE("cupel fails when what it says can reach nobody", "[cli]") {
    const TempDir dir;
    const std::string file = (dir / "cupel.toml").string();
    ChildProcess program({"/bin/sh",
                          "-c",
                          "exec \"$0\" campaign init --yes -o \"$1\" >&-",
                          (bin_dir() / "cupel").string(),
                          file});
    std::string said;
    CHECK(program.finish(said) == 1);
    CHECK(said.find("standard output cannot be written") != std::string::npos);
}
