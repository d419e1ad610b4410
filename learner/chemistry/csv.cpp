// RFC 4180, strictly: quotes are doubled inside quotes, and a quote that never ends is an error.
#include <algorithm>
#include <cctype>
#include <fstream>
#include <sstream>
#include <utility>

#include <cupel/chemistry/csv.hpp>
#include <cupel/domain/error.hpp>

namespace cupel::chemistry {
namespace {

/// Cuts text into records.
class Scanner {
  public:
    Scanner(std::string_view text, const std::string& name) : text_(text), name_(name) {
        if (text_.substr(0, 3) == "\xEF\xBB\xBF") {
            text_.remove_prefix(3);
        }
    }

    /// False at the end of the text.
    bool next(CsvRow& row) {
        if (at_ >= text_.size()) {
            return false;
        }
        row.line = line_;
        row.cells.clear();
        do {
            row.cells.push_back(cell());
        } while (take(','));
        const bool returned = take('\r');
        if (at_ < text_.size() && !take('\n')) {
            throw InputError("bad_table",
                             name_ + ":" + std::to_string(line_) +
                                 (returned ? ": a carriage return without a line feed; save the "
                                             "table with line ends LF or CRLF"
                                           : ": text after a closing quote"));
        }
        ++line_;
        return true;
    }

  private:
    bool take(char c) {
        if (at_ < text_.size() && text_[at_] == c) {
            ++at_;
            return true;
        }
        return false;
    }

    std::string cell() { return take('"') ? quoted() : plain(); }

    std::string plain() {
        const std::size_t start = at_;
        while (at_ < text_.size() && text_[at_] != ',' && text_[at_] != '\n' &&
               text_[at_] != '\r') {
            ++at_;
        }
        return std::string(text_.substr(start, at_ - start));
    }

    std::string quoted() {
        const std::size_t opened = line_;
        std::string cell;
        while (at_ < text_.size()) {
            const char c = text_[at_++];
            if (c == '"' && !take('"')) {
                return cell;
            }
            line_ += c == '\n' ? 1 : 0;
            cell += c;
        }
        throw InputError("bad_table",
                         name_ + ":" + std::to_string(opened) + ": a quote that never ends");
    }

    std::string_view text_;
    const std::string& name_;
    std::size_t at_ = 0;
    std::size_t line_ = 1;
};

}  // namespace

CsvTable CsvTable::parse(std::string_view text, const std::string& name) {
    CsvTable table;
    table.name_ = name;
    Scanner scanner(text, name);
    CsvRow row;
    if (!scanner.next(row)) {
        throw InputError("bad_table", name + ": is empty; the first line must name the columns");
    }
    table.columns_ = row.cells;
    for (std::size_t i = 0; i < table.columns_.size(); ++i) {
        if (!table.index_.emplace(table.columns_[i], i).second) {
            throw InputError("bad_table", name + ":1: column '" + table.columns_[i] + "' twice");
        }
    }
    while (scanner.next(row)) {
        if (row.cells.size() == 1 && row.cells[0].empty()) {
            continue;
        }
        if (row.cells.size() != table.columns_.size()) {
            throw InputError("bad_table",
                             name + ":" + std::to_string(row.line) + ": " +
                                 std::to_string(row.cells.size()) + " cells, the heading has " +
                                 std::to_string(table.columns_.size()) + table.hint_for(""));
        }
        table.rows_.push_back(row);
    }
    return table;
}

CsvTable CsvTable::load(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file || std::filesystem::is_directory(path)) {
        throw InputError("no_file", path.string() + ": cannot be read");
    }
    std::ostringstream text;
    text << file.rdbuf();
    return parse(text.str(), path.string());
}

std::string CsvTable::hint_for(const std::string& column) const {
    if (columns_.size() == 1) {
        for (const auto& [mark, word] : {std::pair{';', "semicolons"}, std::pair{'\t', "tabs"}}) {
            if (columns_[0].find(mark) != std::string::npos) {
                return std::string("; its cells seem to be parted by ") + word +
                       ": save it with commas";
            }
        }
    }
    const auto same_letter = [](char a, char b) {
        return std::tolower(static_cast<unsigned char>(a)) ==
               std::tolower(static_cast<unsigned char>(b));
    };
    for (const auto& known : columns_) {
        if (std::equal(known.begin(), known.end(), column.begin(), column.end(), same_letter)) {
            return "; it has '" + known + "', and case counts";
        }
    }
    return "";
}

std::size_t CsvTable::column(const std::string& column) const {
    const auto it = index_.find(column);
    if (it == index_.end()) {
        throw InputError("bad_table",
                         name_ + ":1: has no column '" + column + "'" + hint_for(column));
    }
    return it->second;
}

const std::string& CsvTable::cell(const CsvRow& row, const std::string& name) const {
    return row.cells[column(name)];
}

void CsvTable::fail(const CsvRow& row,
                    const std::string& column,
                    const std::string& problem) const {
    throw InputError("bad_table",
                     name_ + ":" + std::to_string(row.line) + ": " + column + ": " + problem);
}

std::string csv_cell(std::string_view text) {
    if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
        return std::string(text);
    }
    std::string cell = "\"";
    for (const char c : text) {
        cell += c;
        if (c == '"') {
            cell += c;
        }
    }
    return cell + "\"";
}

}  // namespace cupel::chemistry
