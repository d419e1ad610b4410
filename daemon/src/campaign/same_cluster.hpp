// Whether two descriptions may mean one cluster, as far as both say.
#pragma once

#include <cupel/domain/candidate.hpp>

namespace cupel::controller {

/// Same core, ligands with their counts and conditions; charges and hydrides count only where both
/// know them. A structure says nothing of charge and conditions: with `by_structure` they never
/// count.
bool may_be_same(const Candidate& left, const Candidate& right, bool by_structure);

}  // namespace cupel::controller
