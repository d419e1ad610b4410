// Opens, observes, suggests and explains for one campaign.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include <nlohmann/json.hpp>

#include <cupel/domain/error.hpp>
#include <cupel/domain/sha256.hpp>
#include <cupel/workbench/acquisition_policy.hpp>
#include <cupel/workbench/baselines.hpp>
#include <cupel/workbench/blas_kernel.hpp>
#include <cupel/workbench/campaign_session.hpp>
#include <cupel/workbench/dataset.hpp>
#include <cupel/workbench/diversity.hpp>

#include "anchor.hpp"
#include "campaign_session_impl.hpp"

namespace cupel::workbench {
namespace {

/// From here on a pair label says that a cluster formed; what failed did so under its conditions.
constexpr double kFormed = 0.5;
constexpr std::size_t kRecalled = 4;  ///< models kept at hand for why()

std::string file_bytes(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

/// Empty without any: then they are no part of what a base model is for.
std::string first_weights(const learner::LearnerOptions& options) {
    return options.pretrained ? "first weights " + learner::hash_arrays(*options.pretrained) + "\n"
                              : "";
}

std::string fixed(double value, int digits) {
    char text[64];
    std::snprintf(text, sizeof(text), "%.*f", digits, value);
    return text;
}

}  // namespace

CampaignSession::Impl::Impl(const SessionOptions& o, const learner::ProgressCallback& progress)
    : options(o),
      data(load_dataset(o.data)),
      anchor(anchor_of_known(data)),
      model(first_model(progress)) {
    if (options.cost_exponent > 0.0 && !(options.work_cost > 0.0)) {
        options.work_cost = SessionOptions{}.work_cost;
        warn(
            "work_cost is 0: what needs no new reagent would cost nothing and beat everything; 1 "
            "is "
            "taken");
    }
    std::size_t repeated = 0;
    pool = load_pool(options.pool, data.catalogue, &repeated);
    if (repeated > 0) {
        warn("the pool names " + std::to_string(repeated) +
             " of its candidates again; each counts once");
    }
    pool_hash = sha256_hex(file_bytes(options.pool));
    index_pool();
    leave_out_known();
    nearest = std::make_unique<NearestNeighbour>(data.catalogue, data.known);
    for (std::size_t i = 0; i < data.rows.size(); ++i) {
        first_row.emplace(data.rows[i].pair, i);
    }
    refresh();
}

/// What no suggestion changes is looked up once.
void CampaignSession::Impl::index_pool() {
    const std::set<std::string> avoided(options.avoid_hazards.begin(), options.avoid_hazards.end());
    std::map<std::string, std::size_t> places;
    for (std::size_t i = 0; i < pool.size(); ++i) {
        const PoolEntry& entry = pool[i];
        place_of[entry.identity_key] = i;
        pool_pairs.push_back(entry.pair);
        pool_allowed.push_back(
            std::none_of(entry.hazards.begin(), entry.hazards.end(), [&](const std::string& rule) {
                return avoided.count(rule) != 0;
            }));
        const auto& ligands = entry.candidate.ligands;
        pool_reagents.emplace_back();
        for (const auto& one : ligands) {
            const auto [place, is_new] = places.emplace(one.ligand.smiles, reagents.size());
            if (is_new) {
                reagents.push_back(one.ligand.smiles);
                // Without a stock the pool says what a candidate costs, not what a ligand does.
                reagent_costs.push_back(entry.cost / static_cast<double>(ligands.size()));
            }
            pool_reagents.back().push_back(place->second);
        }
    }
    pool_groups = workbench::pool_groups(data.catalogue, pool_pairs);
}

void CampaignSession::Impl::leave_out_known() {
    const std::set<learner::Pair> known(data.known.begin(), data.known.end());
    std::size_t left_out = 0;
    for (std::size_t i = 0; i < pool.size(); ++i) {
        if (known.count(pool_pairs[i]) != 0) {
            pool_allowed[i] = 0;
            ++left_out;
        }
    }
    if (left_out > 0) {
        warn(std::to_string(left_out) + " of the " + std::to_string(pool.size()) +
             " candidates are not proposed: the data report their core with these ligands already");
    }
}

void CampaignSession::Impl::warn(const std::string& line) {
    warning += (warning.empty() ? "" : "; ") + line;
}

learner::Learner CampaignSession::Impl::first_model(const learner::ProgressCallback& progress) {
    if (options.model.empty()) {
        return base_model(progress);
    }
    try {
        return learner::Learner::load(options.models, options.model, options.learner);
    } catch (const InputError& error) {
        if (error.code() != "no_model" && error.code() != "old_model") {
            throw;
        }
        warn("model " + options.model.substr(0, 12) + " in " + options.models.string() +
             " cannot be used (" + error.what() + "); the campaign goes on from the base model");
        return base_model(progress);
    }
}

learner::Learner CampaignSession::Impl::base_model(const learner::ProgressCallback& progress) {
    const std::string purpose = "base 3\n" + options.learner.text() + "\n" +
                                sha256_hex(file_bytes(options.data)) + "\n" + kAnchorRule + "\n" +
                                first_weights(options.learner);
    const auto mark = options.models / ("base-" + sha256_hex(purpose).substr(0, 32) + ".txt");
    std::string name;
    if (std::ifstream(mark) >> name &&
        std::filesystem::exists(options.models / (name + ".model"))) {
        return learner::Learner::load(options.models, name, options.learner);
    }
    auto trained =
        learner::Learner::train(data.catalogue, known_part(false), {}, options.learner, progress);
    const std::string hash = trained.save(options.models);
    std::ofstream(mark) << hash << '\n';
    if (!known_part(true).empty()) {
        note_kept_anchor(options.models, trained.encoder_hash());
    }
    return trained;
}

void CampaignSession::Impl::refresh() {
    const std::string encoder = model.encoder_hash();
    if (encoder == encoded_by) {
        return;
    }
    std::swap(pool_features, former_features);
    std::swap(encoded_by, formerly_encoded_by);
    if (encoder != encoded_by) {
        pool_features = model.pair_features(data.catalogue, pool_pairs);
        encoded_by = encoder;
    }
}

const learner::Learner& CampaignSession::Impl::recall(const std::string& name) {
    const auto found = recalled.find(name);
    if (found != recalled.end()) {
        return found->second;
    }
    if (recalled.size() >= kRecalled) {
        recalled.clear();
    }
    return recalled.emplace(name, learner::Learner::load(options.models, name, options.learner))
        .first->second;
}

void CampaignSession::Impl::take(const std::vector<SessionLabel>& from) {
    labels.clear();
    formed.clear();
    failed.clear();
    set_aside.clear();
    learner::PrequentialCalibration calibration;
    for (const auto& label : from) {
        try {
            if (label.pair || label.target) {
                const auto pair = add_candidate(data.catalogue, label.candidate);
                if (label.pair && *label.pair < kFormed) {
                    failed.emplace(pair, label.candidate.conditions);
                } else if (label.pair) {
                    formed.insert(pair);
                }
            }
            labels.push_back(label);
            if (label.promise && label.pair) {
                calibration.record(*label.promise, *label.pair);
            }
        } catch (const InputError& error) {
            set_aside.push_back(label.identity_key + ": " + error.what());
        }
    }
    scale = calibration.scale();
}

std::vector<learner::LabelledPair> CampaignSession::Impl::pairs_of(
    const std::vector<SessionLabel>& from) {
    std::vector<learner::LabelledPair> result;
    for (const auto& label : from) {
        if (!label.pair && !label.target) {
            continue;
        }
        learner::LabelledPair pair;
        pair.pair = add_candidate(data.catalogue, label.candidate);
        pair.pair_label = label.pair.value_or(-1.0);
        pair.target_label = label.target.value_or(-1.0);
        pair.provisional = label.provisional;
        result.push_back(pair);
    }
    return result;
}

CampaignSession::CampaignSession(const SessionOptions& options,
                                 const learner::ProgressCallback& progress)
    : impl_(std::make_unique<Impl>(options, progress)) {
    if (!is_policy(options.policy)) {
        throw InputError("bad_policy",
                         "no policy named '" + options.policy +
                             "'; use random, popularity, greedy, poh, ucb, ei or portfolio");
    }
}
CampaignSession::CampaignSession(CampaignSession&&) noexcept = default;
CampaignSession& CampaignSession::operator=(CampaignSession&&) noexcept = default;
CampaignSession::~CampaignSession() = default;

const std::string& CampaignSession::warning() const {
    return impl_->warning;
}
std::size_t CampaignSession::candidates() const {
    return impl_->pool.size();
}
std::string CampaignSession::model() const {
    return impl_->model.hash();
}
std::string CampaignSession::encoder() const {
    return impl_->model.encoder_hash();
}
std::string CampaignSession::head() const {
    return impl_->model.head_hash();
}
const std::string& CampaignSession::policy() const {
    return impl_->options.policy;
}

std::size_t CampaignSession::stale() const {
    return impl_->model.stale();
}

std::vector<std::string> CampaignSession::data_keys() const {
    std::set<std::string> keys;
    for (const auto& row : impl_->data.rows) {
        keys.insert(row.learning_key);
    }
    for (const auto& label : impl_->labels) {
        keys.insert(label.learning_key);
    }
    return {keys.begin(), keys.end()};
}

std::string CampaignSession::data_snapshot() const {
    Sha256 sha;
    for (const auto& row : impl_->data.rows) {
        sha.update("known " + row.learning_key + "\n");
    }
    for (const auto& label : impl_->labels) {
        sha.update("label " + label.identity_key + " " + fixed(label.pair.value_or(-1.0), 6) + " " +
                   fixed(label.target.value_or(-1.0), 6) + (label.provisional ? " p\n" : "\n"));
    }
    return sha.hex();
}

void CampaignSession::observe(const std::vector<SessionLabel>& labels) {
    impl_->take(labels);
    impl_->model.observe(impl_->data.catalogue, impl_->pairs_of(impl_->labels));
}

const std::vector<std::string>& CampaignSession::set_aside() const {
    return impl_->set_aside;
}

void CampaignSession::Impl::mask_and_price(PoolView& view,
                                           const std::optional<chemistry::Stock>& shelf) const {
    if (options.cost_exponent > 0.0) {
        view.reagents = pool_reagents;
        view.reagent_cost = reagent_costs;
    }
    if (!shelf) {
        return;
    }
    std::vector<char> stocked;
    for (std::size_t r = 0; r < reagents.size(); ++r) {
        const auto* item = shelf->find(reagents[r]);
        stocked.push_back(item != nullptr ? 1 : 0);
        if (item != nullptr && !view.reagent_cost.empty()) {
            view.reagent_cost[r] = item->cost;
        }
    }
    for (std::size_t i = 0; i < pool.size(); ++i) {
        for (const std::size_t reagent : pool_reagents[i]) {
            view.available[i] = stocked[reagent] != 0 ? view.available[i] : 0;
        }
    }
}

PoolView CampaignSession::Impl::view_of(const std::vector<std::string>& pending,
                                        const std::vector<std::string>& excluded,
                                        const std::optional<chemistry::Stock>& shelf) const {
    PoolView view;
    view.available = pool_allowed;
    // The model ranks pairs: other counts of one that formed or is out would be the same pick.
    std::set<learner::Pair> taken = formed;
    const auto close = [&](const std::string& key, bool is_pending) {
        const auto it = place_of.find(key);
        if (it != place_of.end()) {
            view.available[it->second] = 0;
            if (is_pending) {
                view.pending.push_back(it->second);
                taken.insert(pool_pairs[it->second]);
            }
        }
    };
    for (const auto& key : pending) {
        close(key, true);
    }
    for (const auto& key : excluded) {
        close(key, false);
    }
    for (const auto& label : labels) {
        close(label.identity_key, false);
    }
    for (std::size_t i = 0; i < pool.size(); ++i) {
        if (view.available[i] != 0 &&
            (taken.count(pool_pairs[i]) != 0 ||
             failed.count({pool_pairs[i], pool[i].candidate.conditions}) != 0)) {
            view.available[i] = 0;
        }
    }
    view.popularity = model.popularity_counts().scores(data.catalogue, pool_pairs);
    view.core = pool_groups.family;
    view.scaffold = pool_groups.scaffold;
    view.pair = pool_groups.pair;
    mask_and_price(view, shelf);
    return view;
}

namespace {

std::string neighbour_words(const std::vector<Neighbour>& nearest) {
    if (nearest.empty()) {
        return "";
    }
    return "; nearest known " + nearest[0].name + " (" + fixed(nearest[0].similarity, 2) +
           (nearest[0].source.empty() ? "" : ", " + nearest[0].source) + ")";
}

/// In words and numbers: the rule, what it saw, what it cost.
std::string reason_of(const Choice& choice, const Suggested& s) {
    std::string text = choice.rule;
    if (choice.rule == "audit") {
        text = "audit, drawn by lot to see what the model does not look at";
    }
    text += ": p = " + fixed(s.p, 2) + ", fit " + fixed(s.interaction, 1) + ", popularity " +
            fixed(s.popularity, 1) + ", +-" + fixed(s.uncertainty, 1);
    if (choice.cost > 0.0) {
        text += ", costs " + fixed(choice.cost, 2) + " beside what this batch has bought";
    }
    return text + neighbour_words(s.nearest);
}

}  // namespace

std::vector<Suggested> CampaignSession::suggest(std::size_t count,
                                                std::uint64_t seed,
                                                const std::vector<std::string>& pending,
                                                const std::vector<std::string>& excluded) {
    Impl& m = *impl_;
    // Read each time: the shelf changes while the campaign runs.
    const auto shelf = m.options.stock.empty() ? std::optional<chemistry::Stock>()
                                               : chemistry::Stock::load(m.options.stock);
    const PoolView view = m.view_of(pending, excluded, shelf);
    const auto popularity = m.model.popularity(m.data.catalogue, m.pool_pairs);
    const learner::PoolPosterior posterior(m.model.pair_head(), m.pool_features, popularity);
    BatchOptions batch;
    batch.policy = m.options.policy;
    batch.count = count;
    batch.seed = seed;
    batch.cost_exponent = m.options.cost_exponent;
    batch.work_cost = m.options.work_cost;
    batch.audit = m.labels.size() >= kAuditsFrom ? kAuditShare : 0.0;
    const auto choices = choose_batch(batch, posterior, view);
    const std::string name = m.model.save(m.options.models);
    const std::string encoder = m.model.encoder_hash();
    const std::string head = m.model.head_hash();
    const std::string snapshot = data_snapshot();
    std::vector<Suggested> result;
    for (std::size_t i = 0; i < choices.size(); ++i) {
        const PoolEntry& entry = m.pool[choices[i].candidate];
        Suggested s;
        s.key = entry.identity_key;
        s.candidate = entry.candidate;
        s.cost = shelf ? shelf->cost(entry.candidate.ligands) : entry.cost;
        // One by one, as why() does it: the rounding of a matrix product depends on its size.
        const auto prediction = m.model.predict(m.data.catalogue, {entry.pair}).at(0);
        const double mean = prediction.interaction + prediction.popularity;
        s.p = m.scale.probability(mean, prediction.variance);
        s.interaction = prediction.interaction;
        s.popularity = prediction.popularity;
        s.uncertainty = prediction.deviation;
        s.score = choices[i].score;
        s.nearest = m.neighbours(entry.pair);
        s.reason = reason_of(choices[i], s);
        nlohmann::ordered_json input;
        input["model"] = name;
        input["encoder"] = encoder;
        input["head"] = head;
        input["data_snapshot"] = snapshot;
        input["pool"] = m.pool_hash;
        input["policy"] = m.options.policy;
        input["rule"] = choices[i].rule;
        input["seed"] = seed;
        input["rank"] = i;
        input["pending"] = pending;
        input["cost_exponent"] = m.options.cost_exponent;
        input["audit"] = batch.audit;
        input["kernel"] = blas_kernel();
        input["mean"] = mean;
        input["variance"] = prediction.variance;
        input["slope"] = m.scale.slope;
        input["offset"] = m.scale.offset;
        s.acquisition_input = input.dump();
        result.push_back(std::move(s));
    }
    return result;
}

}  // namespace cupel::workbench
