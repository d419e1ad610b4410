// Looks at the file's inode and times, a few times a second.
#include "allow_list_watch.hpp"

#include <cerrno>

#include <sys/stat.h>

#include <cupel/domain/error.hpp>

namespace cupel::controller {
namespace {

constexpr std::chrono::milliseconds kEvery{200};
/// Looks at a list without anybody before it is believed: an editor may be about to write it.
constexpr int kLooks = 5;

struct Look {
    std::string signature;
    std::uint64_t inode = 0;  ///< 0: there is none
    bool empty = true;
};

/// Owner, mode and the time of their change too: they decide whether it can be read.
Look look_at(const std::filesystem::path& file) {
    struct stat about {};
    if (::stat(file.c_str(), &about) != 0) {
        return {"no file: " + std::to_string(errno)};
    }
    const auto time = [](const timespec& at) {
        return std::to_string(at.tv_sec) + "." + std::to_string(at.tv_nsec);
    };
    return {std::to_string(about.st_ino) + "/" + std::to_string(about.st_size) + "/" +
                time(about.st_mtim) + "/" + time(about.st_ctim),
            about.st_ino,
            about.st_size == 0};
}

}  // namespace

AllowListWatch::AllowListWatch(std::filesystem::path file, Heard heard, Log log)
    : file_(std::move(file)), heard_(std::move(heard)), log_(std::move(log)) {
    thread_ = std::thread([this] { loop(); });
}

AllowListWatch::~AllowListWatch() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        wake_.notify_one();
    }
    thread_.join();
}

void AllowListWatch::loop() {
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, kEvery, [this] { return stopping_; })) {
        look();
    }
}

void AllowListWatch::look() {
    const Look now = look_at(file_);
    if (now.signature == seen_) {
        return;
    }
    try {
        auto list = std::make_shared<const AllowList>(AllowList::load(file_));
        // cupel revoke moves a whole list into its place; an editor that makes a new file makes it
        // empty first.
        const bool whole = !now.empty && now.inode != inode_;
        looks_ = list->size() == 0 && !whole ? looks_ + 1 : kLooks;
        if (looks_ < kLooks) {
            return;
        }
        looks_ = 0;
        inode_ = now.inode;
        log_.info(file_.string() + ": " + std::to_string(list->size()) + " clients are allowed");
        tell("");
        heard_.changed(std::move(list));
    } catch (const InputError& error) {
        tell(std::string(error.what()) +
             "; what was allowed before stays allowed, and who was revoked since goes on");
    }
    seen_ = now.signature;
}

void AllowListWatch::tell(const std::string& problem) {
    if (!problem.empty()) {
        log_.error(problem);
    }
    if (!problem.empty() || troubled_) {
        heard_.trouble(problem);
    }
    troubled_ = !problem.empty();
}

}  // namespace cupel::controller
