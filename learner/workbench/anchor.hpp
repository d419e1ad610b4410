// Which rows the gate keeps for itself.
#pragma once

#include <string>
#include <vector>

#include <cupel/learner/catalogue.hpp>

namespace cupel::workbench {

/// Marks a tenth of the known pairs: ordered by donor classes and metals and, within these, by the
/// hash of their keys, every tenth is taken, so that each kind is there in its share. The same
/// table gives the same anchor.
std::vector<char> anchor_of_known(const learner::Catalogue& catalogue,
                                  const std::vector<learner::Pair>& known);

/// Is the outcome of an experiment with this learning key kept for the gate? One in ten is, by hash
/// alone: which one must not depend on those that come later.
bool is_anchor_label(const std::string& learning_key);

/// A number in 0..1 that belongs to the text.
double hash_share(const std::string& text);

}  // namespace cupel::workbench
