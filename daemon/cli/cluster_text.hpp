// Clusters as chemists write and read them, at the terminal.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include <cupel/domain/candidate.hpp>

namespace cupel::cli {

/// The name of a `candidate` object with short ligand names where there are some
/// ("Au25(PET)18"); `fallback` when they cannot be had.
std::string short_cluster_name(const nlohmann::json& candidate, const std::string& fallback);

/// A cluster by formula ("[Au25(PET)18]-") or as a `candidate` object; SMILES are made canonical.
/// Throws InputError naming what is not understood.
Candidate read_cluster(const std::string& text);

}  // namespace cupel::cli
