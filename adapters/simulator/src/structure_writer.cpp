// From a candidate to a CIF: cores of growing surface are tried until all ligands fit.
#include <algorithm>

#include <cupel/domain/error.hpp>
#include <cupel/simulator/structure_writer.hpp>

#include "cif_text.hpp"
#include "cluster.hpp"
#include "conformers.hpp"
#include "core_packing.hpp"
#include "ligand_shell.hpp"

namespace cupel::simulator {
namespace {

struct Attempt {
    CoreShape shape;
    double clearance;  ///< angstrom above the sum of radii, between ligands
};

// Compact and roomy first; then rods, plates and wider spacing, which offer more surface; then
// ligands closer to each other. A shape is tried twice: each try draws other places.
constexpr double kStretches[] = {1.0, 1.0, 1.6, 0.6, 2.4, 0.4, 3.5, 0.25};
constexpr double kClearances[] = {1.1, 0.9, 0.75};
constexpr double kSpacings[] = {1.0, 1.06};

std::vector<Attempt> attempts(const Core& core) {
    int anions = 0;
    for (const auto& [symbol, count] : core.anions) {
        anions += count;
    }
    // Above one anion to three metals the surface has no room for them all.
    const bool salt_first = 3 * anions > core.nuclearity();
    std::vector<Attempt> all;
    for (const double clearance : kClearances) {
        for (const double spacing : kSpacings) {
            for (const double stretch : kStretches) {
                all.push_back({{stretch, spacing, salt_first}, clearance});
                if (anions > 0) {
                    all.push_back({{stretch, spacing, !salt_first}, clearance});
                }
            }
        }
    }
    return all;
}

}  // namespace

struct StructureWriter::Impl {
    ConformerLibrary library;

    /// Nothing went wrong when the reason is empty.
    std::string build(const Candidate& candidate,
                      const Attempt& attempt,
                      Random& random,
                      WorkBudget& budget,
                      Cluster& cluster) {
        cluster = pack_core(candidate.core, attempt.shape, random);
        std::vector<const Conformers*> order;
        for (const auto& entry : candidate.ligands) {
            const Conformers& ligand = library.of(entry.ligand.smiles);
            order.insert(order.end(), static_cast<std::size_t>(entry.count), &ligand);
        }
        std::stable_sort(order.begin(), order.end(), [](const auto* a, const auto* b) {
            return a->elements.size() > b->elements.size();
        });
        if (!dock_all(cluster, order, attempt.clearance, random, budget)) {
            return "the " + std::to_string(order.size()) + " ligands do not fit round the core";
        }
        return contact_fault(cluster);
    }
};

StructureWriter::StructureWriter() : impl_(std::make_unique<Impl>()) {}
StructureWriter::~StructureWriter() = default;
StructureWriter::StructureWriter(StructureWriter&&) noexcept = default;
StructureWriter& StructureWriter::operator=(StructureWriter&&) noexcept = default;

std::string StructureWriter::write(const Candidate& candidate, std::uint64_t seed) {
    if (candidate.core.metals.empty() || candidate.ligands.empty()) {
        throw InputError("cannot_build", "a cluster needs metals and ligands");
    }
    std::string reason = "nothing was tried";
    Random random(seed * 0x9E3779B97F4A7C15u + 1);
    WorkBudget budget;
    for (const auto& attempt : attempts(candidate.core)) {
        if (budget.pairs_left < 0.0) {
            break;
        }
        Cluster cluster;
        try {
            reason = impl_->build(candidate, attempt, random, budget, cluster);
        } catch (const InputError& error) {
            // Lack of room is worth another shape; a ligand that cannot be built is not.
            if (std::string(error.what()) != "no room for the core's anions") {
                throw;
            }
            reason = error.what();
        }
        if (reason.empty()) {
            return cif_text(cluster, "virtual_" + std::to_string(seed), random);
        }
    }
    throw InputError("cannot_build", candidate.name() + ": " + reason);
}

}  // namespace cupel::simulator
