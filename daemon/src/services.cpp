// Picks the services.
#include "services.hpp"

#include "learning/learner_process.hpp"
#include "learning/popularity_service.hpp"
#include "learning/structure_process.hpp"
#include "supervision/find_program.hpp"

namespace cupel::controller {
namespace {

std::string nowhere(const std::string& key, const std::string& program) {
    return key + ": there is no program " + program +
           (program.find('/') == std::string::npos ? " beside this one or on PATH" : "");
}

std::unique_ptr<LearningService> make_learning(const Config::Learner& config, const LogSink& log) {
    if (config.kind == "popularity") {
        return std::make_unique<PopularityService>();
    }
    const auto program = find_program(config.program);
    if (!program) {
        throw InputError("bad_config",
                         nowhere("learner.program", config.program) +
                             "; with learner.kind = \"popularity\" none is needed");
    }
    LearnerProcessOptions options;
    options.program = *program;
    options.models = config.models;
    options.device = config.device;
    options.epochs = config.epochs;
    return std::make_unique<LearnerProcess>(std::move(options), log);
}

std::unique_ptr<StructureService> make_structures(const Config::Structure& config,
                                                  std::vector<std::string>& warnings) {
    StructureProcessOptions options;
    options.program = config.program;
    if (const auto program = find_program(config.program)) {
        options.program = *program;
    } else {
        warnings.push_back(nowhere("structure.program", config.program) +
                           "; structure files will wait for a person");
    }
    options.memory = static_cast<std::uint64_t>(config.memory_mb) << 20;
    options.processor_time = std::chrono::seconds(config.cpu_s);
    options.at_once = config.at_once;
    return std::make_unique<StructureProcess>(std::move(options));
}

}  // namespace

Services make_services(const Config& config, const LogSink& log) {
    Services services;
    services.learning = make_learning(config.learner, log);
    services.structures = make_structures(config.structure, services.warnings);
    return services;
}

}  // namespace cupel::controller
