// Compares and probes paths; opens and makes nothing.
#include <unistd.h>

#include <cupel/domain/error.hpp>
#include <cupel/domain/output_paths.hpp>

namespace cupel {
namespace {

namespace fs = std::filesystem;

/// Absolute, and without links as far as the path exists.
fs::path resolved(const fs::path& path) {
    std::error_code failure;
    const fs::path absolute = fs::absolute(path, failure);
    const fs::path clean = fs::weakly_canonical(absolute, failure);
    return failure ? absolute.lexically_normal() : clean;
}

/// A terminal or /dev/null: what is written there overwrites nothing.
bool is_device(const fs::path& path) {
    std::error_code failure;
    return fs::is_other(path, failure);
}

bool same_file(const fs::path& a, const fs::path& b) {
    if (a.empty() || b.empty() || is_device(a) || is_device(b)) {
        return false;
    }
    std::error_code failure;  // one of them is not there yet: only the paths can be compared
    return fs::equivalent(a, b, failure) || resolved(a) == resolved(b);
}

/// Why no file can be made there; empty where one can.
std::string obstacle(const WrittenPath& file) {
    std::error_code failure;
    if (!file.path.has_filename() || fs::is_directory(file.path, failure)) {
        return "that is a folder";
    }
    if (is_device(file.path)) {
        if (file.moved_there) {
            return "a device is in its place";
        }
        return ::access(file.path.c_str(), W_OK) == 0 ? "" : "it may not be written";
    }
    const fs::path folder = resolved(file.path).parent_path();
    if (!fs::is_directory(folder, failure)) {
        return "there is no folder " + folder.string();
    }
    return ::access(folder.c_str(), W_OK | X_OK) == 0
               ? ""
               : "nothing may be written in " + folder.string();
}

}  // namespace

void check_nothing_overwritten(const std::vector<WrittenPath>& written,
                               const std::vector<ReadPath>& read) {
    const auto refuse = [](const WrittenPath& file, const std::string& what) {
        throw InputError(
            "bad_path",
            file.option + ": " + file.path.string() + " is " + what + "; write to another file");
    };
    for (std::size_t i = 0; i < written.size(); ++i) {
        for (const auto& input : read) {
            if (same_file(written[i].path, input.path)) {
                refuse(written[i], input.what);
            }
        }
        for (std::size_t j = 0; j < i; ++j) {
            if (same_file(written[i].path, written[j].path)) {
                refuse(written[i], "written by " + written[j].option + " too");
            }
        }
    }
}

void check_writable(const std::vector<WrittenPath>& written) {
    for (const auto& file : written) {
        const std::string why = file.path.empty() ? "" : obstacle(file);
        if (!why.empty()) {
            throw InputError(
                "bad_path",
                file.option + ": no file can be made at " + file.path.string() + ": " + why);
        }
    }
}

void check_outputs(const std::vector<WrittenPath>& written, const std::vector<ReadPath>& read) {
    check_nothing_overwritten(written, read);
    check_writable(written);
}

}  // namespace cupel
