// Columns of text for a terminal.
#pragma once

#include <string>
#include <vector>

namespace cupel::cli {

/// Rows under a heading, columns two blanks apart, as wide as their widest cell; nothing behind the
/// last cell of a line. Characters are counted, not bytes (UTF-8). With a `width`, cells of the
/// last column are cut to fit it and end in "...".
class TextTable {
  public:
    explicit TextTable(std::vector<std::string> heading);
    /// As many cells as the heading has; line ends and tabs become blanks.
    void add(std::vector<std::string> cells);
    std::string text(std::size_t width = 0) const;

  private:
    std::vector<std::vector<std::string>> rows_;
};

/// "1 label", "2 labels".
std::string number_of(long count, const std::string& noun);

/// Columns of the terminal that standard output is; 0 when it is none.
std::size_t terminal_width();

}  // namespace cupel::cli
