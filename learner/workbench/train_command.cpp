// cupel-learner train and score: a model from a table, and a pool scored by it.
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <cupel/domain/error.hpp>
#include <cupel/domain/output_paths.hpp>
#include <cupel/workbench/blas_kernel.hpp>
#include <cupel/workbench/dataset.hpp>

#include "commands.hpp"
#include "learner_options.hpp"
#include "output_file.hpp"

namespace cupel::workbench {
namespace {

struct TrainArguments {
    std::string data, models = "models", json;
    ReadPath pretrained;
    learner::LearnerOptions learner;
};

/// Training takes a while: a folder that cannot take its result is said before.
void need_writable_folder(const std::filesystem::path& folder) {
    std::error_code failure;
    std::filesystem::create_directories(folder, failure);
    if (failure || ::access(folder.c_str(), W_OK | X_OK) != 0) {
        throw InputError("bad_path", "--models: " + folder.string() + " cannot be written to");
    }
}

void train(const TrainArguments& arguments) {
    const std::vector<WrittenPath> written{{"--json", arguments.json}};
    check_nothing_overwritten(written,
                              {{arguments.data, "the table to read"}, arguments.pretrained});
    // The report may go into the folder of models, which is made here.
    need_writable_folder(arguments.models);
    check_writable(written);
    const Dataset data = load_dataset(arguments.data);
    int last = -1;
    const auto model = learner::Learner::train(
        data.catalogue, data.known, {}, arguments.learner, [&](double share, const auto& stage) {
            if (static_cast<int>(share * 10) != last) {
                last = static_cast<int>(share * 10);
                std::fprintf(stderr, "train %3.0f %% %s\n", 100 * share, stage.c_str());
            }
        });
    const std::string hash = model.save(arguments.models);
    nlohmann::ordered_json report;
    report["model"] = hash;
    report["encoder"] = model.encoder_hash();
    report["head"] = model.head_hash();
    report["models"] = arguments.models;
    report["rows"] = data.rows.size();
    report["pairs"] = data.known.size();
    report["kernel"] = blas_kernel();
    std::cout << hash << "\n";
    if (!arguments.json.empty()) {
        write_file(arguments.json,
                   report.dump(1, ' ', false, nlohmann::json::error_handler_t::replace));
    }
}

struct ScoreArguments {
    std::string pool, models = "models", model, json;
    std::size_t top = 20;
};

void score(const ScoreArguments& arguments) {
    check_outputs({{"--json", arguments.json}}, {{arguments.pool, "the pool to read"}});
    learner::Catalogue catalogue;
    const auto pool = load_pool(arguments.pool, catalogue);
    const auto model = learner::Learner::load(arguments.models, arguments.model);
    std::vector<learner::Pair> pairs;
    for (const auto& entry : pool) {
        pairs.push_back(entry.pair);
    }
    const auto predictions = model.predict(catalogue, pairs);
    std::vector<std::size_t> order(pool.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
        order[i] = i;
    }
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        const double pa = predictions[a].probability;
        const double pb = predictions[b].probability;
        return pa != pb ? pa > pb : a < b;
    });
    order.resize(std::min(order.size(), arguments.top));
    nlohmann::ordered_json report;
    report["model"] = arguments.model;
    report["candidates"] = pool.size();
    report["top"] = nlohmann::ordered_json::array();
    for (const std::size_t i : order) {
        const auto& p = predictions[i];
        std::printf("%.3f  %s\n", p.probability, pool[i].candidate.name().c_str());
        report["top"].push_back({{"key", pool[i].identity_key},
                                 {"name", pool[i].candidate.name()},
                                 {"p", p.probability},
                                 {"interaction", p.interaction},
                                 {"popularity", p.popularity},
                                 {"uncertainty", p.deviation}});
    }
    if (!arguments.json.empty()) {
        write_file(arguments.json,
                   report.dump(1, ' ', false, nlohmann::json::error_handler_t::replace));
    }
}

}  // namespace

void add_train(CLI::App& app) {
    auto* command = app.add_subcommand("train", "Train a model on a table and store it");
    auto arguments = std::make_shared<TrainArguments>();
    command->add_option("data", arguments->data, "Table of clusters")->required();
    command->add_option("--models", arguments->models, "Folder for models")->capture_default_str();
    command->add_option("--seed", arguments->learner.seed, "Seed");
    command->add_option("--threads", arguments->learner.threads, "Members trained side by side")
        ->check(CLI::Range(1, 64));
    command->add_option("--json", arguments->json, "Write the report here");
    add_learner_options(*command, arguments->learner);
    command->footer("Example: cupel-learner train learner/data/clusters.csv --models models");
    command->callback([arguments, command] {
        arguments->pretrained = pretrained_file(*command);
        train(*arguments);
    });
}

void add_score(CLI::App& app) {
    auto* command = app.add_subcommand("score", "Score a pool with a stored model");
    auto arguments = std::make_shared<ScoreArguments>();
    command->add_option("pool", arguments->pool, "Candidates, JSON lines")->required();
    command->add_option("--model", arguments->model, "Hash of the model")->required();
    command->add_option("--models", arguments->models, "Folder of models")->capture_default_str();
    command->add_option("--top", arguments->top, "How many to show")->check(CLI::Range(1, 1000000));
    command->add_option("--json", arguments->json, "Write the figures here");
    command->footer("Example: cupel-learner score pool.jsonl --model $(cupel-learner train t.csv)");
    command->callback([arguments] { score(*arguments); });
}

}  // namespace cupel::workbench
