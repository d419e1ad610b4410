// cupel verify: is the history of a store whole?
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <memory>

#include <nlohmann/json.hpp>

#include <cupel/controller/store_check.hpp>
#include <cupel/domain/error.hpp>

#include "commands.hpp"

namespace cupel::cli {
namespace {

using Json = nlohmann::ordered_json;

void verify(const std::string& store, bool json) {
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(store, ignored)) {
        throw InputError("no_file", store + ": there is no such store");
    }
    const auto report = controller::check_store(store);
    if (json) {
        std::cout << Json{{"store", store},
                          {"ok", report.ok()},
                          {"events", report.events},
                          {"campaigns", report.campaigns},
                          {"proposals", report.proposals},
                          {"problems", report.problems}}
                         .dump()
                  << "\n";
    } else if (report.ok()) {
        std::cout << store << ": the history is whole: " << report.events << " events, "
                  << report.campaigns << " campaigns, " << report.proposals << " proposals\n";
    }
    std::cout.flush();
    if (!report.ok()) {
        const std::size_t more = report.problems.size() - 1;
        throw Error(store + ": the history is damaged: " + report.problems.front() +
                    (more > 0 ? " (and " + std::to_string(more) + " more; --json lists them)"
                              : std::string()));
    }
}

}  // namespace

void add_verify(CLI::App& app) {
    struct Options {
        std::string store;
        bool json = false;
    };
    auto options = std::make_shared<Options>();
    auto* command = app.add_subcommand("verify", "check the history of a store, also a live one");
    command->add_option("--store,store", options->store, "the store's file")->required();
    command->add_flag("--json", options->json, "as JSON");
    command->footer("example: cupel verify --store /var/lib/cupel/cupel.db");
    command->callback([options] { verify(options->store, options->json); });
}

}  // namespace cupel::cli
