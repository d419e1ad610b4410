// What the demo writes for its daemon, and the commands that go on from there.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "demo_run.hpp"

namespace cupel::simulator {

struct DemoEndpoints {
    std::string control, events;
};

/// Ports `port` and the next one on loopback; any two free ones when `port` is 0 or taken.
DemoEndpoints choose_endpoints(int port);

/// The daemon's TOML file: one campaign over the laboratory's files, which stand beside it.
std::string demo_config(const DemoOptions& options,
                        const DemoEndpoints& endpoints,
                        const std::string& campaign);

/// Arguments that verify the store of the run in `out`; the first is a program's bare name.
std::vector<std::string> demo_verify_command(const std::filesystem::path& out);

/// What a reader may type next, from the folder they are in; `proposal` is one worth asking about.
std::vector<std::string> demo_commands(const DemoOptions& options,
                                       const DemoEndpoints& endpoints,
                                       const std::filesystem::path& programs,
                                       const std::string& proposal);

}  // namespace cupel::simulator
