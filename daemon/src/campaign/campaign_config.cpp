// Reads and writes the keys of a campaign.
#include "campaign_config.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <nlohmann/json.hpp>

#include <cupel/chemistry/hazards.hpp>

namespace cupel::controller {
namespace {

using nlohmann::json;

const std::vector<std::string> kKeys{
    "pool",        "data",         "policy",        "budget",         "budget_cost",
    "open_offers", "refill",       "review",        "review_hazards", "requires",
    "max_unknown", "max_attempts", "decline_limit", "max_failed",     "reoffer_failed",
    "supersede",   "offer_ttl_s",  "train_every",   "train_full_h",   "cost_exponent",
    "work_cost",   "stock",        "avoid_hazards", "seed",           "start"};
const std::vector<std::string> kPolicies{
    "portfolio", "ucb", "ei", "poh", "greedy", "popularity", "random"};

std::string list(const std::vector<std::string>& words) {
    std::string text;
    for (const auto& word : words) {
        text += (text.empty() ? "\"" : ", \"") + word + "\"";
    }
    return text;
}

/// Reads one key after another of an object; leaves the default when a key is absent.
class Reader {
  public:
    explicit Reader(const json& object) : object_(object) {}

    void text(const char* key, std::string& value) const {
        if (const json* found = find(key)) {
            if (!found->is_string()) {
                wrong(key, "a string", *found);
            }
            value = found->get<std::string>();
        }
    }
    void word(const char* key, std::string& value, const std::vector<std::string>& allowed) const {
        text(key, value);
        if (std::find(allowed.begin(), allowed.end(), value) == allowed.end()) {
            throw ConfigError(key, "expected one of " + list(allowed) + ", got \"" + value + "\"");
        }
    }
    void flag(const char* key, bool& value) const {
        if (const json* found = find(key)) {
            if (!found->is_boolean()) {
                wrong(key, "true or false", *found);
            }
            value = found->get<bool>();
        }
    }
    void tags(const char* key, std::vector<std::string>& value) const {
        if (const json* found = find(key)) {
            const auto is_tag = [](const json& each) {
                return each.is_string() && is_campaign_name(each.get_ref<const std::string&>());
            };
            if (!found->is_array() || found->size() > 64 ||
                !std::all_of(found->begin(), found->end(), is_tag)) {
                wrong(key, "a list of tags (letters, digits, '_', '-' or '.')", *found);
            }
            value = found->get<std::vector<std::string>>();
        }
    }
    void whole(const char* key, int& value, int low, int high) const {
        if (const json* found = find(key)) {
            const std::string range = std::to_string(low) + ".." + std::to_string(high);
            if (!found->is_number_integer() || found->get<std::int64_t>() < low ||
                found->get<std::int64_t>() > high) {
                wrong(
                    key, (found->is_number_integer() ? "" : "a whole number in ") + range, *found);
            }
            value = found->get<int>();
        }
    }
    std::optional<double> number(const char* key, double low) const {
        const json* found = find(key);
        if (found == nullptr) {
            return std::nullopt;
        }
        if (!found->is_number() || !std::isfinite(found->get<double>()) ||
            found->get<double>() < low) {
            wrong(key, "a number of at least " + json(low).dump(), *found);
        }
        return found->get<double>();
    }
    void words(const char* key, std::vector<std::string>& value) const {
        if (const json* found = find(key)) {
            const auto is_text = [](const json& one) { return one.is_string(); };
            if (!found->is_array() || !std::all_of(found->begin(), found->end(), is_text)) {
                wrong(key, "a list of strings", *found);
            }
            value = found->get<std::vector<std::string>>();
        }
    }
    void seed(const char* key, std::uint64_t& value) const {
        if (const json* found = find(key)) {
            if (!found->is_number_integer() ||
                (!found->is_number_unsigned() && found->get<std::int64_t>() < 0)) {
                wrong(key, "a whole number of at least 0", *found);
            }
            value = found->get<std::uint64_t>();
        }
    }

