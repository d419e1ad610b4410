// Repeats a command until it is answered; says HELLO where the daemon wants it.
#include <algorithm>
#include <cstdio>
#include <optional>
#include <random>
#include <thread>

#include <cupel/client/client.hpp>
#include <cupel/codec/command_codec.hpp>
#include <cupel/codec/envelope.hpp>
#include <cupel/domain/sha256.hpp>
#include <cupel/domain/timestamp.hpp>
#include <cupel/domain/ulid.hpp>

#include "line.hpp"

namespace cupel::client {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t kMaxBlob = 8u << 20;  ///< bytes of one blob frame
constexpr std::size_t kMaxBlobs = 64;       ///< blob frames of one message
/// Bytes of one message. What all clients have on its way to the store has one bound in the daemon:
/// a message that needs most of it waits for all others, a larger one is never taken.
constexpr std::size_t kMaxTogether = 64u << 20;
constexpr std::size_t kPart = 1u << 20;  ///< of a larger file: what was sent stays sent
constexpr std::size_t kMaxParts = 4096;  ///< the daemon takes no more
constexpr std::size_t kSlowest = 100;    ///< bytes a millisecond; no answer before all are there
constexpr milliseconds kFirstPause{50};  ///< before a refused command is repeated
constexpr milliseconds kLongestPause{2000};

/// A command ready to be sent, the same bytes each time.
struct Message {
    std::string id, header, body;
    const std::vector<std::string>* blobs = nullptr;
};

Message make_message(const CommandBody& command, const std::vector<std::string>& blobs) {
    auto encoded = codec::encode(command);
    codec::Header header;
    header.kind = std::move(encoded.kind);
    header.id = make_ulid();
    header.time =
        to_rfc3339(std::chrono::time_point_cast<milliseconds>(std::chrono::system_clock::now()));
    return {header.id, codec::encode(header), std::move(encoded.body), &blobs};
}

std::size_t bytes_of(const std::vector<std::string>& blobs) {
    std::size_t bytes = 0;
    for (const auto& blob : blobs) {
        bytes += blob.size();
    }
    return bytes;
}

bool fit_one_message(const std::vector<std::string>& blobs) {
    const auto fits = [](const std::string& blob) { return blob.size() <= kMaxBlob; };
    return blobs.size() <= kMaxBlobs && bytes_of(blobs) <= kMaxTogether &&
           std::all_of(blobs.begin(), blobs.end(), fits);
}

/// What a message may take to arrive before its answer is waited for.
milliseconds time_to_send(const std::vector<std::string>& blobs) {
    return milliseconds(bytes_of(blobs) / kSlowest);
}

/// LIST_OFFERS could go without, but only a known client is shown the offers it may claim.
bool wants_hello(const CommandBody& command) {
    return !std::holds_alternative<Hello>(command) && !std::holds_alternative<Ping>(command) &&
           !std::holds_alternative<Status>(command);
}

Refused refusal(const WireReply& reply) {
    try {
        const auto error = codec::decode_error(reply.body);
        return {error.code, error.text, error.retryable};
    } catch (const InputError&) {
        return {"BAD_MESSAGE", "an ERR reply that cannot be read", false};
    }
}

/// Grows from one pause to the next; half of it is drawn, so that clients do not come in step.
class Pause {
  public:
    void before(Clock::time_point deadline) {
        const auto half = length_ / 2;
        const milliseconds drawn(
            std::uniform_int_distribution<long>(0, static_cast<long>(half.count()))(random_));
        std::this_thread::sleep_until(std::min(Clock::now() + half + drawn, deadline));
        length_ = std::min(length_ * 2, kLongestPause);
    }

  private:
    milliseconds length_ = kFirstPause;
    std::minstd_rand random_{std::random_device{}()};
};

}  // namespace

struct Client::Impl {
    explicit Impl(ClientOptions given)
        : options(std::move(given)),
          hello{options.name, options.software, options.version, options.capabilities},
          line(context,
               options.control,
               {options.server_key, options.public_key, options.secret_key}) {}

    NoAnswer silence() const {
        const double seconds = std::chrono::duration<double>(options.give_up).count();
        char text[32];
        std::snprintf(text, sizeof text, "%.1f", seconds);
        return NoAnswer("no answer from " + options.control + " within " + text +
                            " s; is cupeld running there?",
                        !hello_result.empty());
    }

