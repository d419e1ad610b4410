// What only one of the two knows is left out of both; then their identities are compared.
#include "same_cluster.hpp"

namespace cupel::controller {

bool may_be_same(const Candidate& left, const Candidate& right, bool by_structure) {
    Candidate a = left, b = right;
    if (by_structure || !a.charge || !b.charge) {
        a.charge.reset();
        b.charge.reset();
    }
    if (by_structure) {
        a.conditions.clear();
        b.conditions.clear();
    }
    if (!a.core.hydrides || !b.core.hydrides) {
        a.core.hydrides.reset();
        b.core.hydrides.reset();
    }
    return identity_key(a) == identity_key(b);
}

}  // namespace cupel::controller
