// Compositions and fingerprints compared.
#include "reported_neighbours.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include <cupel/chemistry/featuriser.hpp>

namespace cupel::controller {
namespace {

using Counts = std::map<std::string, double>;

Counts core_of(const Core& core) {
    Counts counts;
    for (const auto& [element, count] : core.metals) {
        counts[element] += count;
    }
    for (const auto& [anion, count] : core.anions) {
        counts["anion " + anion] += count;
    }
    if (core.hydrides) {
        counts["hydride"] += *core.hydrides;
    }
    return counts;
}

double minmax(const Counts& a, const Counts& b) {
    double shared = 0.0;
    double all = 0.0;
    for (const auto& [key, count] : a) {
        const auto found = b.find(key);
        const double other = found == b.end() ? 0.0 : found->second;
        shared += std::min(count, other);
        all += std::max(count, other);
    }
    for (const auto& [key, count] : b) {
        all += a.count(key) == 0 ? count : 0.0;
    }
    return all > 0.0 ? shared / all : 0.0;
}

}  // namespace

ReportedNeighbours::ReportedNeighbours(const std::vector<chemistry::ReportedCluster>& clusters) {
    std::set<std::string> seen;
    for (const auto& cluster : clusters) {
        if (seen.insert(learning_key(cluster.candidate)).second) {
            entries_.push_back({cluster.name,
                                cluster.source,
                                core_of(cluster.candidate.core),
                                ligands_of(cluster.candidate.ligands)});
        }
    }
}

Counts ReportedNeighbours::ligands_of(const LigandSet& set) {
    Counts bits;
    for (const auto& entry : set) {
        const auto [place, fresh] = fingerprints_.try_emplace(entry.ligand.smiles);
        if (fresh) {
            for (const auto& [bit, count] : chemistry::fingerprint(entry.ligand.smiles).counts) {
                place->second[std::to_string(bit)] = count;
            }
        }
        for (const auto& [bit, count] : place->second) {
            bits[bit] = std::max(bits[bit], count);
        }
    }
    return bits;
}

std::vector<Neighbour> ReportedNeighbours::nearest(const Candidate& candidate, std::size_t count) {
    const Counts core = core_of(candidate.core);
    const Counts ligands = ligands_of(candidate.ligands);
    std::vector<Neighbour> all;
    for (const auto& entry : entries_) {
        const double core_part = minmax(core, entry.core);
        const double similarity =
            core_part > 0.0 ? core_part * minmax(ligands, entry.ligands) : 0.0;
        all.push_back({entry.name, entry.source, std::round(similarity * 1e4) / 1e4});
    }
    std::stable_sort(all.begin(), all.end(), [](const Neighbour& a, const Neighbour& b) {
        return a.similarity > b.similarity;
    });
    all.resize(std::min(count, all.size()));
    return all;
}

}  // namespace cupel::controller
