// Beside us, then PATH.
#include "find_program.hpp"

#include <cstdlib>
#include <filesystem>
#include <sstream>

#include <unistd.h>

namespace cupel::controller {
namespace {

namespace fs = std::filesystem;

bool can_be_run(const fs::path& path) {
    std::error_code ignored;
    return fs::is_regular_file(path, ignored) && ::access(path.c_str(), X_OK) == 0;
}

}  // namespace

std::optional<std::string> find_program(const std::string& name) {
    if (name.find('/') != std::string::npos) {
        return can_be_run(name) ? std::optional(name) : std::nullopt;
    }
    std::error_code ignored;
    const fs::path beside = fs::read_symlink("/proc/self/exe", ignored).parent_path() / name;
    if (can_be_run(beside)) {
        return beside.string();
    }
    const char* path = std::getenv("PATH");
    std::istringstream folders(path == nullptr ? "" : path);
    for (std::string folder; std::getline(folders, folder, ':');) {
        if (!folder.empty() && can_be_run(fs::path(folder) / name)) {
            return (fs::path(folder) / name).string();
        }
    }
    return std::nullopt;
}

std::string no_program(const std::string& key, const std::string& name) {
    return key + ": there is no program " + name +
           (name.find('/') == std::string::npos ? " beside this one or on PATH" : "");
}

}  // namespace cupel::controller
