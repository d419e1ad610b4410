// Measures, pads and cuts.
#include "text_table.hpp"

#include <algorithm>
#include <stdexcept>

#include <sys/ioctl.h>
#include <unistd.h>

namespace cupel::cli {
namespace {

bool begins_character(char c) {
    return (static_cast<unsigned char>(c) & 0xC0u) != 0x80u;
}

std::size_t characters(const std::string& text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_character));
}

std::string cut(const std::string& text, std::size_t room) {
    if (characters(text) <= room || room < 4) {
        return text;
    }
    std::string kept;
    std::size_t seen = 0;
    for (const char c : text) {
        seen += begins_character(c) ? 1 : 0;
        if (seen > room - 3) {
            break;
        }
        kept += c;
    }
    return kept + "...";
}

std::string one_line(std::string text) {
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c == '\n' || c == '\t' || c == '\r'; }, ' ');
    return text;
}

}  // namespace

TextTable::TextTable(std::vector<std::string> heading) {
    rows_.push_back(std::move(heading));
}

void TextTable::add(std::vector<std::string> cells) {
    if (cells.size() != rows_.front().size()) {
        throw std::logic_error("a row must have a cell for every column");
    }
    std::transform(cells.begin(), cells.end(), cells.begin(), one_line);
    rows_.push_back(std::move(cells));
}

std::string TextTable::text(std::size_t width) const {
    const std::size_t last = rows_.front().size() - 1;
    std::vector<std::size_t> widths(last + 1, 0);
    for (const auto& row : rows_) {
        for (std::size_t i = 0; i <= last; ++i) {
            widths[i] = std::max(widths[i], characters(row[i]));
        }
    }
    std::size_t before = 0;
    for (std::size_t i = 0; i < last; ++i) {
        before += widths[i] + 2;
    }
    constexpr std::size_t kLeast = 16;  // a narrower last column says nothing: let the line wrap
    const bool cutting = width >= before + kLeast;
    std::string text;
    for (const auto& row : rows_) {
        std::string line;
        for (std::size_t i = 0; i < last; ++i) {
            line += row[i] + std::string(widths[i] - characters(row[i]) + 2, ' ');
        }
        line += cutting ? cut(row[last], width - before) : row[last];
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + "\n";
    }
    return text;
}

std::string number_of(long count, const std::string& noun) {
    return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

std::size_t terminal_width() {
    winsize size{};
    return ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

}  // namespace cupel::cli
