// cupel doctor: what is wrong and what to do, from the configuration to the disk.
#include <algorithm>
#include <cmath>
#include <iostream>
#include <memory>

#include <cupel/controller.hpp>
#include <cupel/controller/allow_list.hpp>
#include <cupel/controller/store_health.hpp>
#include <cupel/domain/key_file.hpp>
#include <cupel/domain/timestamp.hpp>

#include "../src/supervision/find_program.hpp"
#include "commands.hpp"
#include "connection.hpp"
#include "printable.hpp"
#include "store_options.hpp"

namespace cupel::cli {
namespace {

using controller::Config;
using controller::Finding;

struct DoctorOptions {
    ConnectOptions connect;
    bool connect_given = false;
    std::string store, config, blobs;
};

void look_at_program(std::vector<Finding>& findings,
                     const std::string& key,
                     const std::string& name,
                     const std::string& without) {
    const auto found = controller::find_program(name);
    findings.push_back({key,
                        found.has_value(),
                        found ? *found : controller::no_program(key, name),
                        found ? "" : without});
}

/// As cupeld looks at them before it serves.
void look_at_keys(std::vector<Finding>& findings, const Config& config) {
    const auto look = [&](const char* what, const auto& file, const auto& read) {
        try {
            findings.push_back({what, true, file.string() + read(file), ""});
        } catch (const InputError& error) {
            findings.push_back(
                {what, false, error.what(), "mend it: cupeld does not start before"});
        }
    };
    look("bus.server_key", config.bus.server_key, [](const auto& file) {
        read_key_file(file);
        return std::string();
    });
    look("bus.allow_list", config.bus.allow_list, [](const auto& file) {
        const auto size = controller::AllowList::load(file).size();
        return ", " + std::to_string(size) + (size == 1 ? " client" : " clients");
    });
}

/// Nothing when the configuration cannot be read.
std::optional<Config> look_at_config(std::vector<Finding>& findings, const std::string& file) {
    try {
        Config config = Config::load(file);
        findings.push_back({"configuration",
                            true,
                            file + ", " + std::to_string(config.campaigns.size()) + " campaigns",
                            ""});
        if (config.learner.kind == "model") {
            look_at_program(findings,
                            "learner.program",
                            config.learner.program,
                            "install it, or set learner.program or learner.kind = \"popularity\"");
        }
        look_at_program(findings,
                        "structure.program",
                        config.structure.program,
                        "install it, or set structure.program; until then crystals wait for a "
                        "person");
        if (!config.alarms.command.empty()) {
            look_at_program(findings,
                            "alarms.command",
                            config.alarms.command,
                            "install it, or set alarms.command; until then nobody hears of alarms");
        }
        if (config.bus.auth == "curve") {
            look_at_keys(findings, config);
        }
        return config;
    } catch (const InputError& error) {
        findings.push_back({"configuration",
                            false,
                            error.what(),
                            "mend the line; cupeld --config " + file + " --check looks again"});
        return std::nullopt;
    }
}

bool has_alarm(const Json& status, const std::string& campaign) {
    const Json& alarms = status.at("alarms");
    return std::any_of(alarms.begin(), alarms.end(), [&](const Json& alarm) {
        return alarm.value("campaign", "") == campaign;
    });
}

void look_at_campaigns(std::vector<Finding>& findings, const Json& status) {
    for (const auto& campaign : status.at("campaigns")) {
        const std::string name = campaign.at("campaign").get<std::string>();
        const std::string state = campaign.at("state").get<std::string>();
        const bool ready = campaign.at("learner_ready").get<bool>();
        // Its first training takes a minute or more; a learner that cannot raises an alarm.
        const bool stuck = state == "RUNNING" && !ready && has_alarm(status, name);
        findings.push_back(
            {"learner",
             !stuck,
             name + " is " + state +
                 (ready ? ", the learner is ready, model " +
                              campaign.at("model").get<std::string>().substr(0, 12)
                  : state == "RUNNING" && !stuck ? ", the learner is opening it"
                                                 : ", the learner has not opened it"),
             stuck ? "see the alarms in cupel status" : ""});
        if (state == "RESTORED") {
            findings.push_back({"campaign",
                                false,
                                name + " is RESTORED: it offers nothing",
                                "cupel resolve what is UNKNOWN, or cupel campaign resume " + name});
        }
    }
}

void look_at_daemon(std::vector<Finding>& findings, const ConnectOptions& connect) {
    try {
        Connection connection(connect);
        const Json status = connection.ask(Status{});
        findings.push_back({"daemon",
                            true,
                            "cupeld " + status.at("version").get<std::string>() + " answers at " +
                                connect.endpoint,
                            ""});
        const auto theirs = try_parse_rfc3339(status.at("time").get<std::string>());
        const double apart =
            theirs
                ? std::abs(std::chrono::duration<double>(std::chrono::system_clock::now() - *theirs)
                               .count())
                : 0.0;
        findings.push_back(
            {"daemon's clock",
             apart < 5.0,
             "within " + std::to_string(static_cast<long>(apart) + 1) + " s of this machine's",
             apart < 5.0 ? "" : "set the clocks (timedatectl)"});
        for (const auto& alarm : status.at("alarms")) {
            const std::string text = alarm.at("text").get<std::string>();
            if (text.find("nothing can be written since") == 0) {
                findings.push_back({"writing", false, text, "make room, or end what holds it"});
                break;
            }
        }
        look_at_campaigns(findings, status);
    } catch (const Error& error) {
        findings.push_back({"daemon",
                            false,
                            error.what(),
                            "start it: cupeld --config FILE; or name it with --connect"});
    }
}

int report(const std::vector<Finding>& findings, bool json) {
    int faults = 0;
    Json all = Json::array();
    for (const auto& finding : findings) {
        faults += finding.ok ? 0 : 1;
        all.push_back({{"check", finding.check},
                       {"ok", finding.ok},
                       {"text", finding.text},
                       {"do", finding.remedy}});
        if (!json) {
            std::cout << (finding.ok ? "ok     " : "WRONG  ") << finding.check << ": "
                      << printable(finding.text) << "\n";
            if (!finding.ok) {
                std::cout << "       do: " << finding.remedy << "\n";
            }
        }
    }
    if (json) {
        std::cout << Json{{"ok", faults == 0}, {"checks", all}}.dump() << "\n";
    }
    std::cout.flush();
    return faults;
}

void doctor(DoctorOptions options) {
    std::vector<Finding> findings;
    StoreOptions store{options.store, options.config, options.blobs, false};
    if (!options.config.empty()) {
        const auto config = look_at_config(findings, options.config);
        if (!config && options.store.empty()) {
            report(findings, options.connect.json);
            throw Error("the configuration cannot be read");
        }
        if (config && !options.connect_given &&
            config->bus.control.find('*') == std::string::npos) {
            options.connect.endpoint = config->bus.control;
        }
        if (!config) {
            store.config.clear();
        }
    }
    for (auto& finding : controller::examine_store(store.store_path(), store.blobs_path())) {
        findings.push_back(std::move(finding));
    }
    look_at_daemon(findings, options.connect);
    const int faults = report(findings, options.connect.json);
    if (faults > 0) {
        throw Error(std::to_string(faults) +
                    (faults == 1 ? " thing is wrong" : " things are wrong"));
    }
}

}  // namespace

void add_doctor(CLI::App& app) {
    auto options = std::make_shared<DoctorOptions>();
    auto* command = app.add_subcommand("doctor", "what is wrong and what to do; changes nothing");
    command->add_option("--config", options->config, "the daemon's TOML file");
    command->add_option("--store", options->store, "the store's file, without a configuration");
    command->add_option("--blobs", options->blobs, "folder of its files (blobs beside the store)");
    add_connect_options(*command, options->connect);
    options->connect.timeout_s = 3.0;
    command->footer("example: cupel doctor --config cupeld.toml");
    auto* connect = command->get_option("--connect");
    command->callback([options, connect] {
        options->connect_given = connect->count() > 0;
        doctor(*options);
    });
}

}  // namespace cupel::cli
