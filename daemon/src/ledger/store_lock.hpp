// One writer per store, also across processes.
#pragma once

#include <filesystem>

namespace cupel::controller {

/// The file that a store's name leads to, absolute, links followed, also one to a file that is not
/// there yet. The name itself when that cannot be told.
std::filesystem::path real_store(const std::filesystem::path& store);

/// Holds a store for as long as it lives, whatever name the store is called by: `STORE.lock` beside
/// the file that links lead to, and that file itself, for it may have several names. The system
/// lets go of both when the process dies, in whatever way.
class StoreLock {
  public:
    /// Makes the folder of the store if there is none. Throws StoreError when another process (or
    /// another lock of this one) holds it.
    explicit StoreLock(const std::filesystem::path& store);
    ~StoreLock();
    StoreLock(const StoreLock&) = delete;
    StoreLock& operator=(const StoreLock&) = delete;

    /// As real_store() gave it: what is put in its place must not replace a link.
    const std::filesystem::path& store() const noexcept { return store_; }

  private:
    std::filesystem::path store_;
    int beside_ = -1, file_ = -1;
};

}  // namespace cupel::controller
