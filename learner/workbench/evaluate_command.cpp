// cupel-learner evaluate: AUC on fixed splits, as JSON and as a table.
#include <filesystem>
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

#include <cupel/domain/output_paths.hpp>
#include <cupel/workbench/edits_evaluation.hpp>
#include <cupel/workbench/evaluation.hpp>
#include <cupel/workbench/pairs_evaluation.hpp>
#include <cupel/workbench/structures_evaluation.hpp>

#include "commands.hpp"
#include "learner_options.hpp"
#include "output_file.hpp"

namespace cupel::workbench {

namespace {

/// Which of the evaluations runs; the options they share are those of the first.
struct EvaluateArguments {
    EvaluationOptions options;
    std::string json, scores, test, stock;
    bool edits = false, pairs = false;
    std::vector<std::filesystem::path> structures;
    int folds = 0;
};

void check_files(const EvaluateArguments& arguments, const CLI::App& command) {
    const std::filesystem::path& data = arguments.options.data;
    std::vector<ReadPath> read{{data, "the table to read"},
                               {data.parent_path() / "splits.json", "the list of its splits"},
                               {arguments.test, "the table read by --test"},
                               {arguments.stock, "the list read by --stock"},
                               pretrained_file(command)};
    for (const auto& folder : arguments.structures) {
        std::error_code later;  // a folder that cannot be read is told of where it is read
        for (const auto& entry : std::filesystem::directory_iterator(folder, later)) {
            const auto ending = entry.path().extension();
            if (ending == ".cif" || ending == ".xyz" || ending == ".extxyz") {
                read.push_back({entry.path(), "a structure read by --structures"});
            }
        }
    }
    check_outputs({{"--json", arguments.json}, {"--scores", arguments.scores}}, read);
}

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
    command->callback([arguments, command] {
        check_files(*arguments, *command);
        if (!arguments->test.empty()) {
            arguments->options.test = arguments->test;
        }
        const auto text = run_evaluation(*arguments);
        for (const auto& line : text.refused) {
            std::cerr << "left out: " << line << '\n';
        }
        for (const auto& line : text.notes) {
            std::cerr << line << '\n';
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
