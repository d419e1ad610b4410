// The structure files of one result on their way through analysis.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <cupel/domain/candidate.hpp>
#include <cupel/domain/verdict.hpp>

#include "../campaign/records.hpp"
#include "../learning/learning_service.hpp"
#include "../learning/structure_service.hpp"

namespace cupel::controller {

/// What was found in the files of one result.
struct StructuresRead {
    struct Failure {
        std::string file;  ///< as its sender called it
        std::string code, text;
        bool crashed = false;
    };
    std::vector<StructureReport> reports;
    std::vector<Failure> failures;

    /// Why the first that could not be read could not; empty when all were.
    std::string trouble() const;
};

/// Reads files one after the other. Not thread-safe: everything happens inside posted work.
class StructureReader {
  public:
    struct Task {
        std::vector<StructureFile> files;
        std::optional<Candidate> target;  ///< the reports say whether this was made
        std::function<bool()> wanted;     ///< asked after each file; false: forget the rest
        std::function<void(const StructuresRead::Failure&)> failed;  ///< at once, wanted or not
        std::function<void(const StructuresRead&)> done;
    };

    StructureReader(StructureService& structures, const Post& post, std::filesystem::path blobs)
        : structures_(structures), post_(post), blobs_(std::move(blobs)) {}
    void read(Task task);

  private:
    struct Reading;
    void next(const std::shared_ptr<Reading>& reading);
    void take(const std::shared_ptr<Reading>& reading, StructureAnswer answer);

    StructureService& structures_;
    const Post& post_;
    const std::filesystem::path blobs_;
};

}  // namespace cupel::controller
