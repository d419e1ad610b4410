// Written beside its place, then moved.
#include "whole_file.hpp"

#include <fstream>
#include <system_error>

#include <cupel/domain/error.hpp>

namespace cupel::cli {

namespace fs = std::filesystem;

void write_whole(const fs::path& path, const std::string& text) {
    const fs::path fresh = path.string() + ".new";
    std::ofstream file(fresh, std::ios::binary);
    file << text;
    file.close();
    std::error_code problem;
    if (file) {
        fs::rename(fresh, path, problem);
    }
    if (!file || problem) {
        std::error_code ignored;
        fs::remove(fresh, ignored);
        throw InputError("cannot_write", path.string() + ": cannot be written");
    }
}

}  // namespace cupel::cli
