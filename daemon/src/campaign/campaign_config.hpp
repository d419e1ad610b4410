// What a campaign is told to do: the keys of a [campaign.NAME] table, also of CAMPAIGN_NEW's
// config.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <cupel/domain/error.hpp>

namespace cupel::controller {

enum class Refill { Each, Batch };
enum class Supersede { Keep, Withdraw };

/// The keys of configs/cupeld.toml, section [campaign.NAME], with their defaults.
struct CampaignConfig {
    std::string pool;  ///< path of the candidate pool (JSON lines)
    std::string data;  ///< path of the table the base model is trained on; empty = none
    std::string policy = "ucb";
    int budget = 96;  ///< experiments, charged at START
    std::optional<double> budget_cost;
    int open_offers = 8;
    Refill refill = Refill::Each;
    bool review = false;
    bool review_hazards = false;             ///< review those whose candidate meets a hazard rule
    std::vector<std::string> required_tags;  ///< key `requires`: what a worker must have
    int max_unknown = 3;
    int max_attempts = 3;
    int decline_limit = 3;
    int max_failed = 3;  ///< executions of one client in a row that may fail; 0 = any number
    bool reoffer_failed = false;
    Supersede supersede = Supersede::Keep;
    double offer_ttl_s = 0.0;    ///< 0 = offers stand until they are claimed or withdrawn
    int train_every = 8;         ///< labels between warm retrainings
    double train_full_h = 24.0;  ///< hours between full ones where anything is new; 0 = never
    double cost_exponent = 0.0;  ///< b of a / c^b; 0 = cost does not matter to the choice
    double work_cost = 1.0;      ///< of an experiment beside its reagents, in the pool's unit
    std::string stock;           ///< path of the ligands at hand; empty = all
    std::vector<std::string> avoid_hazards;  ///< rules that no proposal may meet
    std::uint64_t seed = 1;
    bool start = true;  ///< RUNNING at once; false = DRAFT until CAMPAIGN_RESUME
};

/// A key that is unknown, of the wrong type or out of range. `key()` is the bare key.
class ConfigError : public InputError {
  public:
    ConfigError(std::string key, std::string problem)
        : InputError("bad_config", key + ": " + problem),
          key_(std::move(key)),
          problem_(std::move(problem)) {}
    const std::string& key() const noexcept { return key_; }
    const std::string& problem() const noexcept { return problem_; }

  private:
    std::string key_, problem_;
};

/// Reads the JSON object. Throws ConfigError naming the key, what was expected and what it got;
/// unknown keys name the nearest known one. Relative paths are taken from `base`.
CampaignConfig parse_campaign_config(const std::string& json,
                                     const std::filesystem::path& base = {});
/// The same for what a store holds: hazard rules that nobody knows (any more) are left as they are.
CampaignConfig stored_campaign_config(const std::string& json);
/// The same keys back, all of them, paths absolute.
std::string encode_campaign_config(const CampaignConfig& config);

/// The known word with the fewest edits from `word`; empty when none is near.
std::string nearest_word(std::string_view word, const std::vector<std::string>& known);

/// A campaign's name: 1 to 64 of a-z, A-Z, 0-9, and '_', '-', '.' but at its start; it is
/// part of topics.
bool is_campaign_name(std::string_view name) noexcept;

}  // namespace cupel::controller
