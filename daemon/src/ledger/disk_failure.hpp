// The small file beside a store in which a daemon that the disk failed tells the next one of it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace cupel::controller {

/// One line in STORE.failed, from a sync that failed until the alarm about it is durable. Never
/// synced: where even this cannot be written, the line on standard error is all there is.
class DiskFailure {
  public:
    explicit DiskFailure(const std::filesystem::path& store);
    /// `time` in RFC 3339, `problem` in words. Does not throw: it is written on the way out.
    void write(const std::string& time, const std::string& problem) const noexcept;
    /// What was written, as a sentence with its time; nothing when there is no such file.
    std::optional<std::string> read() const;
    void clear() const noexcept;

  private:
    std::filesystem::path path_;
};

}  // namespace cupel::controller
