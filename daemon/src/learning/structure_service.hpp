// The interface to structure analysis: a file and a target in, a report or a reason out.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include <cupel/domain/candidate.hpp>
#include <cupel/domain/verdict.hpp>

namespace cupel::controller {

struct StructureRequest {
    std::filesystem::path file;  ///< in the blob store
    std::string name;            ///< as the sender called it; its ending says the format
    std::optional<Candidate> target;
};

/// `report` or an error; `crashed` when the child died instead of answering.
struct StructureAnswer {
    std::optional<StructureReport> report;
    std::string code;  ///< "not_cif", "unreadable", ...
    std::string text;
    bool crashed = false;
};

/// Since this daemon started.
struct StructureStatus {
    int waiting = 0;   ///< in line
    int running = 0;   ///< now
    int analysed = 0;  ///< with an answer, crashes among them
    int crashed = 0;
    std::string problem;  ///< why those in line do not start; empty when all is well
};

/// analyse() returns at once; `done` is called once, on any thread, unless stopped first.
class StructureService {
  public:
    virtual ~StructureService() = default;
    virtual void analyse(StructureRequest request, std::function<void(StructureAnswer)> done) = 0;
    /// Thread-safe, at once.
    virtual StructureStatus status() const { return {}; }
    virtual void stop() = 0;
};

}  // namespace cupel::controller
