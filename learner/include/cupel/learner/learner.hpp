// The compatibility model: which ligand sets go with which cores. LibTorch stays inside.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <cupel/learner/catalogue.hpp>
#include <cupel/learner/laplace_head.hpp>
#include <cupel/learner/named_arrays.hpp>
#include <cupel/learner/pair_features.hpp>
#include <cupel/learner/popularity.hpp>

namespace cupel::learner {

/// Settings of a model; every one is part of its hash.
struct LearnerOptions {
    std::uint64_t seed = 0;
    int members = 4;       ///< networks of the ensemble, averaged in the logit
    int epochs = 150;      ///< passes over the known clusters
    int threads = 2;       ///< members trained side by side, one thread each
    int width = 128;       ///< hidden width of the encoders
    int embedding = 64;    ///< size of core and set embeddings
    int rectified = 64;    ///< units of the factored ReLU head
    int graph_layers = 0;  ///< message-passing layers of the ligand encoder; 0 = none
    int graph_width = 48;  ///< width of atoms in the ligand encoder
    /// Layers of the 3-D path, which reads cores that have coordinates; 0 = none.
    int structure_layers = 0;
    double dropout = 0.25;
    double learning_rate = 3e-3;
    double weight_decay = 1e-2;
    double smoothing = 0.05;     ///< label smoothing
    double contrast = 0.2;       ///< weight of InfoNCE beside the cross-entropy
    double kernel = 0.2;         ///< weight of the kernel member in the logit; 0 = none
    double lab_weight = 4.0;     ///< an experiment counts as so many known clusters
    std::string device = "cpu";  ///< "cpu", "cuda", or "auto"
    /// First weights by name (pretraining.hpp); they are no setting, the trained ones are hashed.
    std::shared_ptr<const NamedArrays> pretrained;
    std::string text()
        const;  ///< one line with every setting but threads, device and first weights
};

/// A prediction and its parts. The logit is interaction + popularity.
struct Prediction {
    double probability = 0.0;
    double target_probability = 0.0;
    double interaction = 0.0;
    double popularity = 0.0;
    double variance = 0.0;   ///< of the logit
    double deviation = 0.0;  ///< its root
};

/// Fraction done (0..1) and a word or two; called from one thread at a time.
using ProgressCallback = std::function<void(double fraction, const std::string& stage)>;

/// An ensemble of dual encoders with a Bayesian last layer. Not thread-safe; a call that changes
/// the model ends before it returns. The same seed and data give the same hash on one machine.
class Learner {
  public:
    /// Trains on known clusters and, where there are any, experiments. `known` are pairs of
    /// `catalogue`. Throws Error when there are fewer than 8 known pairs.
    static Learner train(const Catalogue& catalogue,
                         const std::vector<Pair>& known,
                         const std::vector<LabelledPair>& experiments,
                         const LearnerOptions& options,
                         const ProgressCallback& progress = {});
    /// Goes on from this model's weights for `epochs` passes over all data, old and new, but for
    /// the known pairs `left_out`, which the encoders do not see this time (they are no negatives
    /// either; the last layer and popularity count them).
    Learner retrained(const Catalogue& catalogue,
                      const std::vector<Pair>& known,
                      const std::vector<LabelledPair>& experiments,
                      int epochs,
                      const ProgressCallback& progress = {},
                      const std::vector<Pair>& left_out = {}) const;

    /// The same networks and the same head beside a kernel member that knows these rows alone: to
    /// be judged on rows that were left out. Training refits the kernel member on everything.
    Learner with_kernel_of(const Catalogue& catalogue,
                           const std::vector<Pair>& known,
                           const std::vector<LabelledPair>& experiments) const;

    Learner(Learner&&) noexcept;
    Learner& operator=(Learner&&) noexcept;
    ~Learner();

    const LearnerOptions& options() const noexcept;
    /// Number of features of a pair (all members and the kernel member together).
    std::size_t feature_count() const noexcept;

    /// The trained embedding of one core, all members side by side, the kernel
    /// member last; no ligand is looked at.
    std::vector<float> encode_core(const CoreGraph& core) const;
    /// Features of pairs, pairs.size() x feature_count(), row by row.
    std::vector<float> features(const Catalogue& catalogue, const std::vector<Pair>& pairs) const;
    /// The same, kept as the sides of the cores and sets that the pairs name: for large pools.
    std::shared_ptr<const PairFeatures> pair_features(const Catalogue& catalogue,
                                                      const std::vector<Pair>& pairs) const;
    /// Interaction logits of the trained head alone, experiments left out: for evaluation.
    std::vector<double> interaction(const Catalogue& catalogue,
                                    const std::vector<Pair>& pairs) const;
    /// Logits, popularity added, as training left them: no experiment taken in.
    std::vector<double> logits_before_experiments(const Catalogue& catalogue,
                                                  const std::vector<Pair>& pairs) const;
    /// Was an experiment with this pair part of the training?
    bool has_trained_on(const Catalogue& catalogue, const Pair& pair) const;
    /// Full predictions with every experiment taken in so far.
    std::vector<Prediction> predict(const Catalogue& catalogue,
                                    const std::vector<Pair>& pairs) const;
    /// Popularity logits of pairs with every experiment taken in so far.
    std::vector<double> popularity(const Catalogue& catalogue,
                                   const std::vector<Pair>& pairs) const;

    /// Replaces the experiments taken in: starts from the trained head and takes each in turn.
    /// No training; milliseconds.
    void observe(const Catalogue& catalogue, const std::vector<LabelledPair>& experiments);
    /// Labels that training taught the networks and that were not among those of the last
    /// observe(): taken back or changed since. They are forgotten by training alone. All that it
    /// taught, for a model that was loaded and told nothing yet.
    std::size_t stale() const noexcept;

    /// The heads and the popularity as they stand now.
    const LaplaceHead& pair_head() const noexcept;
    const LaplaceHead& target_head() const noexcept;
    const Popularity& popularity_counts() const noexcept;

    /// Hashes of the encoder, the head as it stands, and both together: the model's name.
    std::string encoder_hash() const;
    std::string head_hash() const;
    std::string hash() const;
    /// Writes the model into `folder`, content-addressed; returns hash().
    std::string save(const std::filesystem::path& folder) const;
    /// Reads the model named `hash`; it runs, and is retrained, on the device and the threads of
    /// `machine`, which are no part of it. Throws InputError ("no_model", "bad_model",
    /// "old_model"): one clear line; Error when there is no such device.
    static Learner load(const std::filesystem::path& folder,
                        const std::string& hash,
                        const LearnerOptions& machine = {});
    /// Removes these models from `folder`, and the blobs that no other model there needs. One that
    /// is not there is no error. Returns the number of files removed.
    static std::size_t remove(const std::filesystem::path& folder,
                              const std::vector<std::string>& hashes);

    struct Impl;

  private:
    explicit Learner(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace cupel::learner
