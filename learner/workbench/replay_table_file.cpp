// Cells to numbers; every complaint names file, line and column.
#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>
#include <optional>

#include <cupel/chemistry/csv.hpp>
#include <cupel/chemistry/featuriser.hpp>
#include <cupel/domain/error.hpp>
#include <cupel/workbench/replay_table_file.hpp>

namespace cupel::workbench {
namespace {

using acquisition::ReplayTable;
using acquisition::Slot;
using chemistry::CsvRow;
using chemistry::CsvTable;

std::optional<double> finite_number(const std::string& text) {
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    if (text.empty() || *end != '\0' || !std::isfinite(value)) {
        return std::nullopt;
    }
    return value;
}

double number_in(const CsvTable& csv, const CsvRow& row, const std::string& column) {
    const auto value = finite_number(csv.cell(row, column));
    if (!value) {
        csv.fail(row, column, "'" + csv.cell(row, column) + "' is not a number");
    }
    constexpr double kLargest = 1e100;  // squares of it are still numbers
    if (std::abs(*value) > kLargest) {
        csv.fail(row, column, "'" + csv.cell(row, column) + "' is beyond 1e100");
    }
    return *value;
}

char hit_in(const CsvTable& csv, const CsvRow& row) {
    const std::string& cell = csv.cell(row, "hit");
    // As spreadsheets and data frames write them, too.
    for (const char* no : {"0", "0.0", "false", "False", "FALSE"}) {
        if (cell == no) {
            return 0;
        }
    }
    for (const char* yes : {"1", "1.0", "true", "True", "TRUE"}) {
        if (cell == yes) {
            return 1;
        }
    }
    csv.fail(row, "hit", "expected 0 or 1, got '" + cell + "'");
}

/// What a heading is for: "slot:", "label:", "num:", or nothing. One that differs from these in
/// case or blanks alone is refused: without the column the figures would be those of another table.
std::string kind_of(const CsvTable& csv, const std::string& column) {
    std::string plain = column;
    plain.erase(0, plain.find_first_not_of(" \t"));
    plain.erase(plain.find_last_not_of(" \t") + 1);
    const std::string name = plain.substr(std::min(plain.find(':') + 1, plain.size()));
    std::transform(plain.begin(), plain.end(), plain.begin(), [](unsigned char c) {
        return static_cast<char>(std::tolower(c));
    });
    for (const std::string kind : {"slot:", "label:", "num:"}) {
        if (plain.rfind(kind, 0) != 0) {
            continue;
        }
        if (column != kind + name) {
            throw InputError(
                "bad_table",
                csv.name() + ":1: '" + column + "': write it as '" + kind + name + "'");
        }
        return kind;
    }
    return {};
}

// Fingerprints of the labels that parse; a label that does not, its problem.
struct Parsed {
    std::vector<Fingerprint> fingerprints;
    std::map<std::size_t, std::string> problems;
    std::size_t molecules = 0;
};

Parsed parse_labels(const std::vector<std::string>& labels) {
    Parsed parsed;
    for (std::size_t i = 0; i < labels.size(); ++i) {
        parsed.fingerprints.emplace_back();
        if (labels[i].empty()) {
            continue;
        }
        try {
            parsed.fingerprints.back() = chemistry::fingerprint(labels[i]);
            ++parsed.molecules;
        } catch (const InputError& error) {
            parsed.problems.emplace(i, error.what());
        }
    }
    return parsed;
}

Slot read_labels(const CsvTable& csv,
                 const std::string& column,
                 const std::string& name,
                 std::vector<const CsvRow*>& first) {  // where each label stands first
    Slot slot;
    slot.name = name;
    std::map<std::string, std::uint32_t> index;
    for (const auto& row : csv.rows()) {
        const auto [it, added] =
            index.emplace(csv.cell(row, column), static_cast<std::uint32_t>(slot.labels.size()));
        if (added) {
            slot.labels.push_back(it->first);
            first.push_back(&row);
        }
        slot.label_of_row.push_back(it->second);
    }
    return slot;
}

Slot read_slot(const CsvTable& csv, const std::string& column, const std::string& name) {
    std::vector<const CsvRow*> first;
    Slot slot = read_labels(csv, column, name, first);
    auto parsed = parse_labels(slot.labels);
    if (parsed.molecules > 0 && parsed.molecules >= parsed.problems.size()) {
        for (const auto& [label, problem] : parsed.problems) {
            csv.fail(*first[label],
                     column,
                     problem +
                         " (other labels of this slot are SMILES; where none is, call it "
                         "label:" +
                         name + ")");
        }
        slot.fingerprints = std::move(parsed.fingerprints);
    }
    return slot;
}

// The columns of the companion that describe labels.
std::vector<std::string> feature_columns(const CsvTable& csv) {
    std::vector<std::string> columns;
    for (const auto& column : csv.columns()) {
        if (column != "slot" && column != "label") {
            columns.push_back(column);
        }
    }
    return columns;
}

std::vector<double> feature_row(const CsvTable& csv,
                                const CsvRow& row,
                                const std::vector<std::string>& columns) {
    std::vector<double> values;
    for (const auto& column : columns) {
        values.push_back(csv.cell(row, column).empty() ? std::numeric_limits<double>::quiet_NaN()
                                                       : number_in(csv, row, column));
    }
    return values;
}

void read_features(ReplayTable& table, const std::filesystem::path& path) {
    const CsvTable csv = CsvTable::load(path);
    csv.column("slot");
    csv.column("label");
    const auto columns = feature_columns(csv);
    std::map<std::string, std::map<std::string, std::vector<double>>> known;
    for (const auto& row : csv.rows()) {
        const std::string& slot = csv.cell(row, "slot");
        if (std::none_of(table.slots.begin(), table.slots.end(), [&](const Slot& s) {
                return s.name == slot;
            })) {
            csv.fail(row, "slot", "the table has no column 'slot:" + slot + "'");
        }
        const std::string& label = csv.cell(row, "label");
        if (!known[slot].emplace(label, feature_row(csv, row, columns)).second) {
            csv.fail(row, "label", "'" + label + "' of slot " + slot + " stands here twice");
        }
    }
    for (auto& slot : table.slots) {
        const auto of_slot = known.find(slot.name);
        if (of_slot == known.end() || columns.empty()) {
            continue;
        }
        for (const auto& label : slot.labels) {
            const auto found = of_slot->second.find(label);
            if (found == of_slot->second.end()) {
                throw InputError(
                    "bad_table",
                    path.string() + ": slot " + slot.name + ": has no line for '" + label + "'");
            }
            slot.features.push_back(found->second);
        }
    }
}

}  // namespace

acquisition::ReplayTable read_replay_table(const std::filesystem::path& path) {
    const CsvTable csv = CsvTable::load(path);
    if (!csv.has_column("y")) {
        throw InputError("bad_table",
                         csv.name() + ":1: y: the table has no column 'y' with the outcomes" +
                             csv.hint_for("y"));
    }
    if (!csv.has_column("hit")) {
        throw InputError("bad_table",
                         csv.name() +
                             ":1: hit: the table has no column 'hit'; add one that says 1 for "
                             "every experiment worth finding and 0 for the others" +
                             csv.hint_for("hit"));
    }
    ReplayTable table;
    table.name = path.filename().string();
    for (const auto& column : csv.columns()) {
        const std::string kind = kind_of(csv, column);
        const std::string name = column.substr(kind.size());
        if (kind == "slot:") {
            table.slots.push_back(read_slot(csv, column, name));
        } else if (kind == "label:") {
            std::vector<const CsvRow*> first;
            table.slots.push_back(read_labels(csv, column, name, first));
        } else if (kind == "num:") {
            table.numbers.push_back({name, {}});
            for (const auto& row : csv.rows()) {
                table.numbers.back().values.push_back(number_in(csv, row, column));
            }
        } else if (column != "y" && column != "hit") {
            table.unused.push_back(column);
        }
    }
    if (table.slots.empty() && table.numbers.empty()) {
        throw InputError(
            "bad_table",
            csv.name() + ":1: no column is named 'slot:NAME', 'label:NAME' or 'num:NAME'");
    }
    for (const auto& row : csv.rows()) {
        table.y.push_back(number_in(csv, row, "y"));
        table.hit.push_back(hit_in(csv, row));
    }
    auto companion = path;
    companion.replace_extension(".features.csv");
    if (std::filesystem::exists(companion)) {
        read_features(table, companion);
    }
    return table;
}

std::string columns_text(const acquisition::ReplayTable& table) {
    std::string slots, numbers, unused;
    for (const auto& slot : table.slots) {
        slots += (slots.empty() ? "" : ", ") + slot.name + " (" +
                 std::to_string(slot.labels.size()) +
                 (slot.fingerprints.empty() ? " labels" : " SMILES") +
                 (slot.features.empty() ? ")" : " with features)");
    }
    for (const auto& column : table.numbers) {
        numbers += (numbers.empty() ? "" : ", ") + column.name;
    }
    for (const auto& column : table.unused) {
        unused += (unused.empty() ? "" : ", ") + column;
    }
    return "slots " + (slots.empty() ? "none" : slots) + "; numbers " +
           (numbers.empty() ? "none" : numbers) + (unused.empty() ? "" : "; not used: " + unused);
}

}  // namespace cupel::workbench
