// cupel campaign: init, new, pause, resume, stop, list.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>

#include <unistd.h>

#include <cupel/controller.hpp>
#include <cupel/domain/ulid.hpp>

#include "../src/campaign/campaign_config.hpp"
#include "campaign_file.hpp"
#include "commands.hpp"
#include "connection.hpp"
#include "text_table.hpp"

namespace cupel::cli {
namespace {

namespace fs = std::filesystem;

struct InitOptions {
    CampaignAnswers answers;
    std::string file = "cupeld.toml";
    bool yes = false, force = false, json = false;
};

struct CampaignOptions {
    ConnectOptions connect;
    std::string campaign, config, reason;
    std::string pool, data, policy;
    std::optional<int> budget;
    bool review = false;
    std::vector<std::string> settings;
};

void check_name(const std::string& name) {
    if (!controller::is_campaign_name(name)) {
        throw InputError("bad_name",
                         "campaign: expected 1 to 64 letters, digits, '_', '-' or '.', beginning "
                         "with a letter or digit, got \"" +
                             name + "\"");
    }
}

void init(InitOptions options) {
    if (!options.force && fs::exists(options.file)) {
        throw InputError("exists", options.file + " exists already; --force replaces it");
    }
    complete(options.answers, options.yes ? nullptr : &std::cin, std::cerr);
    check_name(*options.answers.name);
    std::ofstream file(options.file);
    file << campaign_toml(options.answers);
    if (!file.flush()) {
        throw InputError("cannot_write", options.file + ": cannot be written");
    }
    const fs::path pool = fs::absolute(options.file).parent_path() / *options.answers.pool;
    const bool ready = fs::is_regular_file(pool);
    if (options.json) {
        std::cout << Json{{"config", options.file},
                          {"campaign", *options.answers.name},
                          {"pool_exists", ready}}
                         .dump()
                  << "\n";
        return;
    }
    std::cout << "wrote " << options.file << "\n";
    if (!ready) {
        std::cout << "  " << pool.lexically_normal().string()
                  << " is not there yet; cupel pool build -o makes it\n";
    }
    std::cout << "  next: cupeld --config " << options.file << " --check, then without --check\n";
}

/// KEY=VALUE with the value as TOML writes it; a bare word is a string.
void set(Json& config, const std::string& setting) {
    const auto at = setting.find('=');
    if (at == 0 || at == std::string::npos) {
        throw InputError("bad_pair", "--set: expected KEY=VALUE, got \"" + setting + "\"");
    }
    const std::string value = setting.substr(at + 1);
    Json parsed = Json::parse(value, nullptr, false);
    config[setting.substr(0, at)] = parsed.is_discarded() ? Json(value) : std::move(parsed);
}

Json config_of(const CampaignOptions& options) {
    Json config = Json::object();
    if (!options.config.empty()) {
        const auto file = controller::Config::load(options.config);
        const auto found = file.campaigns.find(options.campaign);
        if (found == file.campaigns.end()) {
            throw InputError("no_table",
                             options.config + ": has no table [campaign." + options.campaign + "]");
        }
        config = Json::parse(found->second);
    }
    const auto put = [&](const char* key, const std::string& value) {
        if (!value.empty()) {
            config[key] = value;
        }
    };
    put("pool", options.pool);
    put("data", options.data);
    put("policy", options.policy);
    if (options.budget) {
        config["budget"] = *options.budget;
    }
    if (options.review) {
        config["review"] = true;
    }
    for (const auto& setting : options.settings) {
        set(config, setting);
    }
    return config;
}

void create(const CampaignOptions& options) {
    check_name(options.campaign);
    Json keys = config_of(options);
    // Checked here too: the key is named before anybody is asked, and paths become absolute. What
    // is not given stays so: the defaults are those of the daemon and its learner.
    const auto config = controller::parse_campaign_config(keys.dump(), fs::current_path());
    const std::pair<const char*, const std::string*> paths[] = {
        {"pool", &config.pool}, {"data", &config.data}, {"stock", &config.stock}};
    for (const auto& [key, path] : paths) {
        if (keys.contains(key)) {
            keys[key] = *path;
        }
    }
    Connection connection(options.connect);
    const Json result = connection.ask(CampaignNew{make_ulid(), options.campaign, keys.dump()});
    print(options.connect,
          result,
          "campaign " + options.campaign +
              (config.start ? " is RUNNING\n  next: cupel status, then cupel offers\n"
                            : " is DRAFT and offers nothing yet\n  next: cupel campaign resume " +
                                  options.campaign + "\n"));
}

void control(const CampaignOptions& options, CampaignControl::Action action) {
    Connection connection(options.connect);
    const Json result =
        connection.ask(CampaignControl{make_ulid(), options.campaign, action, options.reason});
    print(options.connect,
          result,
          options.campaign + " is " + result.at("state").get<std::string>() + "\n");
}

void list(const ConnectOptions& options) {
    Connection connection(options);
    const Json status = connection.ask(Status{});
    const Json result{{"campaigns", status.at("campaigns")}};
    TextTable table({"CAMPAIGN", "STATE", "SPENT", "LABELS", "HITS", "POLICY"});
    for (const auto& campaign : result.at("campaigns")) {
        table.add({campaign.at("campaign").get<std::string>(),
                   campaign.at("state").get<std::string>(),
                   campaign.at("spent").dump() + " of " + campaign.at("budget").dump(),
                   campaign.at("labels").dump(),
                   campaign.at("hits").dump(),
                   campaign.at("policy").get<std::string>()});
    }
    print(options,
          result,
          result.at("campaigns").empty() ? "no campaigns: cupel campaign new makes one\n"
                                         : table.text());
}

void add_init(CLI::App& campaign) {
    auto options = std::make_shared<InitOptions>();
    auto* command =
        campaign.add_subcommand("init", "ask five questions and write a configuration of cupeld");
    command->add_option("-o,--output", options->file, "file to write (cupeld.toml)");
    command->add_option("--name", options->answers.name, "name of the campaign");
    command->add_option("--pool", options->answers.pool, "file of candidates");
    command->add_option("--data", options->answers.data, "table of reported clusters");
    command->add_option("--budget", options->answers.budget, "experiments")
        ->check(CLI::Range(1, 1'000'000));
    command->add_option("--review", options->answers.review, "true: a person approves each one");
    command->add_flag("--yes", options->yes, "ask nothing, take the defaults");
    command->add_flag("--force", options->force, "replace the file");
    command->add_flag("--json", options->json, "what was written, as JSON");
    command->footer("example: cupel campaign init --name gold --pool gold.jsonl --yes");
    command->callback([options] { init(*options); });
}

void add_new(CLI::App& campaign) {
    auto options = std::make_shared<CampaignOptions>();
    auto* command = campaign.add_subcommand("new", "begin a campaign on a running daemon");
    command->add_option("campaign", options->campaign, "its name")->required();
    command->add_option("--config", options->config, "TOML file with a table [campaign.NAME]");
    command->add_option("--pool", options->pool, "file of candidates");
    command->add_option("--data", options->data, "table of reported clusters");
    command->add_option(
        "--policy", options->policy, "ucb, portfolio, poh, greedy, ei, popularity, random");
    command->add_option("--budget", options->budget, "experiments");
    command->add_flag("--review", options->review, "a person approves each proposal");
    command->add_option("--set", options->settings, "KEY=VALUE, any other key of the table")
        ->take_all();
    add_connect_options(*command, options->connect);
    command->footer(
        "example: cupel campaign new gold --pool gold.jsonl --budget 48 --set open_offers=4");
    command->callback([options] { create(*options); });
}

void add_control(CLI::App& campaign,
                 const std::string& verb,
                 const std::string& what,
                 CampaignControl::Action action) {
    auto options = std::make_shared<CampaignOptions>();
    auto* command = campaign.add_subcommand(verb, what);
    command->add_option("campaign", options->campaign, "its name")->required();
    command->add_option("--reason", options->reason, "why, in words; it is recorded");
    add_connect_options(*command, options->connect);
    command->footer("example: cupel campaign " + verb + " gold --reason \"holidays\"");
    command->callback([options, action] { control(*options, action); });
}

}  // namespace

void add_campaign(CLI::App& app) {
    auto* campaign =
        app.add_subcommand("campaign", "begin, pause, resume, stop and list campaigns");
    campaign->require_subcommand(1);
    add_init(*campaign);
    add_new(*campaign);
    add_control(*campaign, "pause", "no new offers; claims stand", CampaignControl::Action::Pause);
    add_control(*campaign, "resume", "go on", CampaignControl::Action::Resume);
    add_control(
        *campaign, "stop", "end it; results are still taken", CampaignControl::Action::Stop);
    auto all = std::make_shared<ConnectOptions>();
    auto* command = campaign->add_subcommand("list", "all campaigns");
    add_connect_options(*command, *all);
    command->footer("example: cupel campaign list");
    command->callback([all] { list(*all); });
}

}  // namespace cupel::cli
