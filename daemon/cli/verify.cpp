// cupel verify: is the history of a store whole?
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <cupel/controller/store_check.hpp>
#include <cupel/domain/error.hpp>

#include "commands.hpp"
#include "store_options.hpp"

namespace cupel::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string more(std::size_t count) {
    return count > 1 ? " (and " + std::to_string(count - 1) + " more; --json lists them)"
                     : std::string();
}

void verify(const StoreOptions& options) {
    const std::string store = options.store_path().string();
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(store, ignored)) {
        throw InputError("no_file", store + ": there is no such store");
    }
    const auto report = controller::check_store(store, options.blobs_path());
    if (options.json) {
        std::vector<std::string> problems = report.problems;
        problems.insert(problems.end(), report.files.begin(), report.files.end());
        std::cout << Json{{"store", store},
                          {"ok", report.ok()},
                          {"events", report.events},
                          {"campaigns", report.campaigns},
                          {"proposals", report.proposals},
                          {"problems", problems}}
                         .dump()
                  << "\n";
    } else if (report.ok()) {
        std::cout << store << ": the history is whole: " << report.events << " events, "
                  << report.campaigns << " campaigns, " << report.proposals << " proposals\n";
    }
    std::cout.flush();
    if (!report.problems.empty()) {
        throw Error(store + ": the history is damaged: " + report.problems.front() +
                    more(report.problems.size() + report.files.size()));
    }
    if (!report.files.empty()) {
        throw Error(
            store + ": the history is whole, files of results are not: " + report.files.front() +
            more(report.files.size()) + "; the .blobs folder of a backup may have it, by its hash");
    }
}

}  // namespace

void add_verify(CLI::App& app) {
    auto options = std::make_shared<StoreOptions>();
    auto* command = app.add_subcommand(
        "verify",
        "check the history of a store and the files of its results, also of a live one; stored "
        "replies and counts of refusals are no part of it");
    add_store_options(*command, *options, "--store,store");
    command->footer("example: cupel verify --config /etc/cupel/cupeld.toml");
    command->callback([options] { verify(*options); });
}

}  // namespace cupel::cli
