// How alike two cores, two ligands and two ligand sets are; each similarity is a kernel in 0..1.
#pragma once

#include <cstddef>
#include <vector>

#include <cupel/learner/catalogue.hpp>

#include "inputs.hpp"

namespace cupel::learner {

/// A core's features, then the mean properties of its metals.
constexpr std::size_t kKernelFeatures = kCoreFeatures + kElementPropertyCount;

/// Row by row, cores.size() x kKernelFeatures.
std::vector<float> kernel_rows(const std::vector<const CoreGraph*>& cores);
/// Of two such rows: composition, size, anions, hydrides.
double core_similarity(const float* a, const float* b);

/// A ligand's row and the places of its fingerprint that are not zero.
struct Sketch {
    const float* row = nullptr;
    std::vector<std::size_t> bits;
    float total = 0.0F;
    explicit Sketch(const float* features);
};

/// Of rows of kLigandFeatures each, which must outlive them.
std::vector<Sketch> sketches(const std::vector<float>& features);
/// Mean of two Tanimoto similarities of counts (sums of minima over sums of maxima): of the
/// fingerprints, and of what the ligands bind with.
double ligand_similarity(const Sketch& a, const Sketch& b);
/// From the cosine of two sets in the space of ligands: sharper, and less for another number of
/// species. Products and sums of kernels are kernels.
double set_similarity(double cosine, std::size_t species, std::size_t other);

}  // namespace cupel::learner
