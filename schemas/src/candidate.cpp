// Names and keys of candidates.
#include <algorithm>
#include <cstdlib>
#include <set>

#include <cupel/domain/candidate.hpp>
#include <cupel/domain/sha256.hpp>

namespace cupel {
namespace {

std::string without_stereo(const std::string& smiles) {
    std::string text;
    for (const char c : smiles) {
        // '@', '/' and '\' mean stereo and nothing else in SMILES.
        if (c != '@' && c != '/' && c != '\\') {
            text += c;
        }
    }
    return text;
}

std::string counted(const Composition& composition) {
    std::string text;
    for (const auto& [element, count] : composition) {
        if (count != 0) {
            text += element + ":" + std::to_string(count) + ";";
        }
    }
    return text;
}

std::string key_of(const std::string& text) {
    return "k1:" + sha256_hex(text).substr(0, 32);
}

}  // namespace

std::string Candidate::name() const {
    std::string text = core.formula();
    for (const auto& [ligand, count] : ligands) {
        text += "(" + (ligand.formula.empty() ? ligand.smiles : ligand.formula) + ")";
        if (count > 1) {
            text += std::to_string(count);
        }
    }
    if (!charge || *charge == 0) {
        return text;
    }
    const int size = std::abs(*charge);
    return "[" + text + "]" + (size > 1 ? std::to_string(size) : "") + (*charge < 0 ? "-" : "+");
}

std::string core_learning_key(const Core& core) {
    return counted(core.metals) + "/" + counted(core.anions) + "/H" +
           std::to_string(core.hydrides.value_or(0));
}

std::string ligand_set_learning_key(const LigandSet& ligands) {
    std::set<std::string> species;
    for (const auto& entry : ligands) {
        species.insert(without_stereo(entry.ligand.smiles));
    }
    std::string text;
    for (const auto& smiles : species) {
        text += (text.empty() ? "" : "|") + smiles;
    }
    return text;
}

std::string learning_key(const Candidate& candidate) {
    return key_of("learning\n" + core_learning_key(candidate.core) + "\n" +
                  ligand_set_learning_key(candidate.ligands));
}

std::string identity_key(const Candidate& candidate) {
    std::string text = "identity\n" + counted(candidate.core.metals) + "/" +
                       counted(candidate.core.anions) + "/H" +
                       (candidate.core.hydrides ? std::to_string(*candidate.core.hydrides) : "?");
    for (const auto& [ligand, count] : normalised(candidate.ligands)) {
        text += "\n" + ligand.smiles + "*" + std::to_string(count);
    }
    text += "\ncharge " + (candidate.charge ? std::to_string(*candidate.charge) : "?");
    for (const auto& [name, value] : candidate.conditions) {
        text += "\n" + name + "=" + value;
    }
    return key_of(text);
}

}  // namespace cupel
