// cupel alarms: what the daemon wants a person to know, until somebody acknowledges it.
#include <algorithm>
#include <memory>

#include "commands.hpp"
#include "connection.hpp"
#include "id_match.hpp"
#include "text_table.hpp"
#include "time_text.hpp"

namespace cupel::cli {
namespace {

struct AlarmOptions {
    ConnectOptions connect;
    std::string campaign;
};

void list(const AlarmOptions& options) {
    Connection connection(options.connect);
    const Json status = connection.ask(Status{});
    const Json& campaigns = status.at("campaigns");
    const auto is_meant = [&](const Json& one) { return one.at("campaign") == options.campaign; };
    if (!options.campaign.empty() && std::none_of(campaigns.begin(), campaigns.end(), is_meant)) {
        throw no_campaign(options.campaign);
    }
    Json result{{"alarms", Json::array()}};
    TextTable table({"ALARM", "WHEN", "CAMPAIGN", "WHAT"});
    for (const auto& alarm : status.at("alarms")) {
        const auto campaign = alarm.at("campaign").get<std::string>();
        if (options.campaign.empty() || options.campaign == campaign) {
            result["alarms"].push_back(alarm);
            table.add({short_id(alarm.at("alarm").get<std::string>()),
                       local_text(alarm.at("time").get<std::string>()),
                       campaign,
                       alarm.at("text").get<std::string>()});
        }
    }
    const Json& all = result["alarms"];
    print(options.connect,
          result,
          all.empty()
              ? "no alarm is open\n"
              : table.text(terminal_width()) + "next: cupel ack " +
                    short_id(all.front().at("alarm").get<std::string>()) + " --note \"...\"\n");
}

}  // namespace

void add_alarms(CLI::App& app) {
    auto options = std::make_shared<AlarmOptions>();
    auto* command = app.add_subcommand("alarms", "alarms that nobody acknowledged yet");
    command->add_option("--campaign", options->campaign, "of one campaign");
    add_connect_options(*command, options->connect);
    command->footer("example: cupel alarms --campaign gold");
    command->callback([options] { list(*options); });
}

}  // namespace cupel::cli
