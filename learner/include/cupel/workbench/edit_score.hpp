// Which small change of a known cluster comes next: the pair score, and what edits have in common.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include <cupel/learner/catalogue.hpp>

namespace cupel::workbench {

constexpr std::size_t kEditFeatures = 15;
using EditFeatures = std::array<double, kEditFeatures>;

/// How `child` differs from `parent` (removal, addition, substitution, hydride, anion, exchange of
/// a ligand species and how alike the two ligands are), and what the learner says of the child:
/// `interaction`, the known counts of its core and its set, and its likeness (0..1) to the nearest
/// known cluster. Counts and charge do not matter.
EditFeatures edit_features(const learner::Catalogue& catalogue,
                           const learner::Pair& parent,
                           const learner::Pair& child,
                           double interaction,
                           double core_known,
                           double set_known,
                           double nearest);

/// Elementary edits between two pairs: metal move, hydride, anion, exchanged species.
int edit_size(const learner::Catalogue& catalogue,
              const learner::Pair& parent,
              const learner::Pair& child);

/// Whether the cores differ by one atom of metal, or by one metal in place of another, and in
/// nothing else.
bool one_metal_apart(const CoreGraph& a, const CoreGraph& b);

/// The candidates of one parent, and the one that was reported.
struct EditChoice {
    std::vector<EditFeatures> candidates;
    std::size_t chosen = 0;
};

/// A conditional logit: candidate i of a parent is the next with probability softmax(weights x
/// features). Few weights, a ridge, closed iterations: the same choices give the same weights.
class EditScore {
  public:
    /// The pair score alone: weight 1 on `interaction`.
    EditScore();
    static EditScore fitted(const std::vector<const EditChoice*>& choices);
    double score(const EditFeatures& features) const;
    const EditFeatures& weights() const noexcept { return weights_; }
    static const std::array<const char*, kEditFeatures>& names();

  private:
    EditFeatures weights_{};
};

}  // namespace cupel::workbench
