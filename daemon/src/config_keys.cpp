// The list of keys.
#include "config_keys.hpp"

#include "bus/endpoint_text.hpp"

namespace cupel::controller {
namespace {

constexpr const char* kPort = "a port of 1 to 65535, or * for any that is free";

std::string check_endpoint(const std::string& text) {
    return is_local_endpoint(text) ? ""
           : has_bad_port(text)
               ? kPort
               : "with auth = \"none\" a loopback or ipc endpoint (tcp://127.0.0.1:PORT)";
}

std::string check_any_endpoint(const std::string& text) {
    return is_endpoint(text)    ? ""
           : has_bad_port(text) ? kPort
                                : "an endpoint (tcp://ADDRESS:PORT or ipc://PATH)";
}

std::string check_http(const std::string& text) {
    return text.empty() || is_local_address(text) ? ""
           : has_bad_port("tcp://" + text)        ? kPort
                                                  : "\"\" or a loopback address (127.0.0.1:PORT)";
}

std::string check_device(const std::string& text) {
    const bool numbered = text.rfind("cuda:", 0) == 0 && text.size() > 5 &&
                          text.find_first_not_of("0123456789", 5) == std::string::npos;
    return text == "auto" || text == "cpu" || text == "cuda" || numbered
               ? ""
               : "\"auto\", \"cpu\", \"cuda\" or \"cuda:N\"";
}

void visit_lease(const char* section, LeaseSeconds& lease, KeyVisitor& visitor) {
    constexpr double kYear = 366.0 * 86400.0;
    visitor.section(section);
    visitor.number("claim_s", lease.claim_s, 0.1, kYear);
    visitor.number("work_s", lease.work_s, 0.1, kYear);
    visitor.number("work_cap_s", lease.work_cap_s, 0.1, kYear);
}

}  // namespace

void visit_keys(Config& config, KeyVisitor& visitor) {
    visitor.section("store");
    visitor.path("path", config.store.path);
    visitor.path("blobs", config.store.blobs);
    visitor.section("bus");
    visitor.word("auth", config.bus.auth, {"none", "curve"});
    const auto endpoint = config.bus.auth == "none" ? check_endpoint : check_any_endpoint;
    visitor.text("control", config.bus.control, endpoint);
    visitor.text("events", config.bus.events, endpoint);
    visitor.path("server_key", config.bus.server_key);
    visitor.path("allow_list", config.bus.allow_list);
    visitor.whole("heartbeat_s", config.bus.heartbeat_s, 1, 3600);
    visitor.whole("inbox", config.bus.inbox, 1, 1'000'000);
    visitor.whole("rate", config.bus.rate, 0, 1'000'000);
    visitor.whole("max_connections", config.bus.max_connections, 8, 100'000);
    visitor.section("learner");
    visitor.word("kind", config.learner.kind, {"model", "popularity"});
    visitor.program("program", config.learner.program);
    visitor.path("models", config.learner.models);
    visitor.text("device", config.learner.device, check_device);
    visitor.whole("epochs", config.learner.epochs, 0, 100'000);
    visitor.section("structure");
    visitor.program("program", config.structure.program);
    visitor.whole("memory_mb", config.structure.memory_mb, 64, 1 << 20);
    visitor.whole("cpu_s", config.structure.cpu_s, 1, 3600);
    visitor.whole("at_once", config.structure.at_once, 1, 64);
    visitor.section("leases");
    visitor.whole("max_claims", config.leases.max_claims, 1, 100'000);
    visit_lease("leases.robot", config.leases.robot, visitor);
    visit_lease("leases.person", config.leases.person, visitor);
    visit_lease("leases.facility", config.leases.facility, visitor);
    visitor.section("http");
    visitor.text("metrics", config.http.metrics, check_http);
    visitor.section("alarms");
    visitor.optional_program("command", config.alarms.command);
    visitor.whole("timeout_s", config.alarms.timeout_s, 1, 3600);
    visitor.section("log");
    visitor.word("level", config.log_level, {"debug", "info", "warning", "error"});
    visitor.word("format", config.log_format, {"text", "json"});
}

std::optional<KeyProblem> find_disagreement(const Config& config) {
    const bool any_port = config.bus.control.size() > 2 &&
                          config.bus.control.compare(config.bus.control.size() - 2, 2, ":*") == 0;
    if (config.bus.control == config.bus.events && !any_port) {
        return KeyProblem{
            "bus.events",
            "expected another endpoint than bus.control, got \"" + config.bus.events + "\""};
    }
    const std::pair<const char*, const LeaseSeconds*> classes[] = {
        {"leases.robot", &config.leases.robot},
        {"leases.person", &config.leases.person},
        {"leases.facility", &config.leases.facility}};
    for (const auto& [name, lease] : classes) {
        if (lease->work_s > lease->work_cap_s) {
            return KeyProblem{std::string(name) + ".work_s",
                              "expected at most " + std::string(name) + ".work_cap_s"};
        }
    }
    return std::nullopt;
}

}  // namespace cupel::controller
