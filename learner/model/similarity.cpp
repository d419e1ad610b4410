// Kernels over the encoders' own input features.
#include "similarity.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace cupel::learner {
namespace {

// Chosen on development splits (bench/pretraining-results.md).
constexpr double kShareWeight = 0.7;  ///< composition, half the L1 distance of the shares
constexpr double kSizeWeight = 0.35;  ///< per unit of log n
constexpr double kAnionWeight = 0.2;  ///< per unit of log(1 + count), at most three
constexpr double kKindWeight = 0.3;   ///< halides or none; chalcogenides or none
constexpr double kHydrideWeight = 0.25;
constexpr double kPropertyWeight = 0.2;    ///< per typical difference of two metals
constexpr double kFingerprintShare = 0.5;  ///< the rest is what the ligand binds with
constexpr double kSharpShare = 0.3;        ///< of the third power of a set similarity
constexpr double kSpeciesWeight = 0.3;     ///< per species that one set has more

// Electronegativity, radius (angstrom), weight, group, period: one over a typical difference
// between two metals, in the units of the features. The weight says nothing that the period does
// not.
constexpr double kPropertyScales[kElementPropertyCount] = {2.5, 4.0, 0.0, 10.0 / 4.5, 1.0};
// Places among the kinds of anions: Cl Br I F, then S Se Te.
constexpr std::pair<std::size_t, std::size_t> kHalides{0, 4}, kChalcogenides{4, 7};

bool has_anion(const float* core, std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) {
        if (core[kCoreAnions + 2 * i + 1] > 0.0F) {
            return true;
        }
    }
    return false;
}

}  // namespace

std::vector<float> kernel_rows(const std::vector<const CoreGraph*>& cores) {
    const CoreBatch batch = core_batch(cores);
    std::vector<float> rows(cores.size() * kKernelFeatures, 0.0F);
    for (std::size_t i = 0; i < cores.size(); ++i) {
        std::copy_n(batch.features.data() + i * kCoreFeatures,
                    kCoreFeatures,
                    rows.data() + i * kKernelFeatures);
    }
    for (std::size_t e = 0; e < batch.element_of.size(); ++e) {
        const float* properties = batch.elements.data() + e * kElementFeatures + kElementProperties;
        float* mean = rows.data() +
                      static_cast<std::size_t>(batch.element_of[e]) * kKernelFeatures +
                      kCoreFeatures;
        for (std::size_t p = 0; p < kElementPropertyCount; ++p) {
            mean[p] += batch.element_share[e] * properties[p];
        }
    }
    return rows;
}

double set_similarity(double cosine, std::size_t species, std::size_t other) {
    const double more = static_cast<double>(std::max(species, other) - std::min(species, other));
    return ((1.0 - kSharpShare) * cosine + kSharpShare * cosine * cosine * cosine) *
           std::exp(-kSpeciesWeight * more);
}

double core_similarity(const float* a, const float* b) {
    double shares = 0.0;
    for (std::size_t i = 0; i < kCoreShares; ++i) {
        shares += static_cast<double>(std::abs(a[i] - b[i]));
    }
    double anions = 0.0;
    for (std::size_t i = 0; i < kCoreAnionKinds; ++i) {
        anions += static_cast<double>(std::abs(a[kCoreAnions + 2 * i] - b[kCoreAnions + 2 * i]));
    }
    double kinds = 0.0;
    for (const auto& [first, last] : {kHalides, kChalcogenides}) {
        kinds += has_anion(a, first, last) != has_anion(b, first, last) ? 1.0 : 0.0;
    }
    // The features hold log n / 2.
    const double size = 2.0 * static_cast<double>(std::abs(a[kCoreLogSize] - b[kCoreLogSize]));
    const double hydrides = static_cast<double>(std::abs(a[kCoreHydride] - b[kCoreHydride]));
    // Metals without a share of their own, lanthanides among them, are told apart by this alone.
    double apart = 0.0;
    for (std::size_t p = 0; p < kElementPropertyCount; ++p) {
        const double difference =
            kPropertyScales[p] * static_cast<double>(a[kCoreFeatures + p] - b[kCoreFeatures + p]);
        apart += difference * difference;
    }
    return std::exp(-kPropertyWeight * std::sqrt(apart) - kShareWeight * shares / 2.0 -
                    kSizeWeight * size - kAnionWeight * std::min(anions, 3.0) -
                    kKindWeight * kinds - kHydrideWeight * hydrides);
}

Sketch::Sketch(const float* features) : row(features) {
    for (std::size_t i = 0; i < kFingerprintBits; ++i) {
        if (row[i] > 0.0F) {
            bits.push_back(i);
            total += row[i];
        }
    }
}

std::vector<Sketch> sketches(const std::vector<float>& features) {
    std::vector<Sketch> result;
    for (std::size_t i = 0; i < features.size(); i += kLigandFeatures) {
        result.emplace_back(features.data() + i);
    }
    return result;
}

double ligand_similarity(const Sketch& a, const Sketch& b) {
    float both = 0.0F;
    for (const std::size_t i : a.bits) {
        both += std::min(a.row[i], b.row[i]);
    }
    const float any = a.total + b.total - both;
    const double structure = any > 0.0F ? static_cast<double>(both / any) : 0.0;
    const bool same_charge = a.row[kLigandCharge] == b.row[kLigandCharge];
    float low = same_charge ? 1.0F : 0.0F;
    float high = same_charge ? 1.0F : 2.0F;
    const auto add = [&](std::size_t first, std::size_t last) {
        for (std::size_t i = first; i < last; ++i) {
            low += std::min(a.row[i], b.row[i]);
            high += std::max(a.row[i], b.row[i]);
        }
    };
    add(kLigandClass, kLigandCharge);
    add(kLigandDonors, kLigandDonors + kLigandDonorKinds);
    return kFingerprintShare * structure +
           (1.0 - kFingerprintShare) * static_cast<double>(low / high);
}

}  // namespace cupel::learner
