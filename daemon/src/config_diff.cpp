// Comparing configurations key by key.
#include "config_diff.hpp"

#include <nlohmann/json.hpp>

#include "daemon_config.hpp"

namespace cupel::controller {

namespace {

nlohmann::json without_files(const std::string& keys) {
    auto config = nlohmann::json::parse(keys);
    config.erase("pool");
    config.erase("data");
    return config;
}

}  // namespace

std::vector<std::string> differences(const Config& running, const Config& wanted) {
    std::vector<std::string> lines;
    const auto before = key_values(running);
    for (const auto& [key, value] : key_values(wanted)) {
        // The level of the log belongs to whoever owns the sink.
        if (before.at(key) != value && key != "log.level") {
            lines.push_back(key + ": " + value + " needs a restart; " + before.at(key) + " stays");
        }
    }
    for (const auto& [name, keys] : wanted.campaigns) {
        const auto known = running.campaigns.find(name);
        if (known == running.campaigns.end() || known->second == keys) {
            continue;
        }
        lines.push_back("campaign." + name +
                        (without_files(known->second) == without_files(keys)
                             ? ": pool and data are taken over at the next start"
                             : ": a campaign keeps the keys it was made with, but for pool and "
                               "data, which are taken over at the next start; use another name"));
    }
    for (const auto& [name, keys] : running.campaigns) {
        if (wanted.campaigns.count(name) == 0) {
            lines.push_back("campaign." + name +
                            ": is no longer in the file, and goes on as it was; cupel campaign "
                            "stop " +
                            name + " ends it");
        }
    }
    return lines;
}

}  // namespace cupel::controller
