// Candidates taken as not forming, that popularity cannot tell from those that do.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include <cupel/domain/candidate.hpp>

namespace cupel::chemistry {

/// The ligand sets of `truth` shuffled among its cores, `per_pair` times, so that each core and
/// each ligand set occurs about as often as among the true pairs. Pairs of `truth`, and pairs whose
/// learning key is in `reported`, are left out, and no pair comes twice: there may be fewer than
/// per_pair for each. Counts are scaled to the core, charges unknown. The same input and seed give
/// the same decoys on every machine.
std::vector<Candidate> degree_matched_decoys(const std::vector<Candidate>& truth,
                                             int per_pair,
                                             std::uint64_t seed,
                                             const std::set<std::string>& reported = {});

}  // namespace cupel::chemistry
