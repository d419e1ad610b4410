// The services beside the ledger, as the configuration asks for them.
#pragma once

#include <memory>

#include <cupel/controller.hpp>

#include "learning/learning_service.hpp"
#include "learning/structure_service.hpp"

namespace cupel::controller {

struct Services {
    std::unique_ptr<LearningService> learning;
    std::unique_ptr<StructureService> structures;
};

/// Throws InputError when a program that the configuration names does not exist.
Services make_services(const Config& config);

}  // namespace cupel::controller
