// Comparing configurations key by key.
#include "config_diff.hpp"

#include "daemon_config.hpp"

namespace cupel::controller {

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
        if (known != running.campaigns.end() && known->second != keys) {
            lines.push_back("campaign." + name +
                            ": a campaign keeps the keys it was made with; use another name");
        }
    }
    return lines;
}

}  // namespace cupel::controller
