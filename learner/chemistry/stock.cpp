// Reads the stock list.
#include <cmath>
#include <cstdlib>

#include <cupel/chemistry/csv.hpp>
#include <cupel/chemistry/featuriser.hpp>
#include <cupel/chemistry/stock.hpp>
#include <cupel/domain/error.hpp>

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