    std::optional<WireReply> exchange(const Message& message, Clock::time_point deadline) {
        line.send(message.header, message.body, *message.blobs);
        const auto patience = options.patience + time_to_send(*message.blobs);
        return line.receive(message.id, std::min(deadline, Clock::now() + patience));
    }

    void reopen() {
        line.close();
        greeted = false;
        ++reconnects;
    }

    /// Nothing when nobody answered.
    bool greet(Clock::time_point deadline) {
        static const std::vector<std::string> kNone;
        const auto reply = exchange(make_message(hello, kNone), deadline);
        if (!reply) {
            return false;
        }
        if (!reply->ok) {
            throw refusal(*reply);
        }
        hello_result = reply->body;
        greeted = true;
        return true;
    }

    /// One try; nothing when nobody answered.
    std::optional<WireReply> attempt(const CommandBody& command,
                                     const Message& message,
                                     Clock::time_point deadline) {
        if (wants_hello(command) && !greeted && !greet(deadline)) {
            return std::nullopt;
        }
        return exchange(message, deadline);
    }

    Answer deliver(const CommandBody& command, const std::vector<std::string>& blobs) {
        const auto deadline = Clock::now() + options.give_up + time_to_send(blobs);
        const Message message = make_message(command, blobs);
        Pause pause;
        std::optional<Refused> last_refusal;
        for (;;) {
            std::optional<WireReply> reply;
            std::optional<Refused> refused;
            try {
                reply = attempt(command, message, deadline);
                if (reply && !reply->ok) {
                    refused = refusal(*reply);
                }
            } catch (const Refused& error) {
                refused = error;
            }
            if (reply && reply->ok) {
                return {std::move(reply->body), std::move(reply->blobs)};
            }
            // A daemon that was started anew behind the same endpoint does not know us yet.
            const bool unknown = refused && refused->code() == "HELLO_FIRST";
            if (refused && !unknown && !refused->retryable()) {
                throw *refused;
            }
            const bool late = Clock::now() >= deadline;
            if (!refused) {
                reopen();
                if (late && last_refusal) {
                    throw *last_refusal;
                }
                if (late) {
                    throw silence();
                }
                continue;
            }
            greeted = greeted && !unknown;
            if (!unknown) {
                last_refusal = refused;
            }
            if (late) {
                if (unknown) {
                    throw silence();  // not refused: the one who was asked is gone
                }
                throw *refused;
            }
            pause.before(deadline);
        }
    }

    void put_in_parts(const std::string& blob) {
        const std::string hash = sha256_hex(blob);
        const std::size_t part = std::max(kPart, (blob.size() + kMaxParts - 1) / kMaxParts);
        const auto count = static_cast<std::uint32_t>((blob.size() + part - 1) / part);
        for (std::uint32_t index = 0; index < std::max(count, 1u); ++index) {
            deliver(BlobPut{hash, index, std::max(count, 1u)}, {blob.substr(index * part, part)});
        }
    }

    ClientOptions options;
    Hello hello;
    bool greeted = false;
    int reconnects = 0;
    std::string hello_result;
    zmq::context_t context{1};
    Line line;
};

Client::Client(ClientOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Client::~Client() = default;
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;

Answer Client::ask(const CommandBody& command, const std::vector<std::string>& blobs) {
    if (const auto* hello = std::get_if<Hello>(&command)) {
        if (hello->client != impl_->hello.client) {
            impl_->line.close();  // a connection is one client for its whole life
        }
        impl_->hello = *hello;
        Answer answer = impl_->deliver(command, blobs);
        impl_->greeted = true;
        impl_->hello_result = answer.result_json;
        return answer;
    }
    if (fit_one_message(blobs) || std::holds_alternative<BlobPut>(command)) {
        return impl_->deliver(command, blobs);
    }
    // The daemon takes all frames with the command or none: what went ahead is named by its hash.
    for (const auto& blob : blobs) {
        impl_->put_in_parts(blob);
    }
    return impl_->deliver(command, {});
}

const std::string& Client::hello() {
    if (impl_->hello_result.empty()) {
        ask(impl_->hello);
    }
    return impl_->hello_result;
}

int Client::reconnects() const noexcept {
    return impl_->reconnects;
}

}  // namespace cupel::client
