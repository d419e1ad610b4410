// A daemon at which people type the real program.
#pragma once

#include <fstream>
#include <memory>
#include <sstream>

#include "../support.hpp"
#include "catch.hpp"
#include "daemon.hpp"
#include "learning/structure_process.hpp"
#include "program.hpp"

namespace cupel::test {

constexpr std::chrono::seconds kDeskPatience{60};

/// A daemon with one campaign, and people who type.
class Desk {
  public:
    explicit Desk(Json keys = Json::object()) {
        std::ofstream(dir / "pool.jsonl") << "";
        config_.store.path = dir / "cupel.db";
        keys["pool"] = (dir / "pool.jsonl").string();
        config_.campaigns["gold"] = keys.dump();
        open();
    }
    /// As at the first time, after daemon.reset().
    void open() {
        controller::StructureProcessOptions reader;
        reader.program = (bin_dir() / "cupel").string();
        daemon = std::make_unique<controller::Daemon>(
            config_,
            controller::Services{std::make_unique<FakeLearner>(),
                                 std::make_unique<controller::StructureProcess>(reader),
                                 {}},
            controller::Log{});
    }
    Ran type(std::vector<std::string> arguments, const std::string& client = "anna@bench") {
        return run_cupel(std::move(arguments),
                         {{"CUPEL_CONNECT", daemon->bus().control_endpoint()},
                          {"CUPEL_CLIENT", client},
                          {"TZ", "UTC"}});
    }
    Json json(std::vector<std::string> arguments, const std::string& client = "anna@bench") {
        arguments.push_back("--json");
        const Ran ran = type(arguments, client);
        INFO(ran.output);
        REQUIRE(ran.status == 0);
        return Json::parse(ran.output);
    }
    /// The id of a proposal in `state`, once there is one.
    std::string wait_for(const std::string& state) {
        const auto deadline = std::chrono::steady_clock::now() + kDeskPatience;
        while (std::chrono::steady_clock::now() < deadline) {
            const Json status = json({"status"});
            if (status["campaigns"][0]["proposals"].value(state, 0) == 0) {
                continue;
            }
            const Ran log = type({"log", "--json"});
            std::map<std::string, std::string> states;
            std::istringstream lines(log.output);
            for (std::string line; std::getline(lines, line);) {
                const Json body = Json::parse(line)["body"];
                if (body.contains("proposal") && body.contains("state")) {
                    states[body["proposal"].get<std::string>()] = body["state"].get<std::string>();
                }
            }
            for (const auto& [id, now] : states) {
                if (now == state) {
                    return id;
                }
            }
        }
        throw std::runtime_error("no proposal became " + state);
    }

    TempDir dir;
    std::unique_ptr<controller::Daemon> daemon;

  private:
    controller::Config config_ = controller::Config::isolated();
};

}  // namespace cupel::test
