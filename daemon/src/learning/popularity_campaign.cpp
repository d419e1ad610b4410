// Counting, scoring and picking.
#include "popularity_campaign.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <optional>
#include <random>
#include <set>
#include <sstream>
#include <unordered_set>
#include <utility>

#include <nlohmann/json.hpp>

#include <cupel/chemistry/hazards.hpp>
#include <cupel/chemistry/stock.hpp>
#include <cupel/codec/pool_file.hpp>
#include <cupel/domain/error.hpp>
#include <cupel/domain/sha256.hpp>

#include "reported_neighbours.hpp"

namespace cupel::controller {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kBaseRate = PopularityCampaign::kBaseRate;
constexpr std::size_t kNeighbours = 3;
constexpr double kFormed = 0.5;  ///< from here on a pair label says that a cluster formed

struct PoolEntry {
    Candidate candidate;
    std::string key;                   ///< identity key
    std::string core, ligands;         ///< their learning keys
    std::string pair;                  ///< learning key: both
    std::vector<std::string> hazards;  ///< rules it meets: the file's `flags`, else worked out
    double cost = 1.0;
};

/// A pair made under these conditions.
std::string under(const std::string& pair, const std::map<std::string, std::string>& conditions) {
    std::string text = pair + "\nunder";
    for (const auto& [name, value] : conditions) {
        text += "\n" + name + "=" + value;
    }
    return text;
}

std::string text_of(double value, const char* format) {
    char text[64];
    std::snprintf(text, sizeof(text), format, value);
    return text;
}

std::string bytes_of(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

/// `repeated`: candidates that the file names again.
std::vector<PoolEntry> load_pool(const std::string& file,
                                 ReportedNeighbours& neighbours,
                                 std::size_t& repeated) {
    std::vector<PoolEntry> pool;
    chemistry::HazardLookup hazards;
    repeated = codec::read_pool_file(file, [&](codec::PoolLine line) {
        PoolEntry entry;
        entry.hazards = line.flags ? std::move(*line.flags) : hazards.of(line.candidate);
        entry.candidate = std::move(line.candidate);
        entry.key = std::move(line.key);
        entry.cost = line.cost;
        entry.core = core_learning_key(entry.candidate.core);
        entry.ligands = ligand_set_learning_key(entry.candidate.ligands);
        entry.pair = learning_key(entry.candidate);
        neighbours.prepare(entry.candidate);
        pool.push_back(std::move(entry));
    });
    return pool;
}

double rate_of(const SlotCount& count) {
    return (count.hits + 2 * kBaseRate) / (count.tries + 2);
}

double score_of(const SlotCount& core, const SlotCount& ligands) {
    return std::log(rate_of(core)) + std::log(rate_of(ligands));
}

struct Prediction {
    double p = 0.0;           ///< the two rates joined as independent evidence, prior p0
    double popularity = 0.0;  ///< logit share: the score against that of a pair never seen
    double deviation = 0.0;   ///< of the logit; the rates taken as means of Beta distributions
};

Prediction predict(const SlotCount& core, const SlotCount& ligands) {
    Prediction result;
    double variance = 0.0;
    for (const SlotCount* slot : {&core, &ligands}) {
        const double rate = rate_of(*slot);
        result.popularity += std::log(rate / kBaseRate);
        variance += (1.0 - rate) / (rate * (slot->tries + 3.0));
    }
    const double logit = std::log(kBaseRate / (1.0 - kBaseRate)) + result.popularity;
    result.p = 1.0 / (1.0 + std::exp(-logit));
    result.deviation = std::sqrt(variance);
    return result;
}

std::string made(const SlotCount& count) {
    return count.tries <= 0.0
               ? "never tried"
               : "made " + text_of(count.hits, "%.4g") + " of " + text_of(count.tries, "%.4g");
}

std::string summary(const Candidate& candidate, const SlotCount& core, const SlotCount& ligands) {
    return "core " + candidate.core.formula() + " " + made(core) + ", these ligands " +
           made(ligands);
}

Json to_json(const std::string& key, const SlotCount& count) {
    return {{"key", key}, {"hits", count.hits}, {"tries", count.tries}};
}

Json to_json(const std::vector<Neighbour>& nearest) {
    Json result = Json::array();
    for (const auto& n : nearest) {
        result.push_back({{"name", n.name}, {"source", n.source}, {"similarity", n.similarity}});
    }
    return result;
}

}  // namespace

struct PopularityCampaign::Impl {
    LearningTask task;
    std::vector<PoolEntry> pool;
    std::string pool_hash;
    std::string warning;
    std::vector<std::string> known_rows;                          ///< learning keys, as in the file
    std::unordered_set<std::string> known;                        ///< the same, each once
    std::map<std::string, SlotCount> known_cores, known_ligands;  ///< of the table
    std::map<std::string, SlotCount> cores, ligands;              ///< with the labels
    std::vector<LearnerLabel> labels;
    std::unique_ptr<ReportedNeighbours> neighbours;
    std::string trained;  ///< model after the last training

