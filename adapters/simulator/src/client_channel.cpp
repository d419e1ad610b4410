// Forwards to cupel::client.
#include "client_channel.hpp"

#include <algorithm>

namespace cupel::simulator {
namespace {

constexpr std::chrono::milliseconds kOneAnswer{3000};  ///< before a command is sent again

class ClientChannel final : public Channel {
  public:
    explicit ClientChannel(client::ClientOptions options) : client_(std::move(options)) {}
    std::string ask(const CommandBody& command, const std::vector<std::string>& blobs) override {
        return client_.ask(command, blobs).result_json;
    }

  private:
    client::Client client_;
};

}  // namespace

std::unique_ptr<Channel> connect(const std::string& endpoint, std::chrono::milliseconds patience) {
    client::ClientOptions options;
    options.control = endpoint;
    options.software = "cupel-simulator";
    options.patience = std::min(kOneAnswer, patience);
    options.give_up = patience;
    return std::make_unique<ClientChannel>(std::move(options));
}

}  // namespace cupel::simulator
