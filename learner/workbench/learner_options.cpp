// One name, range and help for every setting of the model.
#include "learner_options.hpp"

#include <memory>

#include <nlohmann/json.hpp>

#include <cupel/learner/pretraining.hpp>

namespace cupel::workbench {

CLI::Validator number_between(double low, double high) {
    const std::string range = nlohmann::json(low).dump() + " to " + nlohmann::json(high).dump();
    return CLI::Validator(
        [low, high, range](std::string& text) {
            double value = 0.0;
            const bool right =
                CLI::detail::lexical_cast(text, value) && value >= low && value <= high;
            return right ? std::string() : "expected a number from " + range + ", got " + text;
        },
        range);
}

void add_learner_options(CLI::App& command, learner::LearnerOptions& o) {
    command.add_option("--members", o.members, "Networks in the ensemble")
        ->check(CLI::Range(1, 64));
    command.add_option("--epochs", o.epochs, "Passes over the data")->check(CLI::Range(1, 100000));
    command.add_option("--width", o.width, "Hidden width")->check(CLI::Range(8, 2048));
    command.add_option("--embedding", o.embedding, "Embedding size")->check(CLI::Range(4, 1024));
    command.add_option("--rectified", o.rectified, "ReLU units of the head")
        ->check(CLI::Range(4, 1024));
    command.add_option("--graph-layers", o.graph_layers, "Message-passing layers")
        ->check(CLI::Range(0, 8));
    command.add_option("--graph-width", o.graph_width, "Width of atoms")->check(CLI::Range(4, 512));
    command
        .add_option("--structure-layers",
                    o.structure_layers,
                    "Layers of the 3-D path, for cores that have coordinates; 0 leaves it out")
        ->check(CLI::Range(0, 8));
    command.add_option("--dropout", o.dropout, "Dropout rate")->check(number_between(0.0, 0.9));
    command.add_option("--learning-rate", o.learning_rate, "Peak learning rate")
        ->check(number_between(1e-8, 1.0));
    command.add_option("--weight-decay", o.weight_decay, "Weight decay")
        ->check(number_between(0.0, 1.0));
    command.add_option("--smoothing", o.smoothing, "Label smoothing")
        ->check(number_between(0.0, 0.4));
    command.add_option("--contrast", o.contrast, "Weight of the contrastive loss")
        ->check(number_between(0.0, 100.0));
    command.add_option("--kernel", o.kernel, "Weight of the kernel member; 0 leaves it out")
        ->check(number_between(0.0, 10.0));
    command.add_option_function<std::string>(
        "--pretrained",
        [&o](const std::string& file) {
            o.pretrained = std::make_shared<learner::NamedArrays>(learner::load_weights(file));
        },
        "First weights, from `cupel pretrain`");
    command.add_option("--device", o.device, "cpu, cuda, cuda:N or auto")->capture_default_str();
}

ReadPath pretrained_file(const CLI::App& command) {
    const auto* option = command.get_option("--pretrained");
    return {option->count() > 0 ? option->as<std::string>() : std::string(),
            "the weights read by --pretrained"};
}

}  // namespace cupel::workbench
