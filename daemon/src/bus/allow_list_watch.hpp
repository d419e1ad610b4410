// Reads the allow-list again when its file changes.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include <cupel/controller/allow_list.hpp>

#include "log.hpp"

namespace cupel::controller {

/// A thread of its own: the io thread touches no file. A file that cannot be read leaves the last
/// list in force and says so; one that is gone, or empty, for a second allows nobody.
class AllowListWatch {
  public:
    /// `changed` is called on the thread of the watch, with each list after the first.
    AllowListWatch(std::filesystem::path file,
                   std::function<void(SharedAllowList)> changed,
                   Log log);
    ~AllowListWatch();
    AllowListWatch(const AllowListWatch&) = delete;
    AllowListWatch& operator=(const AllowListWatch&) = delete;

  private:
    void loop();
    void look();

    std::filesystem::path file_;
    std::function<void(SharedAllowList)> changed_;
    Log log_;
    std::string seen_;  ///< inode, size and times of the file that was read last
    int looks_ = 0;     ///< at a list without anybody, one after the other
    std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace cupel::controller
