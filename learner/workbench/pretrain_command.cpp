// cupel-learner pretrain: first weights of the encoders from bare clusters and ligands alone.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <limits>
#include <memory>
#include <set>
#include <sstream>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <cupel/chemistry/csv.hpp>
#include <cupel/chemistry/data_dir.hpp>
#include <cupel/chemistry/featuriser.hpp>
#include <cupel/domain/element.hpp>
#include <cupel/domain/error.hpp>
#include <cupel/domain/output_paths.hpp>
#include <cupel/learner/pretraining.hpp>
#include <cupel/pretraining/bare_minima.hpp>
#include <cupel/workbench/dataset.hpp>

#include "commands.hpp"
#include "learner_options.hpp"
#include "output_file.hpp"

namespace cupel::workbench {
namespace {

const std::vector<std::string> kTargets = {
    "energy per atom", "second difference", "anisotropy", "coordination", "inner share"};

struct PretrainArguments {
    std::string out, data, minima, json;
    std::vector<std::string> ligand_tables;
    bool search = false, cores = false, ligands = false;
    pretraining::MinimaOptions search_options;
    learner::LearnerOptions learner;
};

// One line per tenth of a stage on standard error.
learner::ProgressCallback progress_lines(const std::string& stage) {
    auto last = std::make_shared<int>(-1);
    return [stage, last](double share, const std::string& what) {
        if (static_cast<int>(share * 10) != *last) {
            *last = static_cast<int>(share * 10);
            std::fprintf(
                stderr, "pretrain %-7s %3.0f %% %s\n", stage.c_str(), 100 * share, what.c_str());
        }
    };
}

std::vector<pretraining::BareMinimum> minima_of(const PretrainArguments& arguments) {
    std::filesystem::path file = arguments.minima;
    if (file.empty()) {
        file = chemistry::data_dir() / "minima.csv";
    }
    if (!arguments.search && std::filesystem::exists(file)) {
        return pretraining::read_minima(file);
    }
    auto minima = pretraining::bare_minima(arguments.search_options, progress_lines("minima"));
    if (!arguments.minima.empty()) {
        pretraining::write_minima(file, minima);
    }
    return minima;
}

std::vector<learner::CoreExample> examples_of(const std::vector<pretraining::BareMinimum>& minima) {
    std::vector<learner::CoreExample> examples;
    for (const auto& m : minima) {
        learner::CoreExample example;
        for (const auto& [symbol, count] : m.composition) {
            example.core.metals.emplace_back(static_cast<std::uint8_t>(atomic_number(symbol)),
                                             count);
        }
        std::sort(example.core.metals.begin(), example.core.metals.end());
        example.targets = {m.energy / m.atoms,
                           m.second_difference.value_or(std::numeric_limits<double>::quiet_NaN()),
                           m.shape.anisotropy,
                           m.shape.coordination,
                           m.shape.inner_share};
        // By size: a model that has seen Au19 and Au21 would only have to draw a line.
        example.held_out = m.atoms % 5 == 0;
        examples.push_back(std::move(example));
    }
    return examples;
}

// Every ligand of the table of clusters, of the abbreviations and of the tables given.
std::vector<learner::LigandInput> ligands_of(const PretrainArguments& arguments) {
    std::vector<learner::LigandInput> ligands;
    std::set<std::string> seen;
    const auto add = [&](const std::string& smiles) {
        learner::LigandInput input{chemistry::atom_graph(smiles), chemistry::fingerprint(smiles)};
        if (seen.insert(input.graph.smiles).second) {
            ligands.push_back(std::move(input));
        }
    };
    const Dataset data =
        load_dataset(arguments.data.empty() ? chemistry::data_dir() / "clusters.csv"
                                            : std::filesystem::path(arguments.data));
    for (const auto& ligand : data.catalogue.ligands()) {
        if (seen.insert(ligand.graph.smiles).second) {
            ligands.push_back(ligand);
        }
    }
    const auto short_names = chemistry::CsvTable::load(chemistry::data_dir() / "abbreviations.csv");
    for (const auto& row : short_names.rows()) {
        if (short_names.cell(row, "kind") == "ligand") {
            add(short_names.cell(row, "smiles"));
        }
    }
    for (const auto& file : arguments.ligand_tables) {
        const auto table = chemistry::CsvTable::load(file);
        for (const auto& row : table.rows()) {
            try {
                add(table.cell(row, "smiles"));
            } catch (const InputError& error) {
                table.fail(row, "smiles", error.what());
            }
        }
    }
    return ligands;
}

/// The table of minima is written after a search and read otherwise.
void check_files(const PretrainArguments& arguments, const CLI::App& command) {
    std::vector<WrittenPath> written{{"--out", arguments.out, true}, {"--json", arguments.json}};
    std::vector<ReadPath> read{{arguments.data, "the table read by --data"},
                               pretrained_file(command)};
    if (arguments.search || !std::filesystem::exists(arguments.minima)) {
        written.push_back({"--minima", arguments.minima});
    } else {
        read.push_back({arguments.minima, "the table read by --minima"});
    }
    for (const auto& table : arguments.ligand_tables) {
        read.push_back({table, "the table read by --ligand-table"});
    }
    check_outputs(written, read);
}

void pretrain(const PretrainArguments& arguments) {
    const bool both = arguments.cores == arguments.ligands;
    learner::PretrainedWeights weights;
    nlohmann::ordered_json report;
    const auto take =
        [&](learner::PretrainedWeights stage, const std::string& what, std::size_t examples) {
            std::printf("%s: %zu examples\n", what.c_str(), examples);
            report[what]["examples"] = examples;
            for (const auto& [name, value] : stage.quality) {
                std::printf("  %-36s %.3f\n", name.c_str(), value);
                report[what][name] = value;
            }
            weights.arrays.merge(stage.arrays);
        };
    if (both || arguments.cores) {
        const auto examples = examples_of(minima_of(arguments));
        take(
            learner::pretrain_cores(examples, kTargets, arguments.learner, progress_lines("cores")),
            "cores",
            examples.size());
    }
    if (both || arguments.ligands) {
        const auto ligands = ligands_of(arguments);
        take(learner::pretrain_ligands(ligands, arguments.learner, progress_lines("ligands")),
             "ligands",
             ligands.size());
    }
    // What made it stands in the file.
    weights.arrays["settings"] = learner::make_array(arguments.learner.text());
    weights.arrays["report"] = learner::make_array(report.dump());
    const std::string hash = learner::save_weights(weights.arrays, arguments.out);
    report["hash"] = hash;
    std::cout << hash << "\n";
    if (!arguments.json.empty()) {
        write_file(arguments.json,
                   report.dump(1, ' ', false, nlohmann::json::error_handler_t::replace));
    }
}

}  // namespace

void add_pretrain(CLI::App& app) {
    auto* command = app.add_subcommand(
        "pretrain", "First weights of the encoders from bare clusters and ligands alone");
    auto arguments = std::make_shared<PretrainArguments>();
    arguments->learner.epochs = 300;
    command->add_option("--out", arguments->out, "Write the weights here")->required();
    command
        ->add_option("--minutes",
                     arguments->search_options.minutes,
                     "Time for the search of minima; what is not reached is left out")
        ->check(number_between(0.001, 1440.0))
        ->capture_default_str();
    command->add_option("--seed", arguments->learner.seed, "Seed");
    command->add_flag("--cores", arguments->cores, "Only the formula path of the core encoder");
    command->add_flag("--ligands", arguments->ligands, "Only the ligand encoder");
    command->add_option("--minima",
                        arguments->minima,
                        "Table of minima to read, or to write after a search "
                        "[minima.csv of the starter data]");
    command->add_flag("--search", arguments->search, "Search the minima anew");
    command->add_option("--hops", arguments->search_options.hops, "Basin hops per composition")
        ->check(CLI::Range(0, 1000000))
        ->capture_default_str();
    command->add_option("--largest", arguments->search_options.largest, "Atoms of the largest")
        ->check(CLI::Range(2, 147))
        ->capture_default_str();
    command->add_option("--threads", arguments->search_options.threads, "Searches side by side")
        ->check(CLI::Range(1, 64));
    command->add_option("--data", arguments->data, "Table of clusters whose ligands are used");
    command->add_option("--ligand-table",
                        arguments->ligand_tables,
                        "More ligands: a CSV table with a column smiles (may be repeated)");
    command->add_option("--json", arguments->json, "Write the figures here");
    add_learner_options(*command, arguments->learner);
    command->footer(
        "Example: cupel-learner pretrain --out first.weights && cupel-learner train "
        "learner/data/clusters.csv --pretrained first.weights");
    command->callback([arguments, command] {
        check_files(*arguments, *command);
        arguments->search_options.seed = arguments->learner.seed;
        pretrain(*arguments);
    });
}

}  // namespace cupel::workbench
