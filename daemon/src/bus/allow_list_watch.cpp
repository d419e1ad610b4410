// Looks at the file's inode and times, a few times a second.
#include "allow_list_watch.hpp"

#include <sys/stat.h>

#include <cupel/domain/error.hpp>

namespace cupel::controller {
namespace {

constexpr std::chrono::milliseconds kEvery{200};
/// Looks at a list without anybody before it is believed: an editor may be about to write it.
constexpr int kLooks = 5;

std::string signature(const std::filesystem::path& file) {
    struct stat about {};
    if (::stat(file.c_str(), &about) != 0) {
        return "gone";
    }
    return std::to_string(about.st_ino) + "/" + std::to_string(about.st_size) + "/" +
           std::to_string(about.st_mtim.tv_sec) + "." + std::to_string(about.st_mtim.tv_nsec);
}

}  // namespace

AllowListWatch::AllowListWatch(std::filesystem::path file,
                               std::function<void(SharedAllowList)> changed,
                               Log log)
    : file_(std::move(file)), changed_(std::move(changed)), log_(std::move(log)) {
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
    const std::string now = signature(file_);
    if (now == seen_) {
        return;
    }
    try {
        auto list = std::make_shared<const AllowList>(AllowList::load(file_));
        looks_ = list->size() == 0 ? looks_ + 1 : kLooks;
        if (looks_ < kLooks) {
            return;
        }
        looks_ = 0;
        log_.info(file_.string() + ": " + std::to_string(list->size()) + " clients are allowed");
        changed_(std::move(list));
    } catch (const InputError& error) {
        log_.error(std::string(error.what()) + "; what was allowed before stays allowed");
    }
    seen_ = now;
}

}  // namespace cupel::controller
