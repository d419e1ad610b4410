// Reads the stock list.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <optional>
#include <set>

#include <GraphMol/SmilesParse/SmilesParse.h>
#include <GraphMol/SmilesParse/SmilesWrite.h>
#include <GraphMol/Substruct/SubstructMatch.h>

#include <cupel/chemistry/csv.hpp>
#include <cupel/chemistry/featuriser.hpp>
#include <cupel/chemistry/stock.hpp>
#include <cupel/domain/element.hpp>
#include <cupel/domain/error.hpp>

#include "molecule.hpp"

namespace cupel::chemistry {
namespace {

double cost_of(const CsvTable& table, const CsvRow& row) {
    if (!table.has_column("cost") || table.cell(row, "cost").empty()) {
        return 1.0;
    }
    const std::string& text = table.cell(row, "cost");
    char* end = nullptr;
    const double cost = std::strtod(text.c_str(), &end);
    if (end != text.c_str() + text.size() || !std::isfinite(cost) || cost < 0.0) {
        table.fail(row, "cost", "expected a number of at least 0, got '" + text + "'");
    }
    return cost;
}

/// A halide, or an alkali or alkaline-earth metal, in a part of its own.
bool is_counter_ion(const std::string& part) {
    try {
        const auto molecule = parse_smiles(part);
        const int element = molecule->getAtomWithIdx(0)->getAtomicNum();
        const int group = element_group(element);
        return molecule->getNumAtoms() == 1 && element != 1 &&
               (group == 1 || group == 2 || group == 17);
    } catch (const InputError&) {
        return false;  // a ring that is closed across the dot
    }
}

/// Dots as such are no fault: ferrocenyl ligands are written with them.
void refuse_counter_ion(const CsvTable& table, const CsvRow& row, const std::string& smiles) {
    if (smiles.find('.') == std::string::npos) {
        return;
    }
    std::string ion, rest;
    for (std::size_t start = 0; start <= smiles.size();) {
        const std::size_t end = std::min(smiles.find('.', start), smiles.size());
        const std::string part = smiles.substr(start, end - start);
        if (is_counter_ion(part)) {
            ion = part;
        } else {
            rest += (rest.empty() ? "" : ".") + part;
        }
        start = end + 1;
    }
    if (!ion.empty()) {
        table.fail(row,
                   "smiles",
                   "'" + table.cell(row, "smiles") + "' holds the counter-ion " + ion +
                       "; write the ion that binds alone" +
                       (rest.empty() ? std::string() : ", as bound: " + rest));
    }
}

/// The SMILES without the hydrogen of each group that matches; nothing where none does. The first
/// atom of `smarts` holds it.
std::optional<std::string> without_hydrogen(const std::string& smiles, const char* smarts) {
    const auto molecule = parse_smiles(smiles);
    const std::unique_ptr<RDKit::ROMol> group(RDKit::SmartsToMol(smarts));
    const auto matches = RDKit::SubstructMatch(*molecule, *group);
    if (matches.empty()) {
        return std::nullopt;
    }
    for (const auto& match : matches) {
        auto* atom = molecule->getAtomWithIdx(static_cast<unsigned>(match.front().second));
        atom->setFormalCharge(-1);
        atom->setNumExplicitHs(0);
        atom->updatePropertyCache();
    }
    return RDKit::MolToSmiles(*molecule);
}

/// How a free thiol or carboxylic acid is written as bound, with what it is; nothing for others,
/// and none where something else of the ligand binds.
std::optional<std::string> as_bound(const Ligand& ligand) {
    const auto only = [&](const std::set<std::string>& elements) {
        return std::all_of(ligand.donors.begin(), ligand.donors.end(), [&](const auto& donor) {
            return elements.count(donor) != 0;
        });
    };
    if (ligand.charge != 0) {
        return std::nullopt;
    }
    if (only({"N", "O", "S"})) {
        if (const auto thiolate = without_hydrogen(ligand.smiles, "[S;X2;H1;+0]")) {
            return "a free thiol, which no exchange uses; as bound: " + *thiolate;
        }
    }
    if (only({"O"})) {
        if (const auto carboxylate = without_hydrogen(ligand.smiles, "[O;X2;H1;+0]C=O")) {
            return "a free acid, which no exchange uses; as bound: " + *carboxylate;
        }
    }
    return std::nullopt;
}

}  // namespace

Stock Stock::load(const std::filesystem::path& path) {
    const CsvTable table = CsvTable::load(path);
    table.column("name");
    table.column("smiles");
    Stock stock;
    for (const auto& row : table.rows()) {
        StockItem item;
        item.name = table.cell(row, "name");
        if (item.name.empty()) {
            table.fail(row, "name", "is empty");
        }
        try {
            item.ligand = describe_ligand(table.cell(row, "smiles"));
        } catch (const InputError& error) {
            table.fail(row, "smiles", error.what());
        }
        refuse_counter_ion(table, row, item.ligand.smiles);
        if (const auto advice = as_bound(item.ligand)) {
            stock.warnings_.push_back(table.name() + ":" + std::to_string(row.line) +
                                      ": smiles: '" + table.cell(row, "smiles") + "' is " +
                                      *advice);
        }
        item.cost = cost_of(table, row);
        if (!stock.index_.emplace(item.ligand.smiles, stock.items_.size()).second) {
            table.fail(row, "smiles", "'" + item.ligand.smiles + "' stands twice");
        }
        stock.items_.push_back(std::move(item));
    }
    return stock;
}

const StockItem* Stock::find(const std::string& smiles) const {
    const auto it = index_.find(smiles);
    return it == index_.end() ? nullptr : &items_[it->second];
}

double Stock::cost(const LigandSet& ligands) const {
    double sum = 0.0;
    for (const auto& entry : ligands) {
        const StockItem* item = find(entry.ligand.smiles);
        sum += item == nullptr ? 1.0 : item->cost;
    }
    return sum;
}

}  // namespace cupel::chemistry
