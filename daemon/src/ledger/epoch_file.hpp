// The small file beside a store: its epoch and how far it had come, to see an older copy by.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace cupel::controller {

/// "EPOCH GSEQ" in STORE.epoch. Written after each commit and not synced: it may lag behind the
/// store, never run ahead of it, so a store that lags behind its file is an older copy.
class EpochFile {
  public:
    struct Mark {
        std::string epoch;  ///< empty: there is no such file
        std::int64_t gseq = 0;
    };

    explicit EpochFile(const std::filesystem::path& store);
    Mark read() const;
    /// The error number of a mark that cannot be written, else 0. The next one makes up for it; but
    /// without any the next start takes the store for a copy.
    int write(const Mark& mark) const noexcept;
    /// For an epoch that is new: after a loss of power it must not be the old one's again.
    void sync() const noexcept;
    const std::filesystem::path& path() const noexcept { return path_; }

  private:
    std::filesystem::path path_;
};

}  // namespace cupel::controller
