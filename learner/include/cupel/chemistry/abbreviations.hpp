// The short names chemists give to ligands, and what they stand for.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <cupel/domain/ligand.hpp>

namespace cupel::chemistry {

/// What a short name stands for.
struct NamedSpecies {
    enum class Kind { Ligand, EnclosedAnion };
    Kind kind = Kind::Ligand;
    std::string smiles;  ///< of a ligand, as bound
};

/// Names with their SMILES as bound, and organic groups from which further names are built:
/// SR, SeR, TeR (or RS ...), CCR (or RCC), PR3, PR2R', AsR3, SbR3, RCOO (RCO2, O2CR), CNR (RNC),
/// RCN, S2CNR2, S2P(OR)2, S2PR2, Se2P(OR)2, Se2PR2, OR; R is a group of the table or C6H4-n-X.
class Abbreviations {
  public:
    /// Reads a table with the columns name, kind (ligand, group, anion), smiles, full_name.
    /// Throws InputError("bad_table"): "file:line: column: problem".
    static Abbreviations load(const std::filesystem::path& path);
    /// The table that comes with Cupel: data_dir() / "abbreviations.csv".
    static Abbreviations standard();

    /// Hyphens, blanks and the sign of a triple bond do not matter: "p-MBA" is "pMBA". Nothing when
    /// the name is unknown.
    std::optional<NamedSpecies> find(std::string_view name) const;
    /// The canonical SMILES of a ligand that the table lists under exactly this name, as written
    /// there; nothing else.
    std::optional<std::string> listed_ligand(const std::string& name) const;
    /// The first name of a ligand in the table; empty when it has none. `smiles` is canonical.
    std::string name_of(const std::string& smiles) const;
    /// Up to three known names that look like `name`, for messages.
    std::vector<std::string> similar(std::string_view name) const;

  private:
    std::optional<std::string> built(const std::string& name) const;
    std::optional<std::string> group(std::string_view name) const;

    std::map<std::string, NamedSpecies> names_;   ///< by squashed name
    std::map<std::string, std::string> groups_;   ///< SMILES that begins with the binding atom
    std::map<std::string, std::string> name_of_;  ///< canonical SMILES -> name as written
    std::vector<std::string> written_;            ///< names as written, for similar()
};

}  // namespace cupel::chemistry
