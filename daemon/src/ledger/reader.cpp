// Reads through a connection of their own; blob frames made durable before their command is
// applied.
#include "reader.hpp"

#include <algorithm>

#include <cupel/codec/envelope.hpp>
#include <cupel/domain/sha256.hpp>
#include <cupel/domain/vocabulary.hpp>

#include "../campaign/records.hpp"
#include "blob_store.hpp"
#include "json_bridge.hpp"
#include "store.hpp"

namespace cupel::controller {
namespace {

/// After so much of bodies a page of REPLAY ends, however few events it holds.
constexpr std::size_t kPageBytes = std::size_t{4} << 20;

Reply refused(const Command& command, ErrorCode code, std::string text) {
    Reply reply;
    reply.cause = command.id;
    reply.error = code;
    reply.text = std::move(text);
    return reply;
}

}  // namespace

struct Reader::Impl {
    explicit Impl(const LedgerOptions& given)
        : options(given), store(given.store, Store::Mode::Read) {}

    bool known(const std::string& campaign) {
        const auto all = store.campaigns();
        return std::any_of(
            all.begin(), all.end(), [&](const ProjectionRow& row) { return row.id == campaign; });
    }

    /// Proposals are stored as they go over the wire: thousands of them are joined, not parsed.
    std::string snapshot(const Snapshot& wanted, const Access* access) {
        std::string campaigns;
        const Head head = store.head();
        for (const auto& row : store.campaigns()) {
            if ((wanted.campaign && *wanted.campaign != row.id) ||
                (access != nullptr && !access->sees(row.id))) {
                continue;
            }
            const CampaignRecord record = decode_campaign_record(row.record);
            const auto seq = head.seqs.find(row.id);
            const Json figures{{"campaign", row.id},
                               {"seq", seq == head.seqs.end() ? 0 : seq->second},
                               {"state", to_string(record.state)},
                               {"budget", record.config.budget},
                               {"spent", record.spent},
                               {"model", record.model}};
            std::string text = figures.dump();
            text.back() = ',';
            text += "\"proposals\":[";
            const char* comma = "";
            for (const auto& wire : store.proposal_wires(row.id)) {
                text += comma + wire;
                comma = ",";
            }
            campaigns += (campaigns.empty() ? "" : ",") + text + "]}";
        }
        return "{\"epoch\":" + Json(store.meta("epoch").value_or("")).dump() + ",\"campaigns\":[" +
               campaigns + "]}";
    }

    Json replay(const Replay& wanted) {
        const std::string epoch = store.meta("epoch").value_or("");
        const int limit = std::clamp(wanted.limit, 1, 1000);
        const std::int64_t from = std::max<std::int64_t>(1, wanted.from);
        Json events = Json::array();
        std::int64_t next = from;
        for (const auto& event :
             store.events(wanted.campaign, from, wanted.to, limit, kPageBytes)) {
            events.push_back(Json::parse(codec::encode(event, epoch)));
            next = event.seq + 1;
        }
        return {{"events", events}, {"next", next}};
    }

