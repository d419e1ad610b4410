// cupel-learner evaluate: AUC on fixed splits, as JSON and as a table.
#include <fstream>
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

#include <cupel/domain/error.hpp>
#include <cupel/workbench/evaluation.hpp>

#include "commands.hpp"

namespace cupel::workbench {

void write_file(const std::string& file, const std::string& text) {
    std::ofstream out(file);
    out << text << '\n';
    if (!out) {
        throw Error(file + ": cannot write");
    }
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
    command.add_option("--dropout", o.dropout, "Dropout rate")->check(CLI::Range(0.0, 0.9));
    command.add_option("--learning-rate", o.learning_rate, "Peak learning rate");
    command.add_option("--weight-decay", o.weight_decay, "Weight decay");
    command.add_option("--smoothing", o.smoothing, "Label smoothing")->check(CLI::Range(0.0, 0.4));
    command.add_option("--contrast", o.contrast, "Weight of the contrastive loss");
    command.add_option("--device", o.device, "cpu, cuda, cuda:N or auto")->capture_default_str();
}

void add_evaluate(CLI::App& app) {
    auto* command = app.add_subcommand("evaluate", "Score the fixed splits beside the baselines");
    auto options = std::make_shared<EvaluationOptions>();
    auto json = std::make_shared<std::string>();
    auto scores = std::make_shared<std::string>();
    auto test = std::make_shared<std::string>();
    command->add_option("data", options->data, "Table of clusters; splits.json stands beside it")
        ->required();
    command->add_option("--test", *test, "Train on DATA, score this table");
    command->add_option("--json", *json, "Write the figures here");
    command->add_option("--scores", *scores, "Write each test pair's score here");
    command->add_option("--split", options->splits, "Only this split (may be repeated)");
    command->add_option("--seeds", options->seeds, "Seeds per split")->check(CLI::Range(1, 5));
    command->add_option("--threads", options->threads, "Fits side by side")
        ->check(CLI::Range(1, 64));
    command->add_flag("--development",
                      options->development,
                      "Split the training parts again, for tuning; the fixed tests stay unseen");
    add_learner_options(*command, options->learner);
    command->footer("Example: cupel-learner evaluate learner/data/clusters.csv --json auc.json");
    command->callback([=] {
        if (!test->empty()) {
            options->test = *test;
        }
        const auto text = evaluate(*options, [](double share, const std::string& what) {
            std::fprintf(stderr, "evaluate %3.0f %% %s\n", 100.0 * share, what.c_str());
        });
        std::cout << text.table;
        if (!json->empty()) {
            write_file(*json, text.json);
        }
        if (!scores->empty()) {
            write_file(*scores, text.scores);
        }
    });
}

}  // namespace cupel::workbench
