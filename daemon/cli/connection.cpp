// Asks, translates refusals into sentences, finds proposals and leases.
#include "connection.hpp"

#include <cstdlib>
#include <iostream>
#include <map>
#include <set>

#include <pwd.h>
#include <unistd.h>

#include <cupel/domain/key_file.hpp>

#include "id_match.hpp"
#include "printable.hpp"

namespace cupel::cli {
namespace {

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

std::string user_at_host() {
    const passwd* user = ::getpwuid(::getuid());
    char host[256] = "localhost";
    ::gethostname(host, sizeof host - 1);
    return (user == nullptr ? std::to_string(::getuid()) : std::string(user->pw_name)) + "@" + host;
}

/// Refusals that a corrected command line would not meet.
bool is_bad_input(const std::string& code) {
    static const std::set<std::string> codes{
        "BAD_MESSAGE", "NO_SUCH_PROPOSAL", "NO_SUCH_CAMPAIGN", "NO_SUCH_BLOB", "TOO_LARGE"};
    return codes.count(code) > 0;
}

}  // namespace

client::ClientOptions client_options(const ConnectOptions& options) {
    client::ClientOptions result;
    result.control = options.endpoint;
    result.name = options.client;
    if (!options.server_key.empty()) {
        if (options.key_file.empty()) {
            throw InputError("no_key",
                             "--key: a key file of your own is needed; cupel keygen makes one");
        }
        const KeyPair keys = read_key_file(options.key_file);
        result.server_key = options.server_key;
        result.public_key = keys.public_key;
        result.secret_key = keys.secret_key;
    }
    result.software = "cupel";
    if (!options.capabilities.empty()) {
        result.capabilities = options.capabilities;  // else what a robot of this name said holds
    }
    result.give_up = std::chrono::milliseconds(static_cast<long>(options.timeout_s * 1000.0));
    result.patience = std::min(result.patience, result.give_up);
    return result;
}

std::string advice_for(const std::string& code) {
    static const std::map<std::string, std::string> advice{
        {"ALREADY_STARTED", "what was started ends with cupel result or cupel cancel"},
        {"BUSY", "try again in a moment"},
        {"NO_SUCH_CAMPAIGN", "cupel campaign list shows the campaigns"},
        {"NO_SUCH_PROPOSAL", "cupel offers and cupel status list the proposals"},
        {"NOT_ALLOWED", "ask an admin for the role"},
        {"NOT_OFFERED", "cupel offers shows what is left"},
        {"SHUTTING_DOWN", "the daemon is stopping: try again when it is back"},
        {"STALE_LEASE", "cupel leases shows what you hold"},
        {"STORE_FULL", "the daemon's disk is full: make room there, then try again"},
        {"TOO_MANY_CLAIMS", "cupel leases shows what you hold, cupel release gives one back"},
        {"UNSUPPORTED_VERSION", "use the cupel of the daemon's version"},
    };
    const auto found = advice.find(code);
    return found == advice.end() ? "" : found->second;
}

InputError no_campaign(const std::string& name) {
    return InputError("NO_SUCH_CAMPAIGN",
                      "NO_SUCH_CAMPAIGN: no campaign is called \"" + name + "\"; " +
                          advice_for("NO_SUCH_CAMPAIGN"));
}

void add_connect_options(CLI::App& command, ConnectOptions& options) {
    options.endpoint = client::kDefaultControl;
    options.client = environment("CUPEL_CLIENT");
    if (options.client.empty()) {
        options.client = user_at_host();
    }
    command
        .add_option("--connect",
                    options.endpoint,
                    "control endpoint of the daemon (" + options.endpoint + ")")
        ->envname("CUPEL_CONNECT");
    command
        .add_option(
            "--server-key", options.server_key, "public key of a daemon with auth = \"curve\"")
        ->envname("CUPEL_SERVER_KEY");
    command.add_option("--key", options.key_file, "file of your own key, as cupel keygen makes it")
        ->envname("CUPEL_KEY");
    command
        .add_option("--capability",
                    options.capabilities,
                    "tags that offers may require of who claims them, comma between")
        ->delimiter(',')
        ->envname("CUPEL_CAPABILITIES");
    command
        .add_option("--timeout", options.timeout_s, "seconds to wait for the daemon's answer (10)")
        ->check(number_between(0.05, 3600.0));
    command.add_flag("--json", options.json, "the reply as JSON");
}

CLI::Validator number_between(double low, double high) {
    const std::string range = Json(low).dump() + ".." + Json(high).dump();
    return CLI::Validator(
        [low, high, range](std::string& text) {
            double value = 0.0;
            const bool right =
                CLI::detail::lexical_cast(text, value) && value >= low && value <= high;
            return right ? std::string() : "expected a number in " + range + ", got " + text;
        },
        range);
}

Connection::Connection(const ConnectOptions& options)
    : options_(options), client_(client_options(options)) {}

Json Connection::ask(const CommandBody& command, const std::vector<std::string>& blobs) {
    try {
        return Json::parse(client_.ask(command, blobs).result_json);
    } catch (const client::Refused& refused) {
        const std::string advice = advice_for(refused.code());
        const std::string text = refused.what() + (advice.empty() ? "" : "; " + advice);
        if (is_bad_input(refused.code())) {
            throw InputError(refused.code(), text);
        }
        throw Error(text);
    } catch (const client::NoAnswer& silence) {
        if (silence.heard()) {
            throw Error("cupeld at " + options_.endpoint +
                        " answers no more; what was asked may have been done all the same: look "
                        "with cupel log before you ask again");
        }
        throw Error("no cupeld answers at " + options_.endpoint +
                    "; is it running, and is that its bus.control (--connect, $CUPEL_CONNECT)? " +
                    (options_.server_key.empty()
                         ? "One with auth = \"curve\" answers none without --server-key and --key"
                         : "Is your key on its allow-list, and --server-key this daemon's?"));
    } catch (const Json::exception& error) {
        throw Error("the daemon's answer cannot be read: " + std::string(error.what()));
    }
}

std::vector<HeldLease> Connection::leases() {
    std::vector<HeldLease> held;
    const Json hello = ask(Hello{options_.client, "cupel", "0.1.0", {}});
    for (const auto& lease : hello.at("leases")) {
        held.push_back(
            {lease.at("proposal").get<std::string>(),
             lease.at("attempt").get<int>(),
             {lease.at("lease").get<std::string>(), lease.at("fence").get<std::int64_t>()},
             lease.at("state").get<std::string>(),
             lease.at("ttl_s").get<double>()});
    }
    return held;
}

const std::vector<Json>& Connection::proposals() {
    if (!proposals_) {
        proposals_.emplace();
        const Json snapshot = ask(Snapshot{});
        for (const auto& campaign : snapshot.at("campaigns")) {
            for (const auto& proposal : campaign.at("proposals")) {
                proposals_->push_back(proposal);
            }
        }
    }
    return *proposals_;
}

std::string Connection::proposal_id(const std::string& given) {
    std::vector<std::string> ids;
    for (const auto& proposal : proposals()) {
        ids.push_back(proposal.at("proposal").get<std::string>());
    }
    return match_id(given, ids);
}

const Json& Connection::proposal(const std::string& id) {
    for (const auto& proposal : proposals()) {
        if (proposal.at("proposal") == id) {
            return proposal;
        }
    }
    throw InputError(
        "NO_SUCH_PROPOSAL",
        "NO_SUCH_PROPOSAL: no proposal has the id " + id + "; " + advice_for("NO_SUCH_PROPOSAL"));
}

std::optional<HeldLease> Connection::try_lease(const std::string& id) {
    for (const auto& held : leases()) {
        if (held.proposal == id) {
            return held;
        }
    }
    return std::nullopt;
}

HeldLease Connection::lease(const std::string& id) {
    if (auto held = try_lease(id)) {
        return *held;
    }
    const Json& known = proposal(id);
    const auto state = known.at("state").get<std::string>();
    throw Error(short_id(id) + " is " + state + " and not held by " + who() + "; " +
                (state == "OFFERED" ? "cupel claim " + short_id(id) + " takes it"
                                    : "cupel leases shows what you hold ($CUPEL_CLIENT says who "
                                      "you are)"));
}

std::string Connection::who() const {
    return options_.server_key.empty() ? options_.client : "the owner of " + options_.key_file;
}

std::vector<std::string> Connection::campaigns() {
    std::vector<std::string> names;
    const Json status = ask(Status{});
    for (const auto& campaign : status.at("campaigns")) {
        names.push_back(campaign.at("campaign").get<std::string>());
    }
    return names;
}

std::vector<Json> Connection::history(const std::string& campaign,
                                      std::int64_t from,
                                      std::optional<std::int64_t> to) {
    constexpr int kPage = 500;
    std::vector<Json> events;
    while (!to || from <= *to) {
        const Json page = ask(Replay{campaign, from, to, kPage});
        for (const auto& event : page.at("events")) {
            events.push_back(event);
        }
        if (page.at("events").empty()) {
            break;
        }
        from = page.at("next").get<std::int64_t>();
    }
    return events;
}

void print(const ConnectOptions& options, const Json& result, const std::string& text) {
    std::cout << (options.json ? result.dump() + "\n" : printable(text, true));
    std::cout.flush();
}

}  // namespace cupel::cli
