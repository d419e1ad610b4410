// Names by the table of abbreviations.
#include "cluster_text.hpp"

#include <memory>

#include <cupel/chemistry/abbreviations.hpp>
#include <cupel/chemistry/candidate_name.hpp>
#include <cupel/chemistry/smiles.hpp>
#include <cupel/codec/candidate_codec.hpp>
#include <cupel/domain/error.hpp>

namespace cupel::cli {
namespace {

/// Null where the table is not installed: long names are names too.
const chemistry::Abbreviations* try_abbreviations() {
    static const auto table = [] {
        try {
            return std::make_unique<chemistry::Abbreviations>(chemistry::Abbreviations::standard());
        } catch (const InputError&) {
            return std::unique_ptr<chemistry::Abbreviations>();
        }
    }();
    return table.get();
}

}  // namespace

std::string short_cluster_name(const nlohmann::json& candidate, const std::string& fallback) {
    const auto* names = try_abbreviations();
    if (names == nullptr) {
        return fallback;
    }
    try {
        return chemistry::short_name(codec::decode_candidate(candidate.dump()), *names);
    } catch (const InputError&) {
        return fallback;
    }
}

Candidate read_cluster(const std::string& text) {
    const auto first = text.find_first_not_of(" \t\n");
    if (first == std::string::npos || text[first] != '{') {
        return chemistry::parse_candidate_name(text, chemistry::Abbreviations::standard());
    }
    Candidate candidate = codec::decode_candidate(text);
    for (auto& [ligand, count] : candidate.ligands) {
        ligand.smiles = chemistry::canonical_smiles(ligand.smiles);
    }
    candidate.ligands = normalised(std::move(candidate.ligands));
    return candidate;
}

}  // namespace cupel::cli
