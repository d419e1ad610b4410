// A child process of the demo: its output goes to a file, and it never outlives the demo.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace cupel::simulator {

class Process {
  public:
    /// Starts `arguments[0]`, a path. Throws Error when it cannot.
    Process(std::string name,
            const std::vector<std::string>& arguments,
            const std::filesystem::path& output);
    ~Process();
    Process(Process&& other) noexcept;
    Process& operator=(Process&&) = delete;

    const std::string& name() const { return name_; }
    const std::filesystem::path& output() const { return output_; }
    /// Exit status, 128 + signal when one ended it; nothing while it runs.
    std::optional<int> status();
    /// Waits; nothing when it still runs after `patience`.
    std::optional<int> wait_for(std::chrono::seconds patience);
    void interrupt();
    /// The last lines of the output, for an error message.
    std::string tail(std::size_t lines = 5) const;

  private:
    std::string name_;
    std::filesystem::path output_;
    int pid_ = -1;
    std::optional<int> status_;
};

}  // namespace cupel::simulator
