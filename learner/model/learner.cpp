// The facade: features, predictions, instant updates, names and storage of a model.
#include <algorithm>
#include <cmath>
#include <fstream>
#include <set>
#include <sstream>

#include <cupel/domain/error.hpp>
#include <cupel/domain/sha256.hpp>
#include <cupel/learner/learner.hpp>

#include "learner_impl.hpp"

namespace cupel::learner {

namespace {

/// Of what is stored; a model of another version is not read.
constexpr int kSettingsVersion = 2;

}  // namespace

std::string LearnerOptions::text() const {
    std::ostringstream out;
    out.precision(17);
    out << "version " << kSettingsVersion << " seed " << seed << " members " << members
        << " epochs " << epochs << " width " << width << " embedding " << embedding << " rectified "
        << rectified << " graph_layers " << graph_layers << " graph_width " << graph_width
        << " dropout " << dropout << " learning_rate " << learning_rate << " weight_decay "
        << weight_decay << " smoothing " << smoothing << " contrast " << contrast << " lab_weight "
        << lab_weight << " kernel " << kernel;
    // Named only where there are some: models without keep their hashes.
    if (structure_layers > 0) {
        out << " structure_layers " << structure_layers;
    }
    return out.str();
}

namespace {

LearnerOptions options_from(const std::string& text) {
    LearnerOptions o;
    std::istringstream in(text);
    std::string name;
    int version = 0;
    in >> name >> version;
    std::map<std::string, double> values;
    double value = 0.0;
    std::uint64_t seed = 0;
    in >> name >> seed;
    while (in >> name >> value) {
        values[name] = value;
    }
    const std::size_t settings = 14 + values.count("structure_layers");
    if (version != kSettingsVersion || values.size() != settings) {
        throw InputError("old_model",
                         "the model was stored by another version of Cupel; train a new one");
    }
    o.seed = seed;
    o.members = static_cast<int>(values["members"]);
    o.epochs = static_cast<int>(values["epochs"]);
    o.width = static_cast<int>(values["width"]);
    o.embedding = static_cast<int>(values["embedding"]);
    o.rectified = static_cast<int>(values["rectified"]);
    o.graph_layers = static_cast<int>(values["graph_layers"]);
    o.graph_width = static_cast<int>(values["graph_width"]);
    o.dropout = values["dropout"];
    o.learning_rate = values["learning_rate"];
    o.weight_decay = values["weight_decay"];
    o.smoothing = values["smoothing"];
    o.contrast = values["contrast"];
    o.lab_weight = values["lab_weight"];
    o.kernel = values["kernel"];
    o.structure_layers = static_cast<int>(values["structure_layers"]);
    return o;
}

std::string counts_text(const std::map<std::string, Popularity::Counts>& counts) {
    std::ostringstream out;
    out.precision(17);
    for (const auto& [key, c] : counts) {
        out << c.known << ' ' << c.hits << ' ' << c.tries << ' ' << key << '\n';
    }
    return out.str();
}

std::map<std::string, Popularity::Counts> counts_from(const std::string& text) {
    std::map<std::string, Popularity::Counts> counts;
    std::istringstream in(text);
    Popularity::Counts c;
    while (in >> c.known >> c.hits >> c.tries) {
        std::string key;
        in.get();
        std::getline(in, key);
        counts[key] = c;
    }
    return counts;
}

const NamedArray& array_of(const NamedArrays& arrays, const std::string& name) {
    const auto it = arrays.find(name);
    if (it == arrays.end()) {
        throw Error("the stored model lacks the array " + name);
    }
    return it->second;
}

void store_head(NamedArrays& arrays, const std::string& prefix, const LaplaceHead& head) {
    arrays[prefix + ".mean"] = make_array(head.mean());
    arrays[prefix + ".covariance"] = make_array(head.covariance());
}

LaplaceHead load_head(const NamedArrays& arrays, const std::string& prefix) {
    return LaplaceHead(doubles_of(array_of(arrays, prefix + ".mean")),
                       doubles_of(array_of(arrays, prefix + ".covariance")));
}

}  // namespace

constexpr std::size_t kNoRow = static_cast<std::size_t>(-1);

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

double Learner::Impl::popularity_logit(const Catalogue& catalogue,
                                       const Pair& pair,
                                       const Popularity& counts) const {
    return fit.constant + fit.core * counts.core_score(catalogue.core_key(pair.core)) +
           fit.set * counts.set_score(catalogue.set_key(pair.set));
}

NamedArrays Learner::Impl::encoder_arrays() const {
    NamedArrays arrays;
    arrays["settings"] = make_array(options.text());
    for (std::size_t m = 0; m < members.size(); ++m) {
        members[m].store(arrays, "member" + std::to_string(m) + ".");
    }
    if (kernel) {
        kernel->store(arrays, "kernel.");
    }
    store_head(arrays, "trained", trained_head);
    arrays["known.cores"] = make_array(counts_text(known_popularity.cores()));
    arrays["known.sets"] = make_array(counts_text(known_popularity.sets()));
    arrays["popularity"] = make_array(std::vector<double>{fit.constant, fit.core, fit.set});
    std::ostringstream out;
    out.precision(17);
    for (const auto& [key, label] : seen) {
        out << label << ' ' << key << '\n';
    }
    arrays["seen"] = make_array(out.str());
    return arrays;
}

NamedArrays Learner::Impl::head_arrays() const {
    NamedArrays arrays;
    std::vector<double> features;
    std::vector<double> labels;
    for (const auto& experiment : taken) {
        features.insert(features.end(), experiment.features.begin(), experiment.features.end());
        labels.insert(
            labels.end(),
            {experiment.pair_label, experiment.target_label, experiment.weight, experiment.offset});
    }
    arrays["experiment.features"] = make_array(features);
    arrays["experiment.labels"] = make_array(labels);
    arrays["all.cores"] = make_array(counts_text(popularity.cores()));
    arrays["all.sets"] = make_array(counts_text(popularity.sets()));
    return arrays;
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

namespace {

std::vector<Learner::Impl::Taken> experiments_from(const NamedArrays& arrays, std::size_t d) {
    const auto features = doubles_of(array_of(arrays, "experiment.features"));
    const auto labels = doubles_of(array_of(arrays, "experiment.labels"));
    std::vector<Learner::Impl::Taken> experiments(labels.size() / 4);
    if (features.size() != experiments.size() * d) {
        throw Error("the stored experiments do not fit the encoder");
    }
    for (std::size_t n = 0; n < experiments.size(); ++n) {
        auto& e = experiments[n];
        for (std::size_t i = 0; i < d; ++i) {
            e.features.push_back(static_cast<float>(features[n * d + i]));
        }
        e.pair_label = labels[4 * n];
        e.target_label = labels[4 * n + 1];
        e.weight = labels[4 * n + 2];
        e.offset = labels[4 * n + 3];
    }
    return experiments;
}

}  // namespace

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
    return impl_->seen.count(pair_key(catalogue, pair)) != 0;
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
    auto row = rows.begin();
    for (const auto& experiment : experiments) {
        Impl::Taken taking;
        taking.features.assign(row, row + d);
        row += d;
        taking.weight = m.options.lab_weight * (experiment.provisional ? 0.5 : 1.0);
        taking.offset = m.popularity_logit(catalogue, experiment.pair, m.known_popularity);
        taking.target_label = experiment.target_label;
        if (experiment.pair_label >= 0.0) {
            const auto seen = m.seen.find(pair_key(catalogue, experiment.pair));
            const bool is_seen = seen != m.seen.end() && seen->second == experiment.pair_label;
            taking.pair_label = is_seen ? -1.0 : experiment.pair_label;
            m.popularity.add_trial(catalogue.core_key(experiment.pair.core),
                                   catalogue.set_key(experiment.pair.set),
                                   experiment.pair_label);
        }
        taken.push_back(std::move(taking));
    }
    m.take_in(std::move(taken));
}

std::string Learner::encoder_hash() const {
    return impl_->encoder_hash;
}

std::string Learner::head_hash() const {
    return hash_arrays(impl_->head_arrays());
}

namespace {

std::string name_of(const std::string& encoder, const std::string& head) {
    return sha256_hex("cupel-model 1\nencoder " + encoder + "\nhead " + head + "\n");
}

}  // namespace

std::string Learner::hash() const {
    return name_of(encoder_hash(), head_hash());
}

std::string Learner::save(const std::filesystem::path& folder) const {
    const std::string encoder = save_blob(impl_->encoder_arrays(), folder);
    const std::string head = save_blob(impl_->head_arrays(), folder);
    const std::string name = name_of(encoder, head);
    const auto file = folder / (name + ".model");
    const auto partial = folder / (name + ".model.part");
    {
        std::ofstream out(partial);
        out << "cupel-model 1\nencoder " << encoder << "\nhead " << head << "\n";
        if (!out) {
            throw Error(partial.string() + ": cannot write the model; is the disk full?");
        }
    }
    std::filesystem::rename(partial, file);
    return name;
}

std::size_t Learner::remove(const std::filesystem::path& folder,
                            const std::vector<std::string>& hashes) {
    const auto blobs_of = [](const std::filesystem::path& model) {
        std::ifstream in(model);
        std::string magic, version, word, encoder, head;
        in >> magic >> version >> word >> encoder >> word >> head;
        return std::set<std::string>{encoder, head};
    };
    std::size_t removed = 0;
    std::set<std::string> orphans;
    std::error_code ignored;
    for (const auto& hash : hashes) {
        const auto file = folder / (hash + ".model");
        if (std::filesystem::is_regular_file(file, ignored)) {
            orphans.merge(blobs_of(file));
            removed += std::filesystem::remove(file, ignored) ? 1 : 0;
        }
    }
    for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
        if (entry.path().extension() == ".model") {
            for (const auto& needed : blobs_of(entry.path())) {
                orphans.erase(needed);
            }
        }
    }
    for (const auto& blob : orphans) {
        removed += std::filesystem::remove(folder / (blob + ".blob"), ignored) ? 1 : 0;
    }
    return removed;
}