  private:
    const json* find(const char* key) const {
        const auto found = object_.find(key);
        return found == object_.end() || found->is_null() ? nullptr : &*found;
    }
    [[noreturn]] static void wrong(const char* key, const std::string& expected, const json& got) {
        throw ConfigError(key, "expected " + expected + ", got " + got.dump());
    }
    const json& object_;
};

std::string absolute(const std::string& path, const std::filesystem::path& base) {
    if (path.empty() || std::filesystem::path(path).is_absolute()) {
        return path;
    }
    return std::filesystem::absolute(base / path).lexically_normal().string();
}

}  // namespace

std::string nearest_word(std::string_view word, const std::vector<std::string>& known) {
    std::string best;
    std::size_t best_distance = std::max<std::size_t>(2, word.size() / 2) + 1;
    for (const auto& candidate : known) {
        // Levenshtein distance, one row at a time.
        std::vector<std::size_t> row(candidate.size() + 1);
        std::iota(row.begin(), row.end(), std::size_t{0});
        for (std::size_t i = 1; i <= word.size(); ++i) {
            std::size_t diagonal = row[0];
            row[0] = i;
            for (std::size_t j = 1; j <= candidate.size(); ++j) {
                const std::size_t changed = diagonal + (word[i - 1] == candidate[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = std::min({row[j] + 1, row[j - 1] + 1, changed});
            }
        }
        if (row.back() < best_distance) {
            best_distance = row.back();
            best = candidate;
        }
    }
    return best;
}

namespace {

CampaignConfig read_config(const std::string& text, const std::filesystem::path& base) {
    const json object = json::parse(text, nullptr, false);
    if (!object.is_object()) {
        throw ConfigError("config", "expected an object of campaign keys");
    }
    for (const auto& [key, value] : object.items()) {
        if (std::find(kKeys.begin(), kKeys.end(), key) == kKeys.end()) {
            const std::string near = nearest_word(key, kKeys);
            throw ConfigError(key,
                              "unknown key" + (near.empty() ? "" : "; did you mean " + near + "?"));
        }
    }
    CampaignConfig config;
    const Reader read(object);
    read.text("pool", config.pool);
    read.text("data", config.data);
    if (config.pool.empty()) {
        throw ConfigError("pool", "expected the path of a candidate pool, got nothing");
    }
    config.pool = absolute(config.pool, base);
    config.data = absolute(config.data, base);
    read.word("policy", config.policy, kPolicies);
    read.whole("budget", config.budget, 1, 1'000'000);
    config.budget_cost = read.number("budget_cost", 0.0);
    read.whole("open_offers", config.open_offers, 1, 1024);
    std::string refill = "each";
    read.word("refill", refill, {"each", "batch"});
    config.refill = refill == "each" ? Refill::Each : Refill::Batch;
    read.flag("review", config.review);
    read.flag("review_hazards", config.review_hazards);
    read.tags("requires", config.required_tags);
    read.whole("max_unknown", config.max_unknown, 1, 1000);
    read.whole("max_attempts", config.max_attempts, 1, 100);
    read.whole("decline_limit", config.decline_limit, 1, 1000);
    read.whole("max_failed", config.max_failed, 0, 1000);
    read.flag("reoffer_failed", config.reoffer_failed);
    std::string supersede = "keep";
    read.word("supersede", supersede, {"keep", "withdraw"});
    config.supersede = supersede == "keep" ? Supersede::Keep : Supersede::Withdraw;
    config.offer_ttl_s = read.number("offer_ttl_s", 0.0).value_or(0.0);
    read.whole("train_every", config.train_every, 1, 10'000);
    config.train_full_h = read.number("train_full_h", 0.0).value_or(config.train_full_h);
    config.cost_exponent = read.number("cost_exponent", 0.0).value_or(0.0);
    config.work_cost = read.number("work_cost", 0.0).value_or(1.0);
    read.text("stock", config.stock);
    config.stock = absolute(config.stock, base);
    read.words("avoid_hazards", config.avoid_hazards);
    read.seed("seed", config.seed);
    read.flag("start", config.start);
    return config;
}

}  // namespace

CampaignConfig parse_campaign_config(const std::string& text, const std::filesystem::path& base) {
    CampaignConfig config = read_config(text, base);
    if (config.cost_exponent > 0.0 && config.work_cost <= 0.0) {
        throw ConfigError("work_cost",
                          "expected above 0 where cost_exponent is, or what needs no new reagent "
                          "costs nothing and beats everything");
    }
    std::vector<std::string> rules;
    for (const auto& rule : chemistry::hazard_rules()) {
        rules.push_back(rule.name);
    }
    for (const auto& rule : config.avoid_hazards) {
        if (std::find(rules.begin(), rules.end(), rule) == rules.end()) {
            throw ConfigError("avoid_hazards",
                              "there is no rule \"" + rule + "\"; the rules are " + list(rules));
        }
    }
    return config;
}

CampaignConfig stored_campaign_config(const std::string& text) {
    return read_config(text, {});
}

std::string encode_campaign_config(const CampaignConfig& config) {
    json object{{"pool", config.pool},
                {"data", config.data},
                {"policy", config.policy},
                {"budget", config.budget},
                {"open_offers", config.open_offers},
                {"refill", config.refill == Refill::Each ? "each" : "batch"},
                {"review", config.review},
                {"review_hazards", config.review_hazards},
                {"requires", config.required_tags},
                {"max_unknown", config.max_unknown},
                {"max_attempts", config.max_attempts},
                {"decline_limit", config.decline_limit},
                {"max_failed", config.max_failed},
                {"reoffer_failed", config.reoffer_failed},
                {"supersede", config.supersede == Supersede::Keep ? "keep" : "withdraw"},
                {"offer_ttl_s", config.offer_ttl_s},
                {"train_every", config.train_every},
                {"train_full_h", config.train_full_h},
                {"cost_exponent", config.cost_exponent},
                {"work_cost", config.work_cost},
                {"stock", config.stock},
                {"avoid_hazards", config.avoid_hazards},
                {"seed", config.seed},
                {"start", config.start}};
    if (config.budget_cost) {
        object["budget_cost"] = *config.budget_cost;
    }
    return object.dump();
}

bool is_campaign_name(std::string_view name) noexcept {
    constexpr std::string_view kAllowed =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
    return !name.empty() && name.size() <= 64 && name.find_first_of("_-.") != 0 &&
           name.find_first_not_of(kAllowed) == std::string_view::npos;
}

}  // namespace cupel::controller
