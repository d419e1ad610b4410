// Equal ligands counted together; solvent and counter-ions named and counted.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <cupel/domain/verdict.hpp>

#include "bond_orders.hpp"
#include "molecules.hpp"

namespace cupel::chemistry {

struct LigandSpecies {
    LigandSet ligands;
    /// By formula, the number there is on average; of those alone that are not always there.
    std::map<std::string, double> average;
    int missing_hydrogens = 0;
    std::vector<std::string> warnings;
};

/// Groups ligands by skeleton. Within one skeleton those whose hydrogens were located stand for
/// themselves (phenyl and cyclohexyl stay apart); the others join the most frequent kind. Those
/// that are absent more often than there are counted in the average alone, undecided ones nowhere.
LigandSpecies group_ligands(const std::vector<Fragment>& fragments);

/// Molecules beside the cluster: what they are, how many per cluster, what charge they leave to it.
class OtherMolecules {
  public:
    OtherMolecules(const Packing& packing, const BondTable& bonds, int clusters);
    void add(const Molecule& molecule);

    std::vector<OtherSpecies> species();
    /// Of one cluster; only where ions are there and the charge of every molecule is known.
    std::optional<int> cluster_charge() const;
    int missing_hydrogens() const { return missing_hydrogens_; }
    const std::vector<std::string>& warnings() const { return warnings_; }

  private:
    struct Kind {
        double amount = 0.0;  ///< in the cell, by occupancy
        std::optional<int> charge;
        bool metal = false;
    };
    std::pair<std::string, Kind> perceive(const Molecule& molecule);

    const Packing& packing_;
    const BondTable& bonds_;
    int clusters_;
    std::map<std::string, Kind> kinds_;
    /// Images of one molecule are perceived once: by the sites they are made of.
    std::map<std::vector<int>, std::pair<std::string, Kind>> known_;
    int missing_hydrogens_ = 0;
    std::vector<std::string> warnings_;
};

}  // namespace cupel::chemistry
