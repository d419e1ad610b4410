// Names, settings and storage of a model: two blobs of arrays under their hashes, and a file that
// names them.
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

std::multiset<Learner::Impl::Taught> seen_from(const NamedArrays& arrays) {
    std::multiset<Learner::Impl::Taught> seen;
    std::istringstream in(array_of(arrays, "seen").bytes);
    const auto stored = arrays.find("seen.shares");
    const auto shares = stored == arrays.end() ? std::vector<double>{} : doubles_of(stored->second);
    Learner::Impl::Taught taught;
    for (std::size_t n = 0; in >> taught.label; ++n) {
        in.get();
        std::getline(in, taught.pair);
        taught.share = shares.empty() ? 1.0 : shares.at(n);
        seen.insert(taught);
    }
    return seen;
}

std::string name_of(const std::string& encoder, const std::string& head) {
    return sha256_hex("cupel-model 1\nencoder " + encoder + "\nhead " + head + "\n");
}

}  // namespace

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
    for (const auto& taught : seen) {
        out << taught.label << ' ' << taught.pair << '\n';
    }
    arrays["seen"] = make_array(out.str());
    // Stored only where one is not 1: models without keep their hashes.
    std::vector<double> shares;
    for (const auto& taught : seen) {
        shares.push_back(taught.share);
    }
    if (std::any_of(shares.begin(), shares.end(), [](double share) { return share != 1.0; })) {
        arrays["seen.shares"] = make_array(shares);
    }
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

std::string Learner::encoder_hash() const {
    return impl_->encoder_hash;
}

std::string Learner::head_hash() const {
    return hash_arrays(impl_->head_arrays());
}

std::string Learner::hash() const {
    return name_of(encoder_hash(), head_hash());
}

std::string Learner::save(const std::filesystem::path& folder) const {
    const auto& weights = impl_->trained_head.mean();
    if (!std::all_of(weights.begin(), weights.end(), [](double w) { return std::isfinite(w); })) {
        throw Error(
            "the model has weights that are no numbers, so it is not stored; a smaller "
            "learning rate may help");
    }
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

Learner Learner::load(const std::filesystem::path& folder,
                      const std::string& hash,
                      const LearnerOptions& machine) {
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
    require_device(machine.device);  // no fault of the model
    const NamedArrays encoder_arrays = load_blob(folder, encoder);
    const NamedArrays head_arrays = load_blob(folder, head);
    try {
        auto impl = std::make_unique<Impl>();
        impl->options = options_from(array_of(encoder_arrays, "settings").bytes);
        impl->options.device = machine.device;
        impl->options.threads = machine.threads;
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
        impl->seen = seen_from(encoder_arrays);
        impl->stale = impl->seen.size();
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
