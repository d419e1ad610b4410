// One writer per store, also across processes.
#pragma once

#include <filesystem>

namespace cupel::controller {

/// Holds `STORE.lock` for as long as it lives; the system lets go of it when the process dies, in
/// whatever way.
class StoreLock {
  public:
    /// Throws StoreError when another process (or another lock of this one) holds it.
    explicit StoreLock(const std::filesystem::path& store);
    ~StoreLock();
    StoreLock(const StoreLock&) = delete;
    StoreLock& operator=(const StoreLock&) = delete;

  private:
    int descriptor_ = -1;
};

}  // namespace cupel::controller
