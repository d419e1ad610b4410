// Structure analysis in children with limits: `cupel structure --json`, one file each.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "structure_service.hpp"

namespace cupel::controller {

struct StructureProcessOptions {
    std::string program;                             ///< path of cupel
    std::optional<std::uint64_t> memory = 1u << 30;  ///< bytes of address space
    std::chrono::seconds processor_time{10};
    std::chrono::milliseconds wall_time{120'000};  ///< for a child that only waits
    std::size_t output = 16u << 20;                ///< bytes of one answer
    int at_once = 2;
    std::chrono::milliseconds pause{2'000};  ///< before a child is tried that had no room
};

/// As many children as allowed, the others wait in order, also while this machine has no room for a
/// child (`problem` of the status says so). A child that dies, is killed or answers
/// nonsense is an answer with `crashed` and the reason in words. `done` comes from a thread of the
/// service.
class StructureProcess final : public StructureService {
  public:
    explicit StructureProcess(StructureProcessOptions options);
    ~StructureProcess() override;
    StructureProcess(const StructureProcess&) = delete;
    StructureProcess& operator=(const StructureProcess&) = delete;

    void analyse(StructureRequest request, std::function<void(StructureAnswer)> done) override;
    StructureStatus status() const override;
    /// Kills what runs, drops what waits. Must not be called from a `done`.
    void stop() override;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace cupel::controller
