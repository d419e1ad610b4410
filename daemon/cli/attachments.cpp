// Reads, names and hashes files; catches the wrong file before it is sent.
#include "attachments.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>

#include <cupel/chemistry/plain_text.hpp>
#include <cupel/domain/error.hpp>
#include <cupel/domain/sha256.hpp>

namespace cupel::cli {
namespace {

namespace fs = std::filesystem;

std::string bytes_of(const fs::path& path) {
    std::error_code problem;
    if (!fs::exists(path, problem)) {
        throw InputError("no_file", path.string() + ": there is no such file");
    }
    if (!fs::is_regular_file(path, problem)) {
        throw InputError("no_file", path.string() + ": is no file (a folder?); name one file");
    }
    std::ifstream file(path, std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(file), {}};
    if (!file.good() && !file.eof()) {
        throw InputError("no_file", path.string() + ": cannot be read");
    }
    if (bytes.empty()) {
        throw InputError("empty_file", path.string() + ": is empty");
    }
    return bytes;
}

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) {
        return static_cast<char>(std::tolower(c));
    });
    return text;
}

std::string media_type(const fs::path& path) {
    const std::string ending = lower(path.extension().string());
    if (ending == ".cif") {
        return "chemical/x-cif";
    }
    if (ending == ".xyz" || ending == ".extxyz") {
        return "chemical/x-xyz";
    }
    if (ending == ".txt" || ending == ".csv" || ending == ".md" || ending == ".log") {
        return "text/plain";
    }
    return ending == ".pdf" ? "application/pdf" : "application/octet-stream";
}

/// A line that begins with "data_", as every CIF has.
bool has_data_block(const std::string& bytes) {
    const std::string text = lower(chemistry::plain_text(bytes));
    for (std::size_t at = text.find("data_"); at != std::string::npos;
         at = text.find("data_", at + 1)) {
        if (at == 0 || text[at - 1] == '\n' || text[at - 1] == ' ') {
            return true;
        }
    }
    return false;
}

void add(Attachments& attached, const std::string& name, bool structure) {
    const fs::path path(name);
    std::string bytes = bytes_of(path);
    std::string type = media_type(path);
    if (structure && type != "chemical/x-xyz") {
        type = "chemical/x-cif";
    }
    if (type == "chemical/x-cif" && !has_data_block(bytes)) {
        throw InputError("not_cif", name + ": is no CIF (it has no data_ block)");
    }
    const std::string file = path.filename().string();
    for (const auto& known : attached.blobs) {
        if (known.name == file) {
            throw InputError("same_name", name + ": another file is called " + file + " too");
        }
    }
    attached.blobs.push_back({file, type, sha256_hex(bytes), bytes.size()});
    attached.frames.push_back(std::move(bytes));
}

}  // namespace

Attachments read_attachments(const std::vector<std::string>& cifs,
                             const std::vector<std::string>& others) {
    Attachments attached;
    for (const auto& name : cifs) {
        add(attached, name, true);
    }
    for (const auto& name : others) {
        add(attached, name, false);
    }
    return attached;
}

}  // namespace cupel::cli
