// The atoms of one unit cell and which of them touch, across its faces too.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "crystal.hpp"

namespace cupel::chemistry {

using Shift = std::array<int, 3>;  ///< whole cells

/// An atom of the cell: a site under one symmetry operation, moved into the cell.
struct CellAtom {
    int site = 0;
    int operation = 0;
    int element = 0;
    Point place{};  ///< Cartesian
    double occupancy = 1.0;
    bool removed = false;    ///< the alternative that was not chosen
    bool undecided = false;  ///< left of alternatives that could not be told apart
};

/// `b`, moved by `shift` cells, lies `length` from `a`. Listed once per pair; never a == b without
/// shift.
struct Contact {
    int a = 0;
    int b = 0;
    Shift shift{};
    double length = 0.0;
    double ratio = 0.0;   ///< length over the sum of covalent radii
    double excess = 0.0;  ///< length minus the sum of covalent radii
};

/// Occupancy from which on an atom is always there.
constexpr double kFull = 0.99;
/// Below it an atom is absent more often than there.
constexpr double kMostlyThere = 0.5;

struct Packing {
    std::optional<Lattice> lattice;
    std::vector<CellAtom> atoms;
    std::vector<Contact> contacts;
    std::vector<int> multiplicity;  ///< of each site in the cell, special positions counted once
};

/// Applies symmetry and finds the contacts that could be bonds or clashes.
/// Throws InputError("too_large") where that would be more than the limits of crystal.hpp.
Packing pack(const Crystal& crystal);

/// Where `place` lies after moving by `shift` cells.
Point moved(const Packing& packing, const Point& place, const Shift& shift);

/// Merges sites that metals share, in whichever image each is listed; `packing` is that of
/// `crystal` and describes it no longer where true comes back. What was done is added to `report`,
/// one line each.
bool share_metal_sites(Crystal& crystal, const Packing& packing, std::vector<std::string>& report);

/// Marks atoms removed that only repeat another, as where a whole cell is listed beside its
/// symmetry, or both ends of an edge.
void leave_out_repeated(const Crystal& crystal,
                        Packing& packing,
                        std::vector<std::string>& warnings);

/// Gives groups to alternatives that the file lists without any: told apart by their occupancies,
/// as 0.6 and 0.4 in one place, or where those are equal by what can be bonded to what. A negative
/// group to molecules that lie over their own image.
void infer_groups(Crystal& crystal, const Packing& packing);

/// Picks one alternative of each disordered region and marks the others removed, and what is left
/// where they could not be told apart undecided.
void resolve_disorder(const Crystal& crystal, Packing& packing, std::vector<std::string>& report);

}  // namespace cupel::chemistry
