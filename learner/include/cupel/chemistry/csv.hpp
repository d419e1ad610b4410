// CSV tables (RFC 4180) with line numbers, for errors that name the place.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cupel::chemistry {

/// One record and the line it begins on (the heading is line 1).
struct CsvRow {
    std::size_t line = 0;
    std::vector<std::string> cells;
};

/// A table with a heading; every row has as many cells as the heading has columns.
class CsvTable {
  public:
    /// Throws InputError("bad_table"): "file:line: what is wrong".
    static CsvTable parse(std::string_view text, const std::string& name);
    /// Throws InputError("no_file") when the file cannot be read.
    static CsvTable load(const std::filesystem::path& path);

    const std::string& name() const { return name_; }
    const std::vector<std::string>& columns() const { return columns_; }
    const std::vector<CsvRow>& rows() const { return rows_; }
    bool has_column(const std::string& column) const { return index_.count(column) > 0; }
    /// Throws InputError("bad_table") naming the file and the missing column.
    std::size_t column(const std::string& column) const;
    /// What the heading may have instead of a column it lacks ("; it has 'Y', and case counts"), to
    /// be put behind a complaint; often empty.
    std::string hint_for(const std::string& column) const;
    /// The cell of a column that must exist.
    const std::string& cell(const CsvRow& row, const std::string& column) const;
    /// Throws InputError("bad_table"): "name:line: column: problem".
    [[noreturn]] void fail(const CsvRow& row,
                           const std::string& column,
                           const std::string& problem) const;

  private:
    std::string name_;
    std::vector<std::string> columns_;
    std::map<std::string, std::size_t> index_;
    std::vector<CsvRow> rows_;
};

/// A cell as CSV writes it: quoted when it holds a comma, a quote or a line end.
std::string csv_cell(std::string_view text);

}  // namespace cupel::chemistry
