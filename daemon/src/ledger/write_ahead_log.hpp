// The file beside a store that SQLite commits into, synced by a thread of its own.
#pragma once

#include <filesystem>

namespace cupel::controller {

/// To be opened while the store is: then the file stays the same as long as anybody has the store
/// open. sync() is thread-safe, and does not disturb a commit that is under way.
class WriteAheadLog {
  public:
    /// Throws StoreError when it cannot be opened.
    explicit WriteAheadLog(const std::filesystem::path& store);
    ~WriteAheadLog();
    WriteAheadLog(const WriteAheadLog&) = delete;
    WriteAheadLog& operator=(const WriteAheadLog&) = delete;

    /// Every commit from before the call is durable. Throws StoreError when the disk fails: the
    /// kernel may then have dropped what it could not write, and would say nothing the next time.
    void sync() const;

  private:
    std::filesystem::path path_;
    int file_ = -1;
};

}  // namespace cupel::controller
