// cupel-learner evaluate: AUC on fixed splits, as JSON and as a table.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <cupel/domain/error.hpp>
#include <cupel/learner/pretraining.hpp>
#include <cupel/workbench/edits_evaluation.hpp>
#include <cupel/workbench/evaluation.hpp>
#include <cupel/workbench/pairs_evaluation.hpp>
#include <cupel/workbench/structures_evaluation.hpp>

#include "commands.hpp"

namespace cupel::workbench {

void write_file(const std::string& file, const std::string& text) {
    // What stands there stays until the new one is whole; a device or a link is written as it is.
    std::error_code ignored;
    const auto there = std::filesystem::symlink_status(file, ignored);
    const bool plain = !std::filesystem::exists(there) || std::filesystem::is_regular_file(there);
    const std::string target = plain ? file + ".part" : file;
    std::ofstream out(target);
    out << text << '\n';
    out.close();
    if (out && plain) {
        std::filesystem::rename(target, file);
    } else if (!out) {
        if (plain) {
            std::filesystem::remove(target, ignored);
        }
        throw Error(file + ": cannot be written; is the disk full?");
    }
}

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

namespace {

/// Which of the evaluations runs; the options they share are those of the first.
struct EvaluateArguments {
    EvaluationOptions options;
    std::string json, scores, test, stock;
    bool edits = false, pairs = false;
    std::vector<std::filesystem::path> structures;
    int folds = 0;
};

EvaluationText run_evaluation(const EvaluateArguments& arguments) {
    const EvaluationOptions& o = arguments.options;
    const auto progress = [](double share, const std::string& what) {
        std::fprintf(stderr, "evaluate %3.0f %% %s\n", 100.0 * share, what.c_str());
    };
    if (arguments.edits) {
        EditsOptions edits;
        edits.data = o.data;
        edits.stock = arguments.stock;
        edits.threads = o.threads;
        edits.learner = o.learner;
        return evaluate_edits(edits, progress);
    }
    if (!arguments.structures.empty()) {
        StructuresOptions structures;
        structures.data = o.data;
        structures.folders = arguments.structures;
        structures.folds = arguments.folds;
        structures.seeds = o.seeds;
        structures.threads = o.threads;
        structures.learner = o.learner;
        return evaluate_structures(structures, progress);
    }
    if (arguments.pairs || (!o.test && holds_pairs(o.data))) {
        PairsOptions pairs;
        pairs.data = o.data;
        pairs.seeds = o.seeds;
        pairs.threads = o.threads;
        pairs.development = o.development;
        pairs.learner = o.learner;
        return evaluate_pairs(pairs, progress);
    }
    return evaluate(o, progress);
}

}  // namespace

void add_evaluate(CLI::App& app) {
    auto* command = app.add_subcommand("evaluate", "Score the fixed splits beside the baselines");
    auto arguments = std::make_shared<EvaluateArguments>();
    EvaluationOptions* options = &arguments->options;
    command
        ->add_option("data",
                     options->data,
                     "Table of clusters, splits.json beside it; or metal-linker pairs")
        ->required();
    command->add_option("--test", arguments->test, "Train on DATA, score this table");
    command->add_option("--json", arguments->json, "Write the figures here");
    command->add_option("--scores", arguments->scores, "Write each test pair's score here");
    command->add_option("--split", options->splits, "Only this split (may be repeated)");
    command->add_option("--seeds", options->seeds, "Seeds per split")->check(CLI::Range(1, 10));
    command->add_option("--threads", options->threads, "Fits side by side")
        ->check(CLI::Range(1, 64));
    command->add_flag("--edits", arguments->edits, "Rank reported one-metal edits among all edits")
        ->excludes("--test");
    command->add_option("--stock", arguments->stock, "With --edits: ligands for exchanges");
    command->add_flag(
        "--pairs",
        arguments->pairs,
        "DATA holds metal-linker pairs (columns metal, linker_SMILES); seen by itself");
    command
        ->add_option("--structures",
                     arguments->structures,
                     "Judge the 3-D path on the rows whose core is in this folder of CIF and xyz "
                     "files (may be repeated)")
        ->allow_extra_args(false)
        ->excludes("--test")
        ->excludes("--edits")
        ->excludes("--pairs");
    command
        ->add_option("--folds",
                     arguments->folds,
                     "With --structures: hide the cores in so many parts; 0 = each core alone")
        ->check(CLI::Range(0, 1000));
    command->add_flag("--development",
                      options->development,
                      "Split the training parts again, for tuning; the fixed tests stay unseen");
    command->add_flag(
        "!--no-calibration", options->calibrate, "Leave out the probabilities: a third less work");
    command
        ->add_option("--train-share",
                     options->train_share,
                     "Train on this share of each training part: a learning curve")
        ->check(CLI::Range(0.05, 1.0));
    add_learner_options(*command, options->learner);
    command->footer("Example: cupel-learner evaluate learner/data/clusters.csv --json auc.json");
    command->callback([arguments] {
        if (!arguments->test.empty()) {
            arguments->options.test = arguments->test;
        }
        const auto text = run_evaluation(*arguments);
        for (const auto& line : text.refused) {
            std::cerr << "left out: " << line << '\n';
        }
        std::cout << text.table;
        if (!arguments->json.empty()) {
            write_file(arguments->json, text.json);
        }
        if (!arguments->scores.empty()) {
            write_file(arguments->scores, text.scores);
        }
    });
}

}  // namespace cupel::workbench
