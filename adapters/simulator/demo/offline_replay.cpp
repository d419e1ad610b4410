// Reads runs and averages them.
#include "offline_replay.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>

#include <nlohmann/json.hpp>

#include <cupel/domain/error.hpp>

namespace cupel::simulator {
namespace {

PolicyCurve average(const nlohmann::json& policy) {
    PolicyCurve curve;
    curve.policy = policy.at("policy").get<std::string>();
    const auto runs = policy.at("runs").get<std::vector<std::vector<double>>>();
    curve.seeds = static_cast<int>(runs.size());
    std::size_t longest = 0;
    for (const auto& run : runs) {
        longest = std::max(longest, run.size());
    }
    const auto n = static_cast<double>(runs.size());
    for (std::size_t i = 0; i < longest; ++i) {
        double sum = 0.0;
        double squares = 0.0;
        for (const auto& run : runs) {
            // A run that emptied its pool stays where it ended.
            const double value = run.empty() ? 0.0 : run[std::min(i, run.size() - 1)];
            sum += value;
            squares += value * value;
        }
        const double mean = sum / n;
        const double variance = n > 1 ? std::max(0.0, (squares - n * mean * mean) / (n - 1)) : 0.0;
        curve.mean.push_back(mean);
        curve.se.push_back(std::sqrt(variance / n));
    }
    return curve;
}

}  // namespace

const PolicyCurve* OfflineReplay::find(const std::string& policy) const {
    const auto found = std::find_if(
        policies.begin(), policies.end(), [&](const PolicyCurve& c) { return c.policy == policy; });
    return found == policies.end() ? nullptr : &*found;
}

OfflineReplay read_offline_replay(const std::filesystem::path& path) {
    std::ifstream file(path);
    OfflineReplay replay;
    try {
        const auto json = nlohmann::json::parse(file);
        replay.candidates = json.at("candidates").get<int>();
        replay.hits_in_pool = json.at("hits_in_pool").get<int>();
        replay.first_seed = json.at("first_seed").get<std::uint64_t>();
        for (const auto& policy : json.at("policies")) {
            replay.policies.push_back(average(policy));
        }
    } catch (const nlohmann::json::exception& error) {
        throw InputError("bad_replay", path.string() + ": is no replay: " + error.what());
    }
    return replay;
}

}  // namespace cupel::simulator
