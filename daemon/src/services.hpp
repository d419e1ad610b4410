// The services beside the ledger, as the configuration asks for them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <cupel/controller.hpp>

#include "learning/learning_service.hpp"
#include "learning/structure_service.hpp"

namespace cupel::controller {

struct Services {
    std::unique_ptr<LearningService> learning;
    std::unique_ptr<StructureService> structures;
    std::vector<std::string> warnings;  ///< what works less well than it could
};

/// Throws InputError when there is no learner as the configuration names it. Without the program
/// for structures the daemon works on: a warning, and each structure waits for a person.
Services make_services(const Config& config, const LogSink& log);

}  // namespace cupel::controller
