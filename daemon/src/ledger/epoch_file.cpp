// One line of one length, written over the one before.
#include "epoch_file.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>

#include <fcntl.h>
#include <unistd.h>

#include "store_lock.hpp"

namespace cupel::controller {

EpochFile::EpochFile(const std::filesystem::path& store)
    : path_(real_store(store).string() + ".epoch") {}

EpochFile::Mark EpochFile::read() const {
    Mark mark;
    std::ifstream(path_) >> mark.epoch >> mark.gseq;
    return mark;
}

int EpochFile::write(const Mark& mark) const noexcept {
    const int file = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (file < 0) {
        return errno;
    }
    // Over what stood there, never truncated: a full disk takes nothing away.
    std::string line = mark.epoch + ' ' + std::to_string(mark.gseq);
    line.resize(std::max<std::size_t>(line.size(), 47), ' ');
    line += '\n';
    const int problem = ::pwrite(file, line.data(), line.size(), 0) < 0 ? errno : 0;
    ::close(file);
    return problem;
}

void EpochFile::sync() const noexcept {
    for (const auto& path : {path_, std::filesystem::absolute(path_).parent_path()}) {
        const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
        if (file >= 0) {
            ::fsync(file);
            ::close(file);
        }
    }
}

}  // namespace cupel::controller
