// What stands on the shelf: ligands that can be used, with their cost.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <cupel/domain/ligand.hpp>

namespace cupel::chemistry {

/// One ligand of the stock.
struct StockItem {
    std::string name;  ///< as people call it: "acetate"
    Ligand ligand;
    double cost = 1.0;  ///< of using it once, in the stock's own unit
};

/// The ligands at hand.
class Stock {
  public:
    /// Reads a table with the columns name, smiles (as bound) and optionally cost.
    /// Throws InputError("bad_table"): "file:line: column: problem", also for a ligand written with
    /// its counter-ion.
    static Stock load(const std::filesystem::path& path);

    const std::vector<StockItem>& items() const { return items_; }
    /// "file:line: smiles: ..." for each free acid or thiol: what is not written as bound has no
    /// donor class of its own, and no exchange uses it. @since 0.2
    const std::vector<std::string>& warnings() const { return warnings_; }
    bool empty() const { return items_.empty(); }
    /// Nothing when the ligand is not in stock. `smiles` is canonical.
    const StockItem* find(const std::string& smiles) const;
    /// Sum over ligand species of their cost; 1 for a species that is not in stock.
    double cost(const LigandSet& ligands) const;

  private:
    std::vector<StockItem> items_;
    std::vector<std::string> warnings_;
    std::map<std::string, std::size_t> index_;  ///< canonical SMILES -> place in items_
};

}  // namespace cupel::chemistry
