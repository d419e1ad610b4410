// What a structure file holds, before any chemistry: cell, symmetry, atom sites.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cupel::chemistry {

using Point = std::array<double, 3>;

/// Bounds on the work that one file may cause.
constexpr std::size_t kMaxFileBytes = 64u << 20;
constexpr std::size_t kMaxTokens = 3'000'000;
constexpr std::size_t kMaxSites = 20'000;
constexpr std::size_t kMaxCellAtoms = 120'000;
constexpr std::size_t kMaxBlocks = 16;  ///< of one CIF that are analysed

/// A unit cell; fractional to Cartesian coordinates in angstrom.
class Lattice {
  public:
    /// Throws InputError("bad_cell") for lengths or angles no crystal has.
    Lattice(const Point& lengths, const Point& angles_in_degrees);
    Point cartesian(const Point& fractional) const;
    Point fractional(const Point& cartesian) const;
    /// Distance between opposite faces, per axis.
    const Point& heights() const { return heights_; }
    double volume() const { return volume_; }

  private:
    double m_[3][3] = {};  ///< upper triangular
    Point heights_{};
    double volume_ = 0.0;
};

/// x' = rotation x + translation, in fractions of the cell.
struct SymmetryOperation {
    double rotation[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    Point translation{};
    Point apply(const Point& p) const;
};

struct Site {
    std::string label;
    int element = 0;
    Point position{};  ///< fractional with a lattice, else Cartesian
    double occupancy = 1.0;
    int group = 0;         ///< disorder group; 0 = always there
    std::string assembly;  ///< disorder assembly, may be empty
    bool calculated = false;
    /// Metals that share this site with their occupancies; empty for one element.
    std::vector<std::pair<int, double>> shared;
};

struct Crystal {
    std::string block;
    std::optional<Lattice> lattice;
    std::vector<SymmetryOperation> operations;  ///< the identity first
    std::vector<Site> sites;
    std::string formula_sum;
    bool tells_orders = false;        ///< of special positions: occupancies are not divided by them
    bool masked_solvent = false;      ///< electrons were taken out of voids (SQUEEZE, solvent mask)
    bool sites_end_the_file = false;  ///< nothing follows the list of atoms
    std::vector<std::string> warnings;
};

/// A parsed CIF and those of its blocks that hold metal atoms, the one with most coinage metal and
/// then most atoms first. The first is there without metal too, so that there is always one.
class CifFile {
  public:
    /// Throws InputError with the codes of structure_analysis.hpp, as read() does.
    explicit CifFile(const std::string& text);
    ~CifFile();
    CifFile(const CifFile&) = delete;
    CifFile& operator=(const CifFile&) = delete;

    std::size_t size() const;
    const std::string& name(std::size_t at) const;
    /// Refuses blocks from kMaxBlocks on.
    Crystal read(std::size_t at) const;
    std::size_t blocks_with_atoms() const;  ///< with metal or without

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Each reads the whole text (of a CIF its first block by the order of CifFile); throws InputError
/// with the codes of structure_analysis.hpp.
Crystal read_cif(const std::string& text);
Crystal read_xyz(std::string_view text);

/// Element of a label or type symbol: "Au12", "CL1", "S2-", "Cu1+"; 0 when there is none.
int element_of_label(std::string_view label);

double distance(const Point& a, const Point& b);
double angle_in_degrees(const Point& end, const Point& vertex, const Point& other_end);

}  // namespace cupel::chemistry
