// What a Learner holds.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include <cupel/learner/learner.hpp>

#include "kernel_member.hpp"
#include "member.hpp"

namespace cupel::learner {

/// Weights of the popularity share of the logit: constant, core score, set score.
struct PopularityFit {
    double constant = 0.0, core = 0.0, set = 0.0;
};

struct Learner::Impl {
    LearnerOptions options;
    std::vector<Member> members;
    std::optional<KernelMember> kernel;  ///< absent when its weight is 0
    LaplaceHead trained_head;  ///< as training left it, before any experiment it has not seen
    LaplaceHead pair_head, target_head;
    Popularity known_popularity;  ///< of known clusters alone
    Popularity popularity;        ///< with every experiment taken in
    PopularityFit fit;
    /// One experiment as the heads took it in; replaying all of them gives the heads again.
    struct Taken {
        std::vector<float> features;
        double pair_label = -1.0, target_label = -1.0;  ///< negative = teaches that head nothing
        double weight = 1.0, offset = 0.0;
        bool operator==(const Taken& o) const {
            return features == o.features && pair_label == o.pair_label &&
                   target_label == o.target_label && weight == o.weight && offset == o.offset;
        }
    };
    std::vector<Taken> taken;
    std::string encoder_hash;  ///< set once training is over

    /// A pair label that training has seen.
    struct Taught {
        std::string pair;  ///< "core key|set key"
        double label = 0.0;
        double share = 1.0;  ///< share_of() it
        bool operator<(const Taught& o) const {
            return std::tie(pair, label, share) < std::tie(o.pair, o.label, o.share);
        }
    };
    /// Each is taken in once, not twice: two labels of a pair that disagree are both here.
    std::multiset<Taught> seen;
    std::size_t stale = 0;  ///< of `seen`, that are among the experiments taken in no more

    static std::unique_ptr<Impl> fitted(const Catalogue& catalogue,
                                        const std::vector<Pair>& known,
                                        const std::vector<LabelledPair>& experiments,
                                        const LearnerOptions& options,
                                        std::vector<Member> members,
                                        int epochs,
                                        const ProgressCallback& progress,
                                        const std::vector<Pair>& left_out = {});

    std::size_t feature_count() const;
    std::vector<float> features(const Catalogue& catalogue, const std::vector<Pair>& pairs) const;
    /// Of each experiment the share of its pair label that training has taught the networks; the
    /// labels that it taught and that are among them no more stay in `left`.
    std::vector<double> shares_taught(const Catalogue& catalogue,
                                      const std::vector<LabelledPair>& experiments,
                                      std::multiset<Taught>& left) const;
    double popularity_logit(const Catalogue& catalogue,
                            const Pair& pair,
                            const Popularity& counts) const;
    void fit_head(const Catalogue& catalogue, const TrainingSet& data);
    void fit_popularity(const Catalogue& catalogue, const TrainingSet& data);
    /// Brings the heads to `experiments`; only the tail is computed when it continues `taken`.
    void take_in(std::vector<Taken> experiments);
    NamedArrays encoder_arrays() const;
    NamedArrays head_arrays() const;
};

/// What a result counts beside a final one: a half where it is provisional.
double share_of(const LabelledPair& experiment);

/// "core key|set key".
std::string pair_key(const Catalogue& catalogue, const Pair& pair);

/// The rows of the catalogue that known pairs and experiments use, and both in those rows.
TrainingSet training_set(const Catalogue& catalogue,
                         const std::vector<Pair>& known,
                         const std::vector<LabelledPair>& experiments,
                         double lab_weight);

/// Makes LibTorch use one thread inside an operator; workers run side by side instead.
void use_one_thread_per_operator();

/// Throws Error when this machine has no such device.
void require_device(const std::string& name);

}  // namespace cupel::learner
