// What comes of an attempt in the virtual laboratory: an outcome, often with a CIF.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <cupel/domain/candidate.hpp>
#include <cupel/domain/outcome.hpp>
#include <cupel/simulator/structure_writer.hpp>
#include <cupel/simulator/truth.hpp>

namespace cupel::simulator {

/// One finished attempt.
struct Attempt {
    std::optional<Outcome> outcome;  ///< nothing: the CIF decides
    std::optional<bool> consumed;    ///< of an execution failure
    std::string cif;                 ///< empty when no crystal came of it
    std::string note;
};

/// Makes candidates. Reported pairs of `truth` form, every other pair is taken as not forming.
/// What happens depends on the seed, the candidate and the attempt alone, not on the order of
/// work.
class Chemist {
  public:
    Chemist(Truth truth, std::uint64_t seed);

    /// Draws the outcome of attempt number `attempt` (from 1). `fault` makes it an execution
    /// failure that consumed nothing.
    Attempt make(const Candidate& candidate, int attempt, bool fault = false);
    /// True when the laboratory takes the candidate's pair as forming.
    bool forms(const Candidate& candidate) const { return truth_.find(candidate) != nullptr; }
    /// What a second look at unsolved crystals says.
    Outcome second_look(const Candidate& candidate) const;

  private:
    Attempt crystal_of(const Candidate& made, std::uint64_t draw, const std::string& note);

    Truth truth_;
    std::uint64_t seed_;
    StructureWriter writer_;
};

}  // namespace cupel::simulator
