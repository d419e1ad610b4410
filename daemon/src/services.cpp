// Picks the services.
#include "services.hpp"

#include <cupel/controller/allow_list.hpp>
#include <cupel/domain/key_file.hpp>

#include "learning/learner_process.hpp"
#include "learning/popularity_service.hpp"
#include "learning/structure_process.hpp"
#include "supervision/find_program.hpp"

namespace cupel::controller {
namespace {

/// Throws InputError when there is none.
std::string learner_program(const Config::Learner& config) {
    const auto program = find_program(config.program);
    if (!program) {
        throw InputError("bad_config",
                         no_program("learner.program", config.program) +
                             "; with learner.kind = \"popularity\" none is needed");
    }
    return *program;
}

std::unique_ptr<LearningService> make_learning(const Config::Learner& config, const LogSink& log) {
    if (config.kind == "popularity") {
        return std::make_unique<PopularityService>();
    }
    LearnerProcessOptions options;
    options.program = learner_program(config);
    options.models = config.models;
    options.device = config.device;
    options.epochs = config.epochs;
    return std::make_unique<LearnerProcess>(std::move(options), log);
}

std::unique_ptr<StructureService> make_structures(const Config::Structure& config) {
    StructureProcessOptions options;
    options.program = config.program;
    options.memory = static_cast<std::uint64_t>(config.memory_mb) << 20;
    options.processor_time = std::chrono::seconds(config.cpu_s);
    options.at_once = config.at_once;
    return std::make_unique<StructureProcess>(std::move(options));
}

}  // namespace

Services make_services(const Config& config, const LogSink& log) {
    Services services;
    services.learning = make_learning(config.learner, log);
    services.structures = make_structures(config.structure);
    services.warnings = config.warnings();
    return services;
}

std::vector<std::string> Config::warnings() const {
    if (learner.kind == "model") {
        learner_program(learner);
    }
    if (bus.auth == "curve") {
        read_key_file(bus.server_key);
        AllowList::load(bus.allow_list);
    }
    std::vector<std::string> lines;
    if (!find_program(structure.program)) {
        lines.push_back(no_program("structure.program", structure.program) +
                        "; structure files will wait for a person");
    }
    const std::string& command = alarms.command;
    if (!command.empty() && !find_program(command)) {
        lines.push_back(no_program("alarms.command", command) + "; nobody will hear of alarms");
    }
    return lines;
}

}  // namespace cupel::controller