    static SlotCount count_in(const std::map<std::string, SlotCount>& table,
                              const std::string& key) {
        const auto found = table.find(key);
        return found == table.end() ? SlotCount{} : found->second;
    }
    SlotCount core_count(const PoolEntry& entry) const { return count_in(cores, entry.core); }
    SlotCount ligand_count(const PoolEntry& entry) const {
        return count_in(ligands, entry.ligands);
    }

    void load_table() {
        const auto clusters = task.data.empty() ? std::vector<chemistry::ReportedCluster>{}
                                                : chemistry::load_reported_table(task.data);
        neighbours = std::make_unique<ReportedNeighbours>(clusters);
        for (const auto& cluster : clusters) {
            known_rows.push_back(learning_key(cluster.candidate));
            if (known.insert(known_rows.back()).second) {
                for (SlotCount* slot :
                     {&known_cores[core_learning_key(cluster.candidate.core)],
                      &known_ligands[ligand_set_learning_key(cluster.candidate.ligands)]}) {
                    slot->hits += 1;
                    slot->tries += 1;
                }
            }
        }
        cores = known_cores;
        ligands = known_ligands;
    }

    static bool stocked(const PoolEntry& entry, const std::optional<chemistry::Stock>& stock) {
        const auto& ligands = entry.candidate.ligands;
        return !stock || std::all_of(ligands.begin(), ligands.end(), [&](const auto& one) {
            return stock->find(one.ligand.smiles) != nullptr;
        });
    }
    void leave_out_hazards() {
        const std::set<std::string> avoided(task.avoid_hazards.begin(), task.avoid_hazards.end());
        const auto meets_one = [&](const PoolEntry& entry) {
            return std::any_of(entry.hazards.begin(), entry.hazards.end(), [&](const auto& rule) {
                return avoided.count(rule) != 0;
            });
        };
        pool.erase(std::remove_if(pool.begin(), pool.end(), meets_one), pool.end());
    }

    void warn(const std::string& line) { warning += (warning.empty() ? "" : "; ") + line; }

    /// Known pairs are answered already: they are not proposed, and that is said once.
    void speak_of_known() {
        const auto left_out = std::count_if(pool.begin(), pool.end(), [&](const PoolEntry& entry) {
            return known.count(entry.pair) != 0;
        });
        if (left_out > 0) {
            warn(std::to_string(left_out) + " of the " + std::to_string(pool.size()) +
                 " candidates are not proposed: the data report their core with these ligands "
                 "already");
        }
    }

