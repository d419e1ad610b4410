// The reported clusters most like a candidate, for people who ask why.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include <cupel/chemistry/reported_table.hpp>
#include <cupel/domain/candidate.hpp>
#include <cupel/domain/proposal.hpp>

namespace cupel::controller {

/// Similarity = minmax (Tanimoto) of the cores' compositions times minmax of the ligand sets'
/// fingerprints, 0..1. Not thread-safe: fingerprints are kept once computed.
class ReportedNeighbours {
  public:
    /// Each pair of core and ligand set once, by its first row.
    explicit ReportedNeighbours(const std::vector<chemistry::ReportedCluster>& clusters);
    /// Takes in the ligands of a candidate that will be asked for. Throws InputError("bad_smiles").
    void prepare(const Candidate& candidate) { ligands_of(candidate.ligands); }
    /// The `count` most similar, best first; equal ones in the table's order.
    /// Throws InputError("bad_smiles").
    std::vector<Neighbour> nearest(const Candidate& candidate, std::size_t count);

  private:
    using Counts = std::map<std::string, double>;
    struct Entry {
        std::string name, source;
        Counts core, ligands;
    };
    Counts ligands_of(const LigandSet& set);
    std::vector<Entry> entries_;
    std::map<std::string, Counts> fingerprints_;  ///< by SMILES
};

}  // namespace cupel::controller
