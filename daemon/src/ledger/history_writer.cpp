// Events with the records they are about: differences told, rows written, hashes chained.
#include "history_writer.hpp"

#include <optional>
#include <utility>

#include <cupel/codec/proposal_codec.hpp>
#include <cupel/domain/ulid.hpp>
#include <cupel/domain/vocabulary.hpp>

#include "../campaign/life_cycle.hpp"
#include "json_bridge.hpp"

namespace cupel::controller {

/// As remembered, else as `read` finds it in the store.
template <typename Read>
HistoryWriter::Told& HistoryWriter::told(ToldRecords& known, const std::string& id, Read&& read) {
    const auto found = known.find(id);
    if (found != known.end()) {
        return found->second;
    }
    const std::optional<std::string> text = read();
    return known.emplace(id, text ? Told{Json::parse(*text)} : Told{}).first->second;
}

std::int64_t HistoryWriter::seq(const std::string& campaign) const {
    const auto known = head_.seqs.find(campaign);
    return known == head_.seqs.end() ? 0 : known->second;
}

void HistoryWriter::emit(const std::string& campaign,
                         std::string_view kind,
                         const std::string& proposal,
                         Json body,
                         Timestamp time) {
    Event event;
    event.id = make_ulid();
    event.campaign = campaign;
    event.seq = ++head_.seqs[campaign];
    event.gseq = ++head_.gseq;
    event.kind = kind;
    event.proposal = proposal;
    event.cause = cause_;
    event.time = time;
    body["campaign"] = campaign;
    if (!proposal.empty()) {
        body["proposal"] = proposal;
    }
    event.body_json = dump_stored(body);
    events_.push_back(std::move(event));
}

void HistoryWriter::touch(const ProposalRecord& record) {
    touched_proposals_[record.proposal.id] = &record;
}

void HistoryWriter::touch(const CampaignRecord& record) {
    touched_campaigns_[record.name] = &record;
}

void HistoryWriter::tell_first(const std::string& proposal, Json record) {
    told_proposals_[proposal] = {std::move(record), false};
}

void HistoryWriter::write() {
    if (events_.empty()) {
        return;
    }
    for (const auto& [id, record] : touched_proposals_) {
        write_record(*record);
    }
    for (const auto& [name, record] : touched_campaigns_) {
        write_record(*record);
    }
    touched_proposals_.clear();
    touched_campaigns_.clear();
    changes_.tell(events_);
    for (auto& event : events_) {
        event.chain = chain_hash(head_.chain, event);
        head_.chain = event.chain;
    }
    store_.append(events_);
}

void HistoryWriter::write_record(const CampaignRecord& record) {
    Json after = record_json(record);
    Json& before = told(told_campaigns_, record.name, [&] {
                       return store_.campaign_record(record.name);
                   }).record;
    changes_.record("campaign", record.name, record.name, before, after);
    store_.put_campaign(record.name, dump_stored(after));
    before = std::move(after);
}

void HistoryWriter::write_record(const ProposalRecord& record) {
    const std::string& id = record.proposal.id;
    Told& so_far = told(told_proposals_, id, [&] { return store_.proposal_record(id); });
    Json& before = so_far.record;
    const std::string_view state = to_string(record.proposal.state);
    // Of the proposal itself nothing else ever changes (an edit makes another one): while a worker
    // reports, it need not be written and compared anew.
    const bool as_it_was = so_far.stored && before.is_object() &&
                           before["proposal"]["state"] == state &&
                           before["proposal"]["attempt"] == record.proposal.attempt;
    Json after = record_json_around(record);
    const std::string work = dump_stored(after);
    if (as_it_was) {
        Json proposal = std::move(before["proposal"]);
        before.erase("proposal");
        changes_.record("proposal", id, record.proposal.campaign, before, after);
        after["proposal"] = std::move(proposal);
        store_.put_work(id, work);
    } else {
        after["proposal"] = to_stored_json(record.proposal);
        changes_.record("proposal", id, record.proposal.campaign, before, after);
        store_.put_proposal({id,
                             record.proposal.campaign,
                             std::string(state),
                             codec::encode(record.proposal),
                             dump_stored(after["proposal"]),
                             work});
    }
    if (is_settled(record.proposal.state)) {
        told_proposals_.erase(id);  // most of a store is settled, and settled ones seldom move
    } else {
        so_far = {std::move(after)};
    }
}

std::vector<Event> HistoryWriter::take() {
    return std::exchange(events_, {});
}

void HistoryWriter::discard() {
    events_.clear();
    touched_proposals_.clear();
    touched_campaigns_.clear();
    changes_.clear();
    told_proposals_.clear();
    told_campaigns_.clear();
}

}  // namespace cupel::controller
