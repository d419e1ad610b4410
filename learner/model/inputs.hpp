// Dense arrays the networks read, made from graphs and fingerprints without any chemistry library.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <cupel/learner/catalogue.hpp>

namespace cupel::learner {

constexpr std::size_t kElementFeatures = 22;      ///< of one element of a core
constexpr std::size_t kElementProperties = 14;    ///< where these stand, after which metal it is:
constexpr std::size_t kElementPropertyCount = 5;  ///< see element_properties()
constexpr std::size_t kCoreFeatures = 72;         ///< of a whole core
constexpr std::size_t kFingerprintBits = 512;
constexpr std::size_t kLigandFeatures = kFingerprintBits + 80;
// Where some features stand in a core's row ...
constexpr std::size_t kCoreShares = 14;   ///< shares of the metals come first
constexpr std::size_t kCoreLogSize = 14;  ///< log n / 2 - 1
constexpr std::size_t kCoreAnions = 28;   ///< log(1 + count) and presence, in turn
constexpr std::size_t kCoreAnionKinds = 15;
constexpr std::size_t kCoreHydride = 60;  ///< 1 when there are hydrides
// ... and in a ligand's, after the fingerprint.
constexpr std::size_t kLigandClass = kFingerprintBits;  ///< donor class, then denticity
constexpr std::size_t kLigandCharge = kFingerprintBits + 40;
constexpr std::size_t kLigandDonors = kFingerprintBits + 55;  ///< presence of donor elements
constexpr std::size_t kLigandDonorKinds = 13;
constexpr std::size_t kAtomFeatures = 30;
constexpr std::size_t kBondFeatures = 6;

/// Electronegativity, covalent radius, atomic weight, group and period, centred and scaled alike
/// for every reader.
std::array<double, kElementPropertyCount> element_properties(int atomic_number);

/// Some cores as arrays, row by row.
struct CoreBatch {
    std::size_t count = 0;
    std::vector<float> features;           ///< count x kCoreFeatures
    std::vector<float> elements;           ///< elements x kElementFeatures
    std::vector<float> element_share;      ///< weight of each element in its core
    std::vector<std::int64_t> element_of;  ///< the core each element belongs to
};

/// Some ligands as arrays.
struct LigandBatch {
    std::size_t count = 0;
    std::vector<float> features;                   ///< count x kLigandFeatures
    std::vector<float> atoms;                      ///< atoms x kAtomFeatures
    std::vector<std::int64_t> atom_of;             ///< the ligand each atom belongs to
    std::vector<std::int64_t> bond_from, bond_to;  ///< both directions
    std::vector<float> bonds;                      ///< directed bonds x kBondFeatures
    std::vector<float> inverse_size;               ///< 1 / atoms, per ligand
};

/// Some sets: which ligand rows of a LigandBatch each holds.
struct SetBatch {
    std::size_t count = 0;
    std::vector<std::int64_t> ligand, set_of;
    std::vector<std::int64_t> padded;  ///< count x widest, `ligand` padded with the ligand count
    std::size_t widest = 1;            ///< most species of a set
    std::vector<float> share;          ///< 1 / species of the set, per entry
    std::vector<float> features;       ///< count x 1: log of the number of species
};

CoreBatch core_batch(const std::vector<const CoreGraph*>& cores);
LigandBatch ligand_batch(const std::vector<const LigandInput*>& ligands);

/// The sets named by `sets` of a catalogue, with the ligands they use.
struct SetInputs {
    LigandBatch ligands;
    SetBatch sets;
};
SetInputs set_inputs(const Catalogue& catalogue, const std::vector<std::size_t>& sets);

}  // namespace cupel::learner
