// cupel log: the history, and what happens next.
#include <algorithm>
#include <iostream>
#include <map>
#include <memory>
#include <thread>

#include "commands.hpp"
#include "connection.hpp"
#include "event_text.hpp"

namespace cupel::cli {
namespace {

struct LogOptions {
    ConnectOptions connect;
    std::string campaign;
    bool follow = false;
    std::int64_t last = 0;
};

/// An event and the campaign it belongs to.
struct Entry {
    std::string campaign;
    Json event;
};

/// Reads every campaign on from where it stopped; campaigns that are new are read from the start.
class HistoryReader {
  public:
    HistoryReader(Connection& connection, const LogOptions& options)
        : connection_(connection), options_(options) {}

    /// What came since the last call, in order of gseq.
    std::vector<Entry> more() {
        std::vector<Entry> entries;
        const Json status = connection_.ask(Status{});
        bool known = options_.campaign.empty();
        for (const auto& campaign : status.at("campaigns")) {
            const auto name = campaign.at("campaign").get<std::string>();
            if (options_.campaign.empty() || options_.campaign == name) {
                known = true;
                read(name, campaign.at("seq").get<std::int64_t>(), entries);
            }
        }
        if (!known) {
            throw InputError("NO_SUCH_CAMPAIGN",
                             "NO_SUCH_CAMPAIGN: no campaign is called \"" + options_.campaign +
                                 "\"; " + advice_for("NO_SUCH_CAMPAIGN"));
        }
        std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
            return a.event.at("header").at("gseq").get<std::int64_t>() <
                   b.event.at("header").at("gseq").get<std::int64_t>();
        });
        return entries;
    }

  private:
    void read(const std::string& name, std::int64_t head, std::vector<Entry>& entries) {
        const auto fresh = next_.try_emplace(name, first_of(head));
        std::int64_t& next = fresh.first->second;
        if (next > head) {
            return;
        }
        for (auto& event : connection_.history(name, next)) {
            next = event.at("header").at("seq").get<std::int64_t>() + 1;
            entries.push_back({name, std::move(event)});
        }
    }

    /// The last `--last` events of each campaign hold the last ones of all.
    std::int64_t first_of(std::int64_t head) const {
        return options_.last > 0 ? std::max<std::int64_t>(1, head - options_.last + 1) : 1;
    }

    Connection& connection_;
    const LogOptions& options_;
    std::map<std::string, std::int64_t> next_;
};

void show(const std::vector<Entry>& entries, std::size_t skip, bool json) {
    for (std::size_t i = skip; i < entries.size(); ++i) {
        std::cout << (json ? entries[i].event.dump()
                           : event_text(entries[i].campaign, entries[i].event))
                  << "\n";
    }
    std::cout.flush();
}

void log(const LogOptions& options) {
    constexpr std::chrono::milliseconds kPause{500};
    Connection connection(options.connect);
    HistoryReader reader(connection, options);
    const auto past = reader.more();
    const auto wanted = static_cast<std::size_t>(options.last);
    show(past, wanted > 0 && past.size() > wanted ? past.size() - wanted : 0, options.connect.json);
    while (options.follow && std::cout) {
        std::this_thread::sleep_for(kPause);
        show(reader.more(), 0, options.connect.json);
    }
}

}  // namespace

void add_log(CLI::App& app) {
    auto options = std::make_shared<LogOptions>();
    auto* command = app.add_subcommand("log", "the history, one event a line");
    command->add_option("--campaign", options->campaign, "of one campaign");
    command->add_option("-n,--last", options->last, "only the last N events")
        ->check(CLI::Range(1, 1'000'000'000));
    command->add_flag("-f,--follow", options->follow, "go on until interrupted");
    add_connect_options(*command, options->connect);
    command->footer("example: cupel log --campaign gold --last 20 --follow");
    command->callback([options] { log(*options); });
}

}  // namespace cupel::cli
