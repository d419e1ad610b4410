// The command line's way to a daemon: who asks, where, and what a refusal means.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <cupel/client/client.hpp>
#include <cupel/domain/command.hpp>

namespace cupel::cli {

using Json = nlohmann::json;

/// What every command that speaks to a daemon can be told.
struct ConnectOptions {
    std::string endpoint;    ///< --connect, $CUPEL_CONNECT, or the default
    std::string client;      ///< $CUPEL_CLIENT or user@host
    std::string server_key;  ///< --server-key, $CUPEL_SERVER_KEY; empty: no authentication
    std::string key_file;    ///< --key, $CUPEL_KEY
    std::vector<std::string> capabilities;  ///< --capability, $CUPEL_CAPABILITIES
    double timeout_s = 10.0;
    bool json = false;
};

/// --connect, --server-key, --key, --capability, --timeout and --json; fills `options` with their
/// defaults.
void add_connect_options(CLI::App& command, ConnectOptions& options);

/// As the client library wants them. Throws InputError when a key is needed and not there.
client::ClientOptions client_options(const ConnectOptions& options);

/// The error of a campaign that does not exist.
InputError no_campaign(const std::string& name);

/// A lease this client holds, as HELLO says.
struct HeldLease {
    std::string proposal;
    int attempt = 1;
    LeaseProof proof;
    std::string state;
    double ttl_s = 0.0;
};

/// One connection for one command. Throws InputError for what the user can mend (unknown ids, bad
/// values: exit 2), Error for everything else; each is one line that says what to do.
class Connection {
  public:
    explicit Connection(const ConnectOptions& options);

    /// The `result` of the reply.
    Json ask(const CommandBody& command, const std::vector<std::string>& blobs = {});
    std::vector<HeldLease> leases();
    /// The proposal objects of every campaign, asked once.
    const std::vector<Json>& proposals();
    /// The whole id of the proposal that `given` names.
    std::string proposal_id(const std::string& given);
    /// The proposal object; throws InputError when there is none.
    const Json& proposal(const std::string& id);
    /// The lease of `id` that this client holds, or nothing.
    std::optional<HeldLease> try_lease(const std::string& id);
    /// As try_lease(); without one, an Error that says what to do.
    HeldLease lease(const std::string& id);
    /// The names of all campaigns.
    std::vector<std::string> campaigns();
    /// Every event of a campaign from `from` on, up to `to` or the last, in order.
    std::vector<Json> history(const std::string& campaign,
                              std::int64_t from = 1,
                              std::optional<std::int64_t> to = std::nullopt);

    const std::string& client() const { return options_.client; }
    /// Whom the daemon takes us for, in words: where there are keys, the key says it.
    std::string who() const;

  private:
    ConnectOptions options_;
    client::Client client_;
    std::optional<std::vector<Json>> proposals_;
};

/// Of an option: a number in low..high. CLI::Range lets "nan" pass.
CLI::Validator number_between(double low, double high);

/// Prints the reply (--json) or the text for people.
void print(const ConnectOptions& options, const Json& result, const std::string& text);

/// What to do about an error code of the protocol; empty when its text says it all.
std::string advice_for(const std::string& code);

}  // namespace cupel::cli
