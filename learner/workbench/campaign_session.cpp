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

#include "campaign_session_impl.hpp"

namespace cupel::workbench {
namespace {

std::string file_bytes(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

std::string fixed(double value, int digits) {
    char text[64];
    std::snprintf(text, sizeof(text), "%.*f", digits, value);
    return text;
}

}  // namespace

CampaignSession::Impl::Impl(const SessionOptions& o, const learner::ProgressCallback& progress)
    : options(o), data(load_dataset(o.data)), model(first_model(progress)) {
    pool = load_pool(options.pool, data.catalogue);
    pool_hash = sha256_hex(file_bytes(options.pool));
    for (std::size_t i = 0; i < pool.size(); ++i) {
        place_of[pool[i].identity_key] = i;
        pool_pairs.push_back(pool[i].pair);
    }
    nearest = std::make_unique<NearestNeighbour>(data.catalogue, data.known);
    for (std::size_t i = 0; i < data.rows.size(); ++i) {
        first_row.emplace(data.rows[i].pair, i);
    }
    refresh();
}

learner::Learner CampaignSession::Impl::first_model(const learner::ProgressCallback& progress) {
    if (options.model.empty()) {
        return base_model(progress);
    }
    try {
        return learner::Learner::load(options.models, options.model);
    } catch (const InputError& error) {
        if (error.code() != "no_model") {
            throw;
        }
        warning = "model " + options.model.substr(0, 12) + " is not stored in " +
                  options.models.string() + " any more; the campaign goes on from the base model";
        return base_model(progress);
    }
}

learner::Learner CampaignSession::Impl::base_model(const learner::ProgressCallback& progress) {
    const std::string purpose =
        "base 1\n" + options.learner.text() + "\n" + sha256_hex(file_bytes(options.data)) + "\n";
    const auto mark = options.models / ("base-" + sha256_hex(purpose).substr(0, 32) + ".txt");
    std::string name;
    if (std::ifstream(mark) >> name) {
        return learner::Learner::load(options.models, name);
    }
    auto trained =
        learner::Learner::train(data.catalogue, known_part(false), {}, options.learner, progress);
    const std::string hash = trained.save(options.models);
    std::ofstream(mark) << hash << '\n';
    return trained;
}

void CampaignSession::Impl::refresh() {
    pool_features = model.features(data.catalogue, pool_pairs);
}

void CampaignSession::Impl::take(const std::vector<SessionLabel>& from) {
    labels.clear();
    set_aside.clear();
    for (const auto& label : from) {
        try {
            if (label.pair || label.target) {
                add_candidate(data.catalogue, label.candidate);
            }
            labels.push_back(label);
        } catch (const InputError& error) {
            set_aside.push_back(label.identity_key + ": " + error.what());
        }
    }
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

std::vector<Neighbour> CampaignSession::Impl::neighbours(const learner::Pair& pair) const {
    std::vector<Neighbour> result;
    for (const auto& [place, similarity] : nearest->nearest(data.catalogue, pair, 3)) {
        const auto& row = data.rows[first_row.at(data.known[place])];
        result.push_back({row.name, row.source, std::round(similarity * 1e4) / 1e4});
    }
    return result;
}

CampaignSession::CampaignSession(const SessionOptions& options,
                                 const learner::ProgressCallback& progress)
    : impl_(std::make_unique<Impl>(options, progress)) {
    if (!is_policy(options.policy)) {
        throw InputError("bad_policy",
                         "no policy named '" + options.policy +
                             "'; use random, popularity, greedy, poh, ucb or portfolio");
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

std::vector<Suggested> CampaignSession::suggest(std::size_t count,
                                                std::uint64_t seed,
                                                const std::vector<std::string>& pending,
                                                const std::vector<std::string>& excluded) {
    Impl& m = *impl_;
    PoolView view;
    view.available.assign(m.pool.size(), 1);
    const auto close = [&](const std::string& key, bool is_pending) {
        const auto it = m.place_of.find(key);
        if (it != m.place_of.end()) {
            view.available[it->second] = 0;
            if (is_pending) {
                view.pending.push_back(it->second);
            }
        }
    };
    for (const auto& key : pending) {
        close(key, true);
    }
    for (const auto& key : excluded) {
        close(key, false);
    }
    for (const auto& label : m.labels) {
        close(label.identity_key, false);
    }
    const auto& counts = m.model.popularity_counts();
    std::map<learner::Pair, std::size_t> groups;
    for (const auto& pair : m.pool_pairs) {
        view.popularity.push_back(
            counts.score(m.data.catalogue.core_key(pair.core), m.data.catalogue.set_key(pair.set)));
        view.core.push_back(pair.core);
        view.pair.push_back(groups.emplace(pair, groups.size()).first->second);
    }
    const auto popularity = m.model.popularity(m.data.catalogue, m.pool_pairs);
    const learner::PoolPosterior posterior(m.model.pair_head(), m.pool_features, popularity);
    const auto choices = choose_batch(m.options.policy, posterior, view, count, seed);
    const std::string name = m.model.save(m.options.models);
    std::vector<Suggested> result;
    for (std::size_t i = 0; i < choices.size(); ++i) {
        const PoolEntry& entry = m.pool[choices[i].candidate];
        Suggested s;
        s.key = entry.identity_key;
        s.candidate = entry.candidate;
        s.cost = entry.cost;
        // One by one, as why() does it: the rounding of a matrix product depends on its size.
        const auto prediction = m.model.predict(m.data.catalogue, {entry.pair}).at(0);
        s.p = prediction.probability;
        s.interaction = prediction.interaction;
        s.popularity = prediction.popularity;
        s.uncertainty = prediction.deviation;
        s.score = choices[i].score;
        s.nearest = m.neighbours(entry.pair);
        s.reason = choices[i].rule + ": p = " + fixed(s.p, 2) + ", fit " + fixed(s.interaction, 1) +
                   ", popularity " + fixed(s.popularity, 1) + ", +-" + fixed(s.uncertainty, 1);
        if (!s.nearest.empty()) {
            s.reason += "; nearest known " + s.nearest[0].name;
        }
        nlohmann::ordered_json input;
        input["model"] = name;
        input["encoder"] = m.model.encoder_hash();
        input["head"] = m.model.head_hash();
        input["data_snapshot"] = data_snapshot();
        input["pool"] = m.pool_hash;
        input["policy"] = m.options.policy;
        input["rule"] = choices[i].rule;
        input["seed"] = seed;
        input["rank"] = i;
        input["pending"] = pending;
        input["kernel"] = blas_kernel();
        s.acquisition_input = input.dump();
        result.push_back(std::move(s));
    }
    return result;
}

Explanation CampaignSession::why(const Candidate& candidate, const std::string& acquisition_input) {
    Impl& m = *impl_;
    std::string name = m.model.hash();
    std::string kernel = blas_kernel();
    if (!acquisition_input.empty()) {
        try {
            const auto input = nlohmann::json::parse(acquisition_input);
            name = input.at("model").get<std::string>();
            kernel = input.value("kernel", kernel);
        } catch (const nlohmann::json::exception& error) {
            throw InputError(
                "bad_message",
                std::string("acquisition_input is not what suggest gave: ") + error.what());
        }
    }
    const learner::Pair pair = add_candidate(m.data.catalogue, candidate);
    const auto prediction = name == m.model.hash() ? m.model.predict(m.data.catalogue, {pair}).at(0)
                                                   : learner::Learner::load(m.options.models, name)
                                                         .predict(m.data.catalogue, {pair})
                                                         .at(0);
    Explanation e;
    e.model = name;
    e.p = prediction.probability;
    e.interaction = prediction.interaction;
    e.popularity = prediction.popularity;
    e.uncertainty = prediction.deviation;
    e.nearest = m.neighbours(pair);
    e.text = candidate.name() + ": p = " + fixed(e.p, 3) + " (fit " + fixed(e.interaction, 2) +
             ", popularity " + fixed(e.popularity, 2) + ", standard deviation of the logit " +
             fixed(e.uncertainty, 2) + ")";
    if (kernel != blas_kernel()) {
        e.text +=
            "; made with " + kernel + ", recomputed with " + blas_kernel() + ": equal within 1e-5";
    }
    return e;
}

}  // namespace cupel::workbench
