// The simulated workers as programs: they outlive their daemon, and say what is wrong.
#include <fstream>
#include <memory>

#include <cupel/chemistry/data_dir.hpp>
#include <cupel/simulator/truth.hpp>

#include "catch.hpp"
#include "child_process.hpp"
#include "temp_dir.hpp"
#include "test_paths.hpp"

namespace {

using namespace cupel;
using namespace cupel::test;
using namespace std::chrono_literals;

/// cupeld with one small campaign of the virtual laboratory; starts again on the ports it had.
class Daemon {
  public:
    explicit Daemon(const std::filesystem::path& dir) : dir_(dir) { start(); }
    void kill() { process_->kill(); }
    void start() {
        std::ofstream(dir_ / "cupeld.toml")
            << "[store]\npath = \"cupel.db\"\n[bus]\ncontrol = \"" << control << "\"\nevents = \""
            << events << "\"\nheartbeat_s = 1\n[learner]\nkind = \"popularity\"\n"
            << "[campaign.lab]\npool = \"pool.jsonl\"\ndata = \"train.csv\"\n"
            << "policy = \"random\"\nbudget = 6\nopen_offers = 3\nreoffer_failed = true\n";
        process_ = std::make_unique<ChildProcess>(std::vector<std::string>{
            (bin_dir() / "cupeld").string(), "--config", (dir_ / "cupeld.toml").string()});
        control = endpoint("control ");
        events = endpoint("events ");
    }
    std::string control = "tcp://127.0.0.1:*", events = "tcp://127.0.0.1:*";

  private:
    std::string endpoint(const std::string& word) {
        const std::string line = process_->expect_line(word + "tcp://", 30s);
        return line.substr(line.find("tcp://"));
    }
    std::filesystem::path dir_;
    std::unique_ptr<ChildProcess> process_;
};

std::vector<std::string> worker(const std::string& program,
                                const std::filesystem::path& dir,
                                const Daemon& daemon,
                                std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{(bin_dir() / program).string(),
                                       "--connect",
                                       daemon.control,
                                       "--truth",
                                       (dir / "truth.csv").string(),
                                       "--campaign",
                                       "lab",
                                       "--stage-seconds",
                                       "0.05"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
}

}  // namespace

TEST_CASE("workers go on where they were when their daemon is killed and started again",
          "[system]") {
    const TempDir dir;
    simulator::LaboratoryOptions options;
    options.true_pairs = 8;
    options.decoys_per_pair = 3;
    simulator::make_laboratory(chemistry::data_dir() / "clusters.csv", dir.path(), options);
    Daemon daemon(dir.path());
    // One is woken by events, the other polls.
    ChildProcess robot(worker("cupel-sim-robot", dir.path(), daemon, {"--events", daemon.events}));
    ChildProcess person(worker("cupel-sim-person", dir.path(), daemon));
    robot.expect_line("(", 60s);  // its first result
    daemon.kill();
    daemon.start();
    std::string said;
    CHECK(robot.finish(said) == 0);
    INFO(said);
    CHECK(said.find("the campaign is finished") != std::string::npos);
    CHECK(person.finish(said) == 0);
}

TEST_CASE("a worker says in one line what is wrong with what it was given", "[system]") {
    const TempDir dir;
    const std::string program = (bin_dir() / "cupel-sim-robot").string();
    std::string said;
    SECTION("no table") {
        ChildProcess robot({program, "--truth", (dir / "none.csv").string()});
        CHECK(robot.finish(said) == 2);
        CHECK(said.find("none.csv") != std::string::npos);
    }
    SECTION("no daemon") {
        std::ofstream(dir / "truth.csv")
            << "id,formula,charge,metals,n_metal,hydride_count,inorganic_anions,ligands,status\n"
               "T1,Au25(PET)18,,Au:25,25,,,[S-]CCc1ccccc1*18,ok\n";
        ChildProcess robot({program,
                            "--truth",
                            (dir / "truth.csv").string(),
                            "--connect",
                            "tcp://127.0.0.1:1",
                            "--patience",
                            "0.2"});
        CHECK(robot.finish(said) == 1);
        CHECK(said.find("no answer from tcp://127.0.0.1:1") != std::string::npos);
    }
    SECTION("help") {
        ChildProcess robot({program, "--help"});
        CHECK(robot.finish(said) == 0);
        CHECK(said.find("Example: cupel-sim-robot") != std::string::npos);
    }
}
