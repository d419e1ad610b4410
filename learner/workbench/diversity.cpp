// Families of cores by metals and size; scaffolds of ligands by cutting off their side chains.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <unordered_map>
#include <vector>

#include <cupel/domain/sha256.hpp>
#include <cupel/workbench/diversity.hpp>

namespace cupel::workbench {

std::string core_family(const CoreGraph& core) {
    std::string family;
    int total = 0;
    for (const auto& [z, count] : core.metals) {
        family += std::to_string(z) + ".";
        total += count;
    }
    const double band = std::log(static_cast<double>(std::max(total, 1))) / std::log(1.25);
    return family + std::to_string(static_cast<int>(std::lround(band)));
}

namespace {

/// Atoms that are left when chains that end in nothing are cut off, donors kept.
std::vector<char> framework(const AtomGraph& ligand) {
    std::vector<char> kept(ligand.atoms.size(), 1);
    for (bool changed = true; changed;) {
        changed = false;
        std::vector<int> bonds(kept.size(), 0);
        for (const auto& bond : ligand.bonds) {
            if (kept[bond.begin] != 0 && kept[bond.end] != 0) {
                ++bonds[bond.begin];
                ++bonds[bond.end];
            }
        }
        for (std::size_t i = 0; i < kept.size(); ++i) {
            if (kept[i] != 0 && bonds[i] <= 1 && !ligand.atoms[i].donor) {
                kept[i] = 0;
                changed = true;
            }
        }
    }
    return kept;
}

}  // namespace

std::string ligand_scaffold(const AtomGraph& ligand) {
    const std::vector<char> kept = framework(ligand);
    // Weisfeiler and Lehman: each atom's name grows by its neighbours' names, so that the sorted
    // names do not depend on the order of the atoms.
    std::vector<std::string> names(kept.size());
    for (std::size_t i = 0; i < kept.size(); ++i) {
        const auto& atom = ligand.atoms[i];
        names[i] = std::to_string(atom.atomic_number) + (atom.aromatic ? "a" : "") +
                   (atom.donor ? "d" : "");
    }
    for (int round = 0; round < 6; ++round) {
        std::vector<std::vector<std::string>> near(kept.size());
        for (const auto& bond : ligand.bonds) {
            if (kept[bond.begin] != 0 && kept[bond.end] != 0) {
                near[bond.begin].push_back(names[bond.end]);
                near[bond.end].push_back(names[bond.begin]);
            }
        }
        for (std::size_t i = 0; i < kept.size(); ++i) {
            std::sort(near[i].begin(), near[i].end());
            std::string grown = names[i] + "(";
            for (const auto& name : near[i]) {
                grown += name + ",";
            }
            names[i] = sha256_hex(grown).substr(0, 16);
        }
    }
    std::vector<std::string> all;
    for (std::size_t i = 0; i < kept.size(); ++i) {
        if (kept[i] != 0) {
            all.push_back(names[i]);
        }
    }
    std::sort(all.begin(), all.end());
    std::string text = ligand.donor_class + ":";
    for (const auto& name : all) {
        text += name;
    }
    return ligand.donor_class + ":" + sha256_hex(text).substr(0, 16);
}

std::string ligand_scaffold(const learner::Catalogue& catalogue, std::size_t set) {
    std::set<std::string> scaffolds;
    for (const std::size_t ligand : catalogue.sets().at(set)) {
        scaffolds.insert(ligand_scaffold(catalogue.ligands().at(ligand).graph));
    }
    std::string text;
    for (const auto& scaffold : scaffolds) {
        text += scaffold + " ";
    }
    return text;
}

namespace {

constexpr std::size_t kNoNumber = static_cast<std::size_t>(-1);

/// Numbers names in the order they come; the name of one index is made once.
class Numbering {
  public:
    explicit Numbering(std::size_t indices) : number_(indices, kNoNumber) {}
    template <typename Name>
    std::size_t of(std::size_t index, const Name& name) {
        std::size_t& number = number_.at(index);
        if (number == kNoNumber) {
            number = numbers_.emplace(name(), numbers_.size()).first->second;
        }
        return number;
    }

  private:
    std::vector<std::size_t> number_;
    std::map<std::string, std::size_t> numbers_;
};

}  // namespace

PoolGroups pool_groups(const learner::Catalogue& catalogue,
                       const std::vector<learner::Pair>& pairs) {
    PoolGroups groups;
    Numbering families(catalogue.cores().size());
    Numbering scaffolds(catalogue.sets().size());
    std::unordered_map<std::size_t, std::size_t> numbers;
    numbers.reserve(pairs.size());
    for (const auto& pair : pairs) {
        groups.family.push_back(
            families.of(pair.core, [&] { return core_family(catalogue.cores()[pair.core]); }));
        groups.scaffold.push_back(
            scaffolds.of(pair.set, [&] { return ligand_scaffold(catalogue, pair.set); }));
        const std::size_t cell = pair.core * catalogue.sets().size() + pair.set;
        groups.pair.push_back(numbers.emplace(cell, numbers.size()).first->second);
    }
    return groups;
}

}  // namespace cupel::workbench