    /// Places of the candidates that may be picked, best first, each with its score.
    std::vector<std::pair<double, std::size_t>> ranked(
        const SuggestRequest& request, const std::optional<chemistry::Stock>& stock) const {
        std::unordered_set<std::string> taken(request.pending.begin(), request.pending.end());
        taken.insert(request.excluded.begin(), request.excluded.end());
        // Counts are left out of what is scored: with others a measured pair would be the same
        // pick.
        std::unordered_set<std::string> pairs = known;
        for (const auto& label : labels) {
            taken.insert(label.identity_key);
            if (label.pair) {
                // What failed did so under its conditions.
                pairs.insert(*label.pair < kFormed
                                 ? under(label.learning_key, label.candidate.conditions)
                                 : label.learning_key);
            }
        }
        const std::unordered_set<std::string> pending(request.pending.begin(),
                                                      request.pending.end());
        for (const auto& entry : pool) {
            if (pending.count(entry.key) != 0) {
                pairs.insert(entry.pair);
            }
        }
        std::mt19937_64 random(request.seed);
        struct Ranked {
            double score, noise;
            std::size_t place;
        };
        std::vector<Ranked> all;
        for (std::size_t i = 0; i < pool.size(); ++i) {
            // Every candidate draws, so that what is taken does not move the others' luck.
            const double noise = static_cast<double>(random() >> 11) * 0x1p-53;
            if (taken.count(pool[i].key) == 0 && pairs.count(pool[i].pair) == 0 &&
                pairs.count(under(pool[i].pair, pool[i].candidate.conditions)) == 0 &&
                stocked(pool[i], stock)) {
                const double score = task.policy == "random"
                                         ? noise
                                         : score_of(core_count(pool[i]), ligand_count(pool[i]));
                all.push_back({score, noise, i});
            }
        }
        std::sort(all.begin(), all.end(), [](const Ranked& a, const Ranked& b) {
            return a.score != b.score   ? a.score > b.score
                   : a.noise != b.noise ? a.noise > b.noise
                                        : a.place < b.place;
        });
        std::vector<std::pair<double, std::size_t>> result;
        for (const auto& one : all) {
            result.emplace_back(one.score, one.place);
        }
        return result;
    }
};

void PopularityCampaign::require(const std::string& policy, double cost_exponent) {
    if (policy != "popularity" && policy != "random") {
        throw ConfigError("policy",
                          "\"" + policy +
                              "\" needs cupel-learner; without it (learner.kind \"popularity\") "
                              "the policies are \"popularity\" and \"random\"");
    }
    if (cost_exponent > 0.0) {
        throw ConfigError("cost_exponent",
                          "needs cupel-learner: popularity alone does not look at cost");
    }
}

PopularityCampaign::PopularityCampaign(const LearningTask& task) : impl_(std::make_unique<Impl>()) {
    require(task.policy, task.cost_exponent);
    impl_->task = task;
    impl_->load_table();
    std::size_t repeated = 0;
    impl_->pool = load_pool(task.pool, *impl_->neighbours, repeated);
    if (repeated > 0) {
        impl_->warn("the pool names " + std::to_string(repeated) +
                    " of its candidates again; each counts once");
    }
    impl_->leave_out_hazards();
    impl_->speak_of_known();
    impl_->pool_hash = sha256_hex(bytes_of(task.pool));
    impl_->trained = model();
}
PopularityCampaign::PopularityCampaign(PopularityCampaign&&) noexcept = default;
PopularityCampaign& PopularityCampaign::operator=(PopularityCampaign&&) noexcept = default;
PopularityCampaign::~PopularityCampaign() = default;

std::size_t PopularityCampaign::candidates() const {
    return impl_->pool.size();
}

const std::string& PopularityCampaign::warning() const {
    return impl_->warning;
}

std::string PopularityCampaign::model() const {
    Sha256 sha;
    sha.update("popularity 1\np0 " + text_of(kBaseRate, "%.17g") + "\n");
    const auto add = [&sha](const char* slot, const std::map<std::string, SlotCount>& table) {
        for (const auto& [key, count] : table) {
            sha.update(slot + (" " + key) + " " + text_of(count.hits, "%.17g") + " " +
                       text_of(count.tries, "%.17g") + "\n");
        }
    };
    add("core", impl_->cores);
    add("ligands", impl_->ligands);
    return sha.hex();
}

std::string PopularityCampaign::data_snapshot() const {
    Sha256 sha;
    for (const auto& key : impl_->known_rows) {
        sha.update("known " + key + "\n");
    }
    for (const auto& label : impl_->labels) {
        sha.update(
            "label " + label.identity_key + " " + text_of(label.pair.value_or(-1.0), "%.6f") + " " +
            text_of(label.target.value_or(-1.0), "%.6f") + (label.provisional ? " p\n" : "\n"));
    }
    return sha.hex();
}

std::vector<std::string> PopularityCampaign::data_keys() const {
    std::set<std::string> keys(impl_->known_rows.begin(), impl_->known_rows.end());
    for (const auto& label : impl_->labels) {
        keys.insert(label.learning_key);
    }
    return {keys.begin(), keys.end()};
}

void PopularityCampaign::observe(const std::vector<LearnerLabel>& labels) {
    Impl& m = *impl_;
    m.labels = labels;
    m.cores = m.known_cores;
    m.ligands = m.known_ligands;
    for (const auto& label : labels) {
        const auto hit = label.pair ? label.pair : label.target;
        if (!hit) {
            continue;
        }
        for (SlotCount* slot : {&m.cores[core_learning_key(label.candidate.core)],
                                &m.ligands[ligand_set_learning_key(label.candidate.ligands)]}) {
            const double tries = label.provisional ? 0.5 : 1.0;
            slot->hits += tries * *hit;
            slot->tries += tries;
        }
    }
}

std::string PopularityCampaign::train(const std::vector<LearnerLabel>& labels) {
    observe(labels);
    return std::exchange(impl_->trained, model());
}

Suggestion PopularityCampaign::suggest(const SuggestRequest& request) {
    Impl& m = *impl_;
    observe(request.labels);
    Suggestion suggestion{model(), data_snapshot(), m.task.policy, kKernel, {}};
    // Read each time: the shelf changes while the campaign runs.
    const auto stock = m.task.stock.empty() ? std::optional<chemistry::Stock>()
                                            : chemistry::Stock::load(m.task.stock);
    const auto ranked = m.ranked(request, stock);
    const std::size_t count =
        std::min(ranked.size(), static_cast<std::size_t>(std::max(0, request.count)));
    for (std::size_t rank = 0; rank < count; ++rank) {
        const PoolEntry& entry = m.pool[ranked[rank].second];
        const SlotCount core = m.core_count(entry);
        const SlotCount ligands = m.ligand_count(entry);
        const Prediction prediction = predict(core, ligands);
        Pick pick;
        pick.key = entry.key;
        pick.candidate = entry.candidate;
        pick.cost = stock ? stock->cost(entry.candidate.ligands) : entry.cost;
        pick.p = prediction.p;
        pick.popularity = prediction.popularity;
        pick.uncertainty = prediction.deviation;
        pick.score = ranked[rank].first;
        pick.nearest = m.neighbours->nearest(entry.candidate, kNeighbours);
        pick.reason = m.task.policy + (m.task.policy == "random" ? ": drawn by chance; " : ": ") +
                      summary(entry.candidate, core, ligands) + "; p = " + text_of(pick.p, "%.2f");
        if (!pick.nearest.empty()) {
            pick.reason += "; nearest known " + pick.nearest[0].name;
        }
        Json input;
        input["model"] = suggestion.model;
        input["data_snapshot"] = suggestion.data_snapshot;
        input["pool"] = m.pool_hash;
        input["policy"] = m.task.policy;
        input["seed"] = request.seed;
        input["rank"] = rank;
        input["p0"] = kBaseRate;
        input["core"] = to_json(entry.core, core);
        input["ligands"] = to_json(entry.ligands, ligands);
        input["pending"] = request.pending;
        input["kernel"] = kKernel;
        pick.acquisition_input = input.dump();
        suggestion.picks.push_back(std::move(pick));
    }
    return suggestion;
}

std::string PopularityCampaign::why(const Candidate& candidate,
                                    const std::string& acquisition_input) const {
    const Impl& m = *impl_;
    std::string name = model();
    SlotCount core = Impl::count_in(m.cores, core_learning_key(candidate.core));
    SlotCount ligands = Impl::count_in(m.ligands, ligand_set_learning_key(candidate.ligands));
    if (!acquisition_input.empty()) {
        try {
            const auto input = nlohmann::json::parse(acquisition_input);
            const auto read = [&input](const char* slot) {
                return SlotCount{input.at(slot).at("hits").get<double>(),
                                 input.at(slot).at("tries").get<double>()};
            };
            name = input.at("model").get<std::string>();
            core = read("core");
            ligands = read("ligands");
        } catch (const nlohmann::json::exception& error) {
            throw InputError(
                "bad_message",
                std::string("acquisition_input is not what the popularity service gave: ") +
                    error.what());
        }
    }
    const Prediction prediction = predict(core, ligands);
    Json json;
    json["model"] = name;
    json["p"] = prediction.p;
    json["interaction"] = 0.0;
    json["popularity"] = prediction.popularity;
    json["uncertainty"] = {{"logit_deviation", prediction.deviation}};
    json["score"] = score_of(core, ligands);
    json["nearest"] = to_json(m.neighbours->nearest(candidate, kNeighbours));
    json["text"] = candidate.name() + ": " + summary(candidate, core, ligands) +
                   "; p = " + text_of(prediction.p, "%.3f") + " from popularity alone";
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace cupel::controller
