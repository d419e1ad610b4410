// Writes a crystal structure of any candidate: packed metals, ligand conformers, a CIF in space
// group P1.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <cupel/domain/candidate.hpp>

namespace cupel::simulator {

/// Builds clusters atom by atom. Not the minimum of any energy: a geometry with sensible bond
/// lengths in which each ligand touches the core through its donors and touches nothing else, so
/// that a reader recovers metals, anions and ligands from the atoms alone.
/// Keeps the conformers it has made; one object per thread.
class StructureWriter {
  public:
    StructureWriter();
    ~StructureWriter();
    StructureWriter(StructureWriter&&) noexcept;
    StructureWriter& operator=(StructureWriter&&) noexcept;

    /// The text of a CIF: P1 in a wide box, standard uncertainties, every hydrogen of the ligands,
    /// no `_chemical_formula_sum` and no hydrides. The same candidate and seed give the same text.
    /// Bounded work; throws InputError("cannot_build") with the reason when the candidate holds
    /// what is not built here (ligands of several parts, enclosed polyatomic anions) or does not
    /// fit.
    std::string write(const Candidate& candidate, std::uint64_t seed);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace cupel::simulator
