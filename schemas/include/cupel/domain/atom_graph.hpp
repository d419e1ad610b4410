// What the learner reads: graphs and fingerprints in plain numbers, free of any chemistry library.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace cupel {

/// One atom of a ligand graph (heavy atoms; hydrogens are counted on their neighbour).
struct GraphAtom {
    std::uint8_t atomic_number = 0;
    std::int8_t formal_charge = 0;
    std::uint8_t degree = 0;         ///< bonds to heavy atoms
    std::uint8_t hydrogens = 0;      ///< explicit and implicit
    std::uint8_t hybridisation = 0;  ///< 0 other, 1 sp, 2 sp2, 3 sp3
    bool aromatic = false;
    bool in_ring = false;
    bool donor = false;               ///< bound to the core
    std::uint8_t donor_distance = 0;  ///< bonds to the nearest donor, 255 when there is none
};

/// An undirected bond; listed once.
struct GraphBond {
    std::uint16_t begin = 0;
    std::uint16_t end = 0;
    std::uint8_t order = 1;  ///< 1, 2, 3; 4 = aromatic
    bool in_ring = false;
    bool conjugated = false;
};

/// A ligand as the ligand encoder reads it.
struct AtomGraph {
    std::string smiles;
    std::string donor_class;
    int charge = 0;
    int denticity = 0;
    std::vector<GraphAtom> atoms;
    std::vector<GraphBond> bonds;
};

/// A core as the core encoder reads it: the formula path needs `metals`, `anions`, `hydrides`;
/// the 3-D path needs `positions` as well. Nothing here is computed from ligands, charge or
/// electrons.
struct CoreGraph {
    std::vector<std::pair<std::uint8_t, int>> metals;  ///< (atomic number, count), by atomic number
    std::vector<std::pair<std::string, int>> anions;   ///< (formula, count), sorted
    int hydrides = -1;                                 ///< -1 = unknown, masked
    std::vector<std::uint8_t> elements;           ///< atomic numbers; empty without coordinates
    std::vector<std::array<float, 3>> positions;  ///< angstrom, one per element of `elements`
};

/// A hashed count fingerprint: sorted (bit, count).
struct Fingerprint {
    std::uint32_t size = 0;  ///< number of bits folded to
    std::vector<std::pair<std::uint32_t, std::uint16_t>> counts;
};

}  // namespace cupel
