// Which rows the gate keeps for itself.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <cupel/workbench/dataset.hpp>

namespace cupel::workbench {

/// Names the rule below: a base model of another rule was trained on rows that are anchor now.
inline constexpr const char* kAnchorRule = "anchor by hash of the learning key";

/// Is the pair with this learning key kept for the gate, be it a row of the table or the outcome of
/// an experiment? One in ten is, by hash alone: neither rows that come later nor labels change it.
bool is_anchor_key(const std::string& learning_key);

/// Marks the known pairs that are kept. None where fewer than eight would be left to train on.
std::vector<char> anchor_of_known(const Dataset& data);

/// Notes in the folder of the models that this encoder, and what it went on from, never saw the
/// anchor. Throws Error when the folder cannot be written.
void note_kept_anchor(const std::filesystem::path& models, const std::string& encoder);

/// Was it noted? Models from before the rule are not: which rows they saw is not known.
bool has_kept_anchor(const std::filesystem::path& models, const std::string& encoder);

/// A number in 0..1 that belongs to the text.
double hash_share(const std::string& text);

}  // namespace cupel::workbench