Learner Learner::load(const std::filesystem::path& folder, const std::string& hash) {
    const auto file = folder / (hash + ".model");
    std::ifstream in(file);
    if (!in) {
        throw InputError("no_model",
                         file.string() + ": no such model; train one with `cupel train`");
    }
    std::string magic, version, word_encoder, encoder, word_head, head;
    in >> magic >> version >> word_encoder >> encoder >> word_head >> head;
    if (name_of(encoder, head) != hash) {
        throw InputError("bad_model",
                         file.string() + ": its content has the hash " +
                             name_of(encoder, head).substr(0, 12) +
                             "..., not its name; restore it from a backup or train again");
    }
    const NamedArrays encoder_arrays = load_blob(folder, encoder);
    const NamedArrays head_arrays = load_blob(folder, head);
    try {
        auto impl = std::make_unique<Impl>();
        impl->options = options_from(array_of(encoder_arrays, "settings").bytes);
        for (int m = 0; m < impl->options.members; ++m) {
            impl->members.emplace_back(
                impl->options, encoder_arrays, "member" + std::to_string(m) + ".");
        }
        if (impl->options.kernel > 0.0) {
            impl->kernel.emplace(encoder_arrays, "kernel.");
        }
        impl->encoder_hash = encoder;
        impl->trained_head = load_head(encoder_arrays, "trained");
        impl->pair_head = impl->trained_head;
        impl->target_head = impl->trained_head;
        impl->known_popularity.set_counts(
            counts_from(array_of(encoder_arrays, "known.cores").bytes),
            counts_from(array_of(encoder_arrays, "known.sets").bytes));
        impl->popularity.set_counts(counts_from(array_of(head_arrays, "all.cores").bytes),
                                    counts_from(array_of(head_arrays, "all.sets").bytes));
        const auto fit = doubles_of(array_of(encoder_arrays, "popularity"));
        impl->fit = {fit.at(0), fit.at(1), fit.at(2)};
        std::istringstream seen(array_of(encoder_arrays, "seen").bytes);
        double label = 0.0;
        while (seen >> label) {
            std::string key;
            seen.get();
            std::getline(seen, key);
            impl->seen[key] = label;
        }
        impl->take_in(experiments_from(head_arrays, impl->feature_count()));
        use_one_thread_per_operator();
        return Learner(std::move(impl));
    } catch (const InputError&) {
        throw;
    } catch (const std::exception& error) {
        throw InputError("bad_model", file.string() + ": " + error.what());
    }
}

}  // namespace cupel::learner
