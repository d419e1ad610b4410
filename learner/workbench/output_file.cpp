// Written beside its place, then renamed into it.
#include "output_file.hpp"

#include <filesystem>
#include <fstream>

#include <cupel/domain/error.hpp>

namespace cupel::workbench {

void write_file(const std::string& file, const std::string& text) {
    // What stands there stays until the new one is whole; a device or a link is written as it is.
    std::error_code ignored;
    const auto there = std::filesystem::symlink_status(file, ignored);
    const bool plain = !std::filesystem::exists(there) || std::filesystem::is_regular_file(there);
    const std::string target = plain ? file + ".part" : file;
    std::ofstream out(target);
    out << text << '\n';
    out.close();
    if (out && plain) {
        std::filesystem::rename(target, file);
    } else if (!out) {
        if (plain) {
            std::filesystem::remove(target, ignored);
        }
        throw Error(file + ": cannot be written; is the disk full?");
    }
}

}  // namespace cupel::workbench
