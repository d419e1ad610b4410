// Groups and elements that a laboratory may not want in a flask.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <cupel/domain/candidate.hpp>

namespace cupel::chemistry {

/// A named rule.
struct HazardRule {
    std::string name;  ///< "azide"
    std::string why;   ///< "explosive heavy-metal salts"
};

/// All rules: perchlorate, azide, fulminate, peroxide, acetylide, carbonyl, cyanide, toxic-metal.
const std::vector<HazardRule>& hazard_rules();

/// Names of the rules a ligand meets, in the order of hazard_rules(). Text that is not SMILES
/// meets all: nothing can be ruled out.
std::vector<std::string> hazards_of_ligand(const std::string& smiles);
/// Of the core (metals; anions by their atoms, in whatever order they are written) and of all
/// ligands, each rule once, in the same order.
std::vector<std::string> hazards_of(const Candidate& candidate);

/// The same for many candidates: ligands repeat by the thousand in a pool, and each is looked at
/// once. Not thread-safe.
class HazardLookup {
  public:
    std::vector<std::string> of(const Candidate& candidate);

  private:
    std::map<std::string, std::vector<std::string>> by_ligand_;
};

}  // namespace cupel::chemistry
