// The demo's configuration file, ports and closing words.
#include "demo_config.hpp"

#include <cstdint>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cupel/domain/error.hpp>

namespace cupel::simulator {
namespace {

namespace fs = std::filesystem;

/// A loopback port held until the object goes, so that two of them differ.
class HeldPort {
  public:
    explicit HeldPort(int port) : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        const int on = 1;
        ::setsockopt(descriptor_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(static_cast<std::uint16_t>(port));
        socklen_t size = sizeof address;
        auto* generic = reinterpret_cast<sockaddr*>(&address);
        if (::bind(descriptor_, generic, size) == 0 &&
            ::getsockname(descriptor_, generic, &size) == 0) {
            port_ = ntohs(address.sin_port);
        }
    }
    ~HeldPort() { ::close(descriptor_); }
    HeldPort(const HeldPort&) = delete;
    HeldPort& operator=(const HeldPort&) = delete;
    /// 0 when it could not be had.
    int port() const { return port_; }

  private:
    int descriptor_ = -1;
    int port_ = 0;
};

std::string endpoint(int port) {
    return "tcp://127.0.0.1:" + std::to_string(port);
}

/// As short as it can be typed here.
std::string typed(const fs::path& path) {
    const auto near = path.lexically_proximate(fs::current_path());
    const bool inside = !near.empty() && *near.begin() != "..";
    return (inside ? near : path).string();
}

}  // namespace

DemoEndpoints choose_endpoints(int port) {
    if (port > 0) {
        const HeldPort control(port), events(port + 1);
        if (control.port() != 0 && events.port() != 0) {
            return {endpoint(port), endpoint(port + 1)};
        }
    }
    const HeldPort control(0), events(0);
    if (control.port() == 0 || events.port() == 0) {
        throw Error("no free port on 127.0.0.1");
    }
    return {endpoint(control.port()), endpoint(events.port())};
}

std::string demo_config(const DemoOptions& options,
                        const DemoEndpoints& endpoints,
                        const std::string& campaign) {
    std::string text =
        "# Written by cupel-demo: the daemon of its run. Paths are beside this file.\n";
    text += "[store]\npath = \"run/cupel.db\"\n\n";
    text += "[bus]\ncontrol = \"" + endpoints.control + "\"\nevents = \"" + endpoints.events +
            "\"\nheartbeat_s = 1\n\n";
    text += "[learner]\nkind = \"" + options.learner + "\"\nmodels = \"run/models\"\n\n";
    text += "[campaign." + campaign + "]\npool = \"pool.jsonl\"\ndata = \"train.csv\"\n";
    text += "policy = \"" + options.policy + "\"\nbudget = " + std::to_string(options.budget) +
            "\nopen_offers = " + std::to_string(options.batch) +
            "\ntrain_every = " + std::to_string(options.batch) +
            "\nreoffer_failed = true\nseed = " + std::to_string(options.seed) + "\n";
    return text;
}

std::vector<std::string> demo_verify_command(const fs::path& out) {
    return {"cupel", "verify", "--store", (out / "run" / "cupel.db").string()};
}

std::vector<std::string> demo_commands(const DemoOptions& options,
                                       const DemoEndpoints& endpoints,
                                       const fs::path& programs,
                                       const std::string& proposal) {
    const fs::path out = fs::absolute(options.out).lexically_normal();
    const auto program = [&](const char* name) { return typed(programs / name); };
    const std::string at =
        endpoints.control == "tcp://127.0.0.1:5870" ? "" : " --connect " + endpoints.control;
    std::vector<std::string> commands{
        program("cupel") + " verify --store " + typed(out / "run" / "cupel.db"),
        program("cupeld") + " --config " + typed(out / "demo.toml") +
            " &   # the finished campaign, served again",
        program("cupel") + " status" + at};
    if (!proposal.empty()) {
        commands.push_back(program("cupel") + " why " + proposal + at);
    }
    commands.push_back(program("cupel") + " structure " + typed(out / "structures") + "/*.cif");
    commands.push_back(program("cupel-demo") + " --seed " + std::to_string(options.seed + 1) +
                       " --out " + typed(out) + "   # another laboratory");
    return commands;
}

}  // namespace cupel::simulator
