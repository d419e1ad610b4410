// The facade: training, features, predictions, instant updates.
#include <algorithm>
#include <cmath>

#include <cupel/learner/learner.hpp>

#include "learner_impl.hpp"

namespace cupel::learner {
namespace {

constexpr std::size_t kNoRow = static_cast<std::size_t>(-1);

}  // namespace

std::size_t Learner::Impl::feature_count() const {
    std::size_t count = 0;
    for (const auto& member : members) {
        count += member.feature_count();
    }
    return count + (kernel ? 1 : 0);
}

std::vector<float> Learner::Impl::features(const Catalogue& catalogue,
                                           const std::vector<Pair>& pairs) const {
    std::map<std::size_t, std::size_t> core_row, set_row;
    std::vector<const CoreGraph*> cores;
    std::vector<std::size_t> sets;
    for (const auto& pair : pairs) {
        if (core_row.emplace(pair.core, cores.size()).second) {
            cores.push_back(&catalogue.cores().at(pair.core));
        }
        if (set_row.emplace(pair.set, sets.size()).second) {
            sets.push_back(pair.set);
        }
    }
    const std::size_t total = feature_count();
    std::vector<float> result(pairs.size() * total);
    std::size_t first = 0;
    for (const auto& member : members) {
        if (pairs.empty()) {
            break;
        }
        const auto core_sides = member.core_sides(cores);
        const auto set_sides = member.set_sides(catalogue, sets);
        const std::size_t width = member.side_width();
        for (std::size_t n = 0; n < pairs.size(); ++n) {
            member.combine(core_sides.data() + core_row.at(pairs[n].core) * width,
                           set_sides.data() + set_row.at(pairs[n].set) * width,
                           result.data() + n * total + first);
        }
        first += member.feature_count();
    }
    if (kernel && !pairs.empty()) {
        const auto core_sides = kernel->core_sides(cores);
        const auto set_sides = kernel->set_sides(catalogue, sets);
        const std::size_t width = kernel->side_width();
        for (std::size_t n = 0; n < pairs.size(); ++n) {
            result[n * total + first] =
                kernel->combine(core_sides.data() + core_row.at(pairs[n].core) * width,
                                set_sides.data() + set_row.at(pairs[n].set) * width);
        }
    }
    return result;
}

std::vector<double> Learner::Impl::shares_taught(const Catalogue& catalogue,
                                                 const std::vector<LabelledPair>& experiments,
                                                 std::multiset<Taught>& left) const {
    left = seen;
    std::vector<double> shares(experiments.size(), 0.0);
    // First those taught as they stand, then those taught as provisional that are final now.
    for (const bool as_it_stands : {true, false}) {
        for (std::size_t n = 0; n < experiments.size(); ++n) {
            const auto& e = experiments[n];
            if (e.pair_label < 0.0 || shares[n] > 0.0) {
                continue;
            }
            const double share = share_of(e);
            const std::string key = pair_key(catalogue, e.pair);
            const auto found = left.lower_bound({key, e.pair_label, as_it_stands ? share : 0.0});
            if (found != left.end() && found->pair == key && found->label == e.pair_label &&
                found->share <= share) {
                shares[n] = found->share;
                left.erase(found);  // used up: the same label once more is a new one
            }
        }
    }
    return shares;
}

double Learner::Impl::popularity_logit(const Catalogue& catalogue,
                                       const Pair& pair,
                                       const Popularity& counts) const {
    return fit.constant + fit.core * counts.core_score(catalogue.core_key(pair.core)) +
           fit.set * counts.set_score(catalogue.set_key(pair.set));
}

void Learner::Impl::take_in(std::vector<Taken> experiments) {
    const bool goes_on = experiments.size() >= taken.size() &&
                         std::equal(taken.begin(), taken.end(), experiments.begin());
    std::size_t first = taken.size();
    if (!goes_on) {
        pair_head = trained_head;
        target_head = trained_head;
        first = 0;
    }
    for (std::size_t n = first; n < experiments.size(); ++n) {
        const Taken& e = experiments[n];
        const std::vector<double> x(e.features.begin(), e.features.end());
        if (e.pair_label >= 0.0) {
            pair_head.observe(x.data(), e.pair_label, e.weight, e.offset);
        }
        if (e.target_label >= 0.0) {
            target_head.observe(x.data(), e.target_label, e.weight, e.offset);
        }
    }
    taken = std::move(experiments);
}

Learner::Learner(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Learner::Learner(Learner&&) noexcept = default;
Learner& Learner::operator=(Learner&&) noexcept = default;
Learner::~Learner() = default;

Learner Learner::train(const Catalogue& catalogue,
                       const std::vector<Pair>& known,
                       const std::vector<LabelledPair>& experiments,
                       const LearnerOptions& options,
                       const ProgressCallback& progress) {
    std::vector<Member> members;
    for (int m = 0; m < options.members; ++m) {
        members.emplace_back(options, options.seed * 7919 + static_cast<std::uint64_t>(m) + 1);
        if (options.pretrained) {
            members.back().start_from(*options.pretrained);
        }
    }
    Learner learner(Impl::fitted(
        catalogue, known, experiments, options, std::move(members), options.epochs, progress));
    learner.observe(catalogue, experiments);
    return learner;
}

Learner Learner::retrained(const Catalogue& catalogue,
                           const std::vector<Pair>& known,
                           const std::vector<LabelledPair>& experiments,
                           int epochs,
                           const ProgressCallback& progress,
                           const std::vector<Pair>& left_out) const {
    std::vector<Member> members;
    for (const auto& member : impl_->members) {
        members.push_back(member.clone());
    }
    Learner learner(Impl::fitted(catalogue,
                                 known,
                                 experiments,
                                 impl_->options,
                                 std::move(members),
                                 epochs,
                                 progress,
                                 left_out));
    learner.observe(catalogue, experiments);
    return learner;
}

Learner Learner::with_kernel_of(const Catalogue& catalogue,
                                const std::vector<Pair>& known,
                                const std::vector<LabelledPair>& experiments) const {
    auto impl = std::make_unique<Impl>();
    const Impl& m = *impl_;
    impl->options = m.options;
    for (const auto& member : m.members) {
        impl->members.push_back(member.clone());
    }
    if (m.kernel) {
        impl->kernel.emplace(catalogue,
                             training_set(catalogue, known, experiments, m.options.lab_weight));
    }
    impl->trained_head = impl->pair_head = impl->target_head = m.trained_head;
    impl->known_popularity = impl->popularity = m.known_popularity;
    impl->fit = m.fit;
    impl->seen = m.seen;
    impl->encoder_hash = hash_arrays(impl->encoder_arrays());
    return Learner(std::move(impl));
}

const LearnerOptions& Learner::options() const noexcept {
    return impl_->options;
}
std::size_t Learner::feature_count() const noexcept {
    return impl_->feature_count();
}
std::size_t Learner::stale() const noexcept {
    return impl_->stale;
}
const LaplaceHead& Learner::pair_head() const noexcept {
    return impl_->pair_head;
}
const LaplaceHead& Learner::target_head() const noexcept {
    return impl_->target_head;
}
const Popularity& Learner::popularity_counts() const noexcept {
    return impl_->popularity;
}

std::vector<float> Learner::encode_core(const CoreGraph& core) const {
    std::vector<float> result;
    for (const auto& member : impl_->members) {
        const auto side = member.core_sides({&core});
        result.insert(result.end(), side.begin(), side.end());
    }
    if (impl_->kernel) {
        const auto side = impl_->kernel->core_sides({&core});
        result.insert(result.end(), side.begin(), side.end());
    }
    return result;
}

std::vector<float> Learner::features(const Catalogue& catalogue,
                                     const std::vector<Pair>& pairs) const {
    return impl_->features(catalogue, pairs);
}

std::shared_ptr<const PairFeatures> Learner::pair_features(const Catalogue& catalogue,
                                                           const std::vector<Pair>& pairs) const {
    std::vector<std::size_t> core_row(catalogue.cores().size(), kNoRow);
    std::vector<std::size_t> set_row(catalogue.sets().size(), kNoRow);
    std::vector<const CoreGraph*> cores;
    std::vector<std::size_t> sets;
    std::vector<Pair> rows;
    rows.reserve(pairs.size());
    for (const auto& pair : pairs) {
        if (core_row.at(pair.core) == kNoRow) {
            core_row[pair.core] = cores.size();
            cores.push_back(&catalogue.cores()[pair.core]);
        }
        if (set_row.at(pair.set) == kNoRow) {
            set_row[pair.set] = sets.size();
            sets.push_back(pair.set);
        }
        rows.push_back({core_row[pair.core], set_row[pair.set]});
    }
    std::vector<PairFeatures::Block> blocks;
    for (const auto& member : impl_->members) {
        PairFeatures::Block block;
        block.products = static_cast<std::size_t>(impl_->options.embedding);
        block.rectified = static_cast<std::size_t>(impl_->options.rectified);
        block.constant = true;
        if (!pairs.empty()) {
            block.cores = member.core_sides(cores);
            block.sets = member.set_sides(catalogue, sets);
        }
        blocks.push_back(std::move(block));
    }
    std::vector<float> given;
    if (impl_->kernel && !pairs.empty()) {
        const auto core_sides = impl_->kernel->core_sides(cores);
        const auto set_sides = impl_->kernel->set_sides(catalogue, sets);
        const std::size_t width = impl_->kernel->side_width();
        for (const auto& pair : rows) {
            given.push_back(impl_->kernel->combine(core_sides.data() + pair.core * width,
                                                   set_sides.data() + pair.set * width));
        }
    }
    return std::make_shared<const PairFeatures>(blocks, rows, std::move(given));
}

std::vector<double> Learner::interaction(const Catalogue& catalogue,
                                         const std::vector<Pair>& pairs) const {
    const auto rows = impl_->features(catalogue, pairs);
    const std::size_t d = impl_->feature_count();
    std::vector<double> result;
    for (std::size_t n = 0; n < pairs.size(); ++n) {
        const std::vector<double> x(rows.begin() + static_cast<std::ptrdiff_t>(n * d),
                                    rows.begin() + static_cast<std::ptrdiff_t>((n + 1) * d));
        result.push_back(impl_->trained_head.logit(x.data()));
    }
    return result;
}

std::vector<double> Learner::logits_before_experiments(const Catalogue& catalogue,
                                                       const std::vector<Pair>& pairs) const {
    auto result = interaction(catalogue, pairs);
    for (std::size_t n = 0; n < pairs.size(); ++n) {
        result[n] += impl_->popularity_logit(catalogue, pairs[n], impl_->known_popularity);
    }
    return result;
}

bool Learner::has_trained_on(const Catalogue& catalogue, const Pair& pair) const {
    const std::string key = pair_key(catalogue, pair);
    const auto first = impl_->seen.lower_bound({key, 0.0, 0.0});
    return first != impl_->seen.end() && first->pair == key;
}

std::vector<double> Learner::popularity(const Catalogue& catalogue,
                                        const std::vector<Pair>& pairs) const {
    const auto& fit = impl_->fit;
    const auto of = impl_->popularity.sides(catalogue, pairs);
    std::vector<double> result;
    result.reserve(pairs.size());
    for (const auto& pair : pairs) {
        result.push_back(fit.constant + fit.core * of.core[pair.core] + fit.set * of.set[pair.set]);
    }
    return result;
}

std::vector<Prediction> Learner::predict(const Catalogue& catalogue,
                                         const std::vector<Pair>& pairs) const {
    const auto rows = impl_->features(catalogue, pairs);
    const std::size_t d = impl_->feature_count();
    std::vector<Prediction> result;
    for (std::size_t n = 0; n < pairs.size(); ++n) {
        const std::vector<double> x(rows.begin() + static_cast<std::ptrdiff_t>(n * d),
                                    rows.begin() + static_cast<std::ptrdiff_t>((n + 1) * d));
        Prediction prediction;
        prediction.variance = impl_->pair_head.variance(x.data());
        prediction.interaction = impl_->pair_head.logit(x.data());
        prediction.popularity = impl_->popularity_logit(catalogue, pairs[n], impl_->popularity);
        prediction.deviation = std::sqrt(prediction.variance);
        prediction.probability =
            expected_sigmoid(prediction.interaction + prediction.popularity, prediction.variance);
        prediction.target_probability =
            expected_sigmoid(impl_->target_head.logit(x.data()) + prediction.popularity,
                             impl_->target_head.variance(x.data()));
        result.push_back(prediction);
    }
    return result;
}

void Learner::observe(const Catalogue& catalogue, const std::vector<LabelledPair>& experiments) {
    Impl& m = *impl_;
    m.popularity = m.known_popularity;
    std::vector<Pair> pairs;
    for (const auto& experiment : experiments) {
        pairs.push_back(experiment.pair);
    }
    const auto rows = m.features(catalogue, pairs);
    const auto d = static_cast<std::ptrdiff_t>(m.feature_count());
    std::vector<Impl::Taken> taken;
    std::multiset<Impl::Taught> left;
    const auto taught = m.shares_taught(catalogue, experiments, left);
    m.stale = left.size();
    auto row = rows.begin();
    for (std::size_t n = 0; n < experiments.size(); ++n) {
        const auto& experiment = experiments[n];
        Impl::Taken taking;
        taking.features.assign(row, row + d);
        row += d;
        const double share = share_of(experiment);
        taking.weight = m.options.lab_weight * share;
        taking.offset = m.popularity_logit(catalogue, experiment.pair, m.known_popularity);
        taking.target_label = experiment.target_label;
        if (experiment.pair_label >= 0.0) {
            m.popularity.add_trial(catalogue.core_key(experiment.pair.core),
                                   catalogue.set_key(experiment.pair.set),
                                   experiment.pair_label,
                                   share);
            if (taught[n] == 0.0) {
                taking.pair_label = experiment.pair_label;
            } else if (taught[n] < share) {
                // The rest of it, for the pair alone: training teaches no target.
                Impl::Taken rest = taking;
                rest.weight = m.options.lab_weight * (share - taught[n]);
                rest.pair_label = experiment.pair_label;
                rest.target_label = -1.0;
                taken.push_back(std::move(rest));
            }
        }
        taken.push_back(std::move(taking));
    }
    m.take_in(std::move(taken));
}

}  // namespace cupel::learner
