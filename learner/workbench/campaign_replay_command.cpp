// cupel-learner campaign-replay: policies side by side on a pool with known truth.
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

#include <cupel/domain/output_paths.hpp>
#include <cupel/workbench/campaign_replay.hpp>

#include "commands.hpp"
#include "learner_options.hpp"
#include "output_file.hpp"

namespace cupel::workbench {

void add_campaign_replay(CLI::App& app) {
    auto* command = app.add_subcommand(
        "campaign-replay", "Play a campaign offline on a pool whose true pairs are known");
    auto options = std::make_shared<CampaignReplayOptions>();
    auto json = std::make_shared<std::string>();
    command->add_option("--pool", options->pool, "Candidates, JSON lines")->required();
    command
        ->add_option("--truth",
                     options->truth,
                     "True pairs: learning keys, one a line, or a table of clusters")
        ->required();
    command->add_option("--data", options->data, "Table of known clusters")->required();
    command->add_option("--policy", options->policies, "model, popularity, random, ucb, poh, ...")
        ->delimiter(',');
    command->add_option("--model-policy", options->model_policy, "What 'model' stands for")
        ->capture_default_str();
    command->add_option("--seeds", options->seeds, "Runs per policy")->check(CLI::Range(1, 1000));
    command->add_option("--first-seed", options->first_seed, "Seed of the first run");
    command->add_option("--budget", options->budget, "Experiments per run")
        ->check(CLI::Range(1, 100000));
    command->add_option("--batch", options->batch, "Experiments per round")
        ->check(CLI::Range(1, 1024));
    command->add_flag("--gaussian-process",
                      options->gaussian_process,
                      "Also judge a Gaussian process over the outcomes beside the Laplace head");
    command->add_option("--json", *json, "Write the figures here");
    add_learner_options(*command, options->learner);
    command->footer(
        "Example: cupel-learner campaign-replay --pool pool.jsonl --truth truth.csv --data "
        "train.csv --json hits.json");
    command->callback([=] {
        check_outputs({{"--json", *json}},
                      {{options->pool, "the pool read by --pool"},
                       {options->truth, "the file read by --truth"},
                       {options->data, "the table read by --data"},
                       pretrained_file(*command)});
        auto last = std::make_shared<int>(-1);
        const auto text = replay_campaign(*options, [&](double share, const std::string& what) {
            if (static_cast<int>(share * 10) != *last) {
                *last = static_cast<int>(share * 10);
                std::fprintf(stderr, "campaign-replay %3.0f %% %s\n", 100 * share, what.c_str());
            }
        });
        std::cout << text.table;
        if (!json->empty()) {
            write_file(*json, text.json);
        }
    });
}

}  // namespace cupel::workbench