    LedgerOptions options;
    Store store;
};

Reader::Reader(const LedgerOptions& options) : impl_(std::make_unique<Impl>(options)) {}
Reader::~Reader() = default;

Reply Reader::answer(const Command& command) {
    Reply reply;
    reply.cause = command.id;
    try {
        if (const auto* get = std::get_if<BlobGet>(&command.body)) {
            if (command.access && !command.access->sees_all() &&
                !impl_->store.names_blob(command.access->campaigns, get->sha256)) {
                return refused(
                    command, ErrorCode::NotAllowed, "no result of your campaigns names that file");
            }
            BlobPart part =
                read_blob_part(impl_->options.blobs, get->sha256, get->offset, get->length);
            reply.result_json =
                Json{{"sha256", get->sha256}, {"length", part.whole}, {"offset", get->offset}}
                    .dump();
            reply.blobs.push_back(std::move(part.bytes));
            return reply;
        }
        // One view for several reads: the state and the seq it belongs to.
        impl_->store.begin_read();
        struct End {
            Store& store;
            ~End() { store.rollback(); }
        } end{impl_->store};
        const auto* snapshot = std::get_if<Snapshot>(&command.body);
        const auto* replay = std::get_if<Replay>(&command.body);
        const std::string campaign =
            replay != nullptr ? replay->campaign
                              : (snapshot != nullptr ? snapshot->campaign.value_or("") : "");
        if (!campaign.empty() && command.access && !command.access->sees(campaign)) {
            return refused(
                command, ErrorCode::NotAllowed, "that belongs to a campaign that is not yours");
        }
        if (!campaign.empty() && !impl_->known(campaign)) {
            return refused(
                command, ErrorCode::NoSuchCampaign, "no campaign is called \"" + campaign + "\"");
        }
        reply.result_json = snapshot != nullptr ? impl_->snapshot(*snapshot, command.access.get())
                                                : impl_->replay(*replay).dump();
        return reply;
    } catch (const InputError& error) {
        return refused(command,
                       error.code() == "too_large" ? ErrorCode::TooLarge : ErrorCode::NoSuchBlob,
                       error.what());
    } catch (const std::exception& error) {
        return refused(command, ErrorCode::Busy, error.what());
    }
}

const std::vector<BlobRef>* named_blobs(const CommandBody& body) {
    if (const auto* result = std::get_if<Result>(&body)) {
        return &result->blobs;
    }
    if (const auto* amend = std::get_if<ResultAmend>(&body)) {
        return &amend->result.blobs;
    }
    if (const auto* observe = std::get_if<Observe>(&body)) {
        return &observe->blobs;
    }
    return nullptr;
}

bool is_read(const CommandBody& body) {
    return std::holds_alternative<Snapshot>(body) || std::holds_alternative<Replay>(body) ||
           std::holds_alternative<BlobGet>(body);
}

std::optional<Reply> store_frames(const LedgerOptions& options,
                                  const Command& command,
                                  const std::vector<std::string>& frames) {
    try {
        for (const auto& frame : frames) {
            if (frame.size() > options.max_blob) {
                return refused(command,
                               ErrorCode::TooLarge,
                               "a blob frame holds at most " + std::to_string(options.max_blob) +
                                   " bytes; send larger files by BLOB_PUT");
            }
        }
        if (const auto* put = std::get_if<BlobPut>(&command.body)) {
            if (frames.size() != 1) {
                return refused(command, ErrorCode::BadMessage, "BLOB_PUT: expected one blob frame");
            }
            const bool whole = put_blob_part(options.blobs,
                                             put->sha256,
                                             put->index,
                                             put->count,
                                             frames.front(),
                                             options.largest_blob);
            Reply reply;
            reply.cause = command.id;
            reply.result_json = Json{{"sha256", put->sha256}, {"complete", whole}}.dump();
            return reply;
        }
        const auto* named = named_blobs(command.body);
        const std::size_t expected = named == nullptr ? 0 : named->size();
        // Files sent before by BLOB_PUT need no frame again.
        if (frames.size() != expected && !frames.empty()) {
            return refused(command,
                           ErrorCode::BadMessage,
                           "the body names " + std::to_string(expected) +
                               " blobs, the message has " + std::to_string(frames.size()));
        }
        for (std::size_t i = 0; i < frames.size(); ++i) {
            const BlobRef& ref = (*named)[i];
            if (ref.length != frames[i].size() || ref.sha256 != sha256_hex(frames[i])) {
                return refused(
                    command,
                    ErrorCode::BadMessage,
                    "blob " + ref.name + " does not have the sha256 and length it names");
            }
            put_blob_file(options.blobs, frames[i]);
        }
        return std::nullopt;
    } catch (const InputError& error) {
        return refused(command,
                       error.code() == "too_large" ? ErrorCode::TooLarge : ErrorCode::BadMessage,
                       error.what());
    } catch (const StoreError& error) {
        return refused(
            command, error.full() ? ErrorCode::StoreFull : ErrorCode::Busy, error.what());
    } catch (const std::exception& error) {
        // Out of memory, say: of this command, not of the daemon.
        return refused(command, ErrorCode::Busy, error.what());
    }
}

}  // namespace cupel::controller
