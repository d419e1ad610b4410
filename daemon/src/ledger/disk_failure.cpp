// Written with one call, read as text of unknown origin.
#include "disk_failure.hpp"

#include <fstream>

#include <fcntl.h>
#include <unistd.h>

#include "store_lock.hpp"

namespace cupel::controller {

DiskFailure::DiskFailure(const std::filesystem::path& store)
    : path_(real_store(store).string() + ".failed") {}

void DiskFailure::write(const std::string& time, const std::string& problem) const noexcept {
    const int file = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (file < 0) {
        return;
    }
    const std::string line = "at " + time + ": " + problem + "\n";
    if (::write(file, line.data(), line.size()) < 0) {
        ::unlink(path_.c_str());
    }
    ::close(file);
}

std::optional<std::string> DiskFailure::read() const {
    std::string line;
    std::ifstream file(path_);
    if (!std::getline(file, line) || line.empty()) {
        return std::nullopt;
    }
    return line;
}

void DiskFailure::clear() const noexcept {
    ::unlink(path_.c_str());
}

}  // namespace cupel::controller
