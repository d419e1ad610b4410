// Reads the allow-list again when its file changes.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include <cupel/controller/allow_list.hpp>

#include "log.hpp"

namespace cupel::controller {

/// A thread of its own: the io thread touches no file. A file that cannot be read leaves the last
/// list in force and says so; one that is gone, or empties where it stands, for a second allows
/// nobody. A list that takes the place of another one, whole, is believed at once.
class AllowListWatch {
  public:
    /// Both are called on the thread of the watch.
    struct Heard {
        std::function<void(SharedAllowList)> changed;
        /// Why the file cannot be read now, in words; empty when it can again.
        std::function<void(const std::string& problem)> trouble;
    };
    AllowListWatch(std::filesystem::path file, Heard heard, Log log);
    ~AllowListWatch();
    AllowListWatch(const AllowListWatch&) = delete;
    AllowListWatch& operator=(const AllowListWatch&) = delete;

  private:
    void loop();
    void look();
    void tell(const std::string& problem);

    std::filesystem::path file_;
    Heard heard_;
    Log log_;
    std::string seen_;         ///< inode, owner, mode, size and times of the file read last
    std::uint64_t inode_ = 0;  ///< of the list that was believed last
    int looks_ = 0;            ///< at a list without anybody, one after the other
    bool troubled_ = false;    ///< the file could not be read
    std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace cupel::controller
