// Loading, transactions and events: how a change becomes durable before anyone hears of it.
#include "core.hpp"

#include <algorithm>
#include <fstream>

#include <cupel/domain/ulid.hpp>
#include <cupel/domain/vocabulary.hpp>

#include "fault_point.hpp"

namespace cupel::controller {

Core::Core(const LedgerOptions& options,
           const Clock& clock,
           LearningService& learning,
           StructureService& structures,
           Post post)
    : options_(options),
      clock_(clock),
      learning_(learning),
      structures_(structures),
      post_(std::move(post)),
      store_(options.store, Store::Mode::Write) {
    load();
    check_side_file();
}

void Core::load() {
    head_ = store_.head();
    std::map<std::string, Campaign> campaigns;
    for (const auto& row : store_.campaigns()) {
        Campaign& campaign = campaigns[row.id];
        campaign.record = decode_campaign_record(row.record);
        const auto old = campaigns_.find(row.id);
        if (old != campaigns_.end()) {
            campaign.opened = old->second.opened;
            campaign.opening = old->second.opening;
            campaign.failures = old->second.failures;
            campaign.rollbacks = old->second.rollbacks;
            campaign.drifting = old->second.drifting;
            campaign.next_suggestion = now() + std::chrono::seconds(1);
        }
    }
    campaigns_ = std::move(campaigns);
    std::map<std::string, ProposalRecord> proposals;
    for (const auto& row : store_.proposals()) {
        ProposalRecord record = decode_proposal_record(row.record);
        if (record.lease) {
            const auto old = proposals_.find(row.id);
            const bool known = old != proposals_.end() && old->second.lease &&
                               old->second.lease->id == record.lease->id;
            if (known) {
                // A reload after a failed commit is no restart: deadlines stay what they were.
                record.lease->deadline = old->second.lease->deadline;
                record.lease->last_noted = old->second.lease->last_noted;
            } else {
                grant_grace(*record.lease, now(), wall());
            }
        }
        proposals.emplace(row.id, std::move(record));
    }
    proposals_ = std::move(proposals);
    observations_.clear();
    for (const auto& row : store_.observations()) {
        observations_.emplace(row.id, decode_observation_record(row.record));
    }
    for (const auto& [name, campaign] : campaigns_) {
        head_.seqs.try_emplace(name, 0);
    }
}

void Core::check_side_file() {
    const std::filesystem::path side = options_.store.string() + ".epoch";
    std::string side_epoch;
    std::int64_t side_gseq = 0;
    std::ifstream(side) >> side_epoch >> side_gseq;
    const auto stored = store_.meta("epoch");
    const bool rolled_back = stored && side_epoch == *stored && side_gseq > head_.gseq;
    const bool copied = stored && head_.gseq > 0 && side_epoch != *stored;
    if (stored && !rolled_back && !copied) {
        epoch_ = *stored;
        return;
    }
    epoch_ = make_ulid();
    std::string error;
    const auto mark = [&] {
        store_.set_meta("epoch", epoch_);
        if (!rolled_back) {
            return;
        }
        // What was started after this copy was made is not known here: nothing may be offered
        // again.
        for (auto& [name, campaign] : campaigns_) {
            set_state(campaign,
                      CampaignState::Restored,
                      "CAMPAIGN_RESTORED",
                      {{"reason", "the database is older than the file beside it"}});
        }
        for (auto& [id, record] : proposals_) {
            const ProposalState state = record.proposal.state;
            if (state == ProposalState::Offered || holds_lease(state)) {
                record.proposal.state = ProposalState::Unknown;
                touch(record);
                emit(record.proposal.campaign,
                     "UNKNOWN_RAISED",
                     id,
                     {{"state", "UNKNOWN"},
                      {"attempt", record.proposal.attempt},
                      {"cause", "restored"}});
            }
        }
    };
    if (!transact(mark, &error, nullptr)) {
        throw StoreError(error);
    }
}

void Core::write_side_file() noexcept {
    // Written after the commit and never synced: it may lag behind the store, never run ahead of
    // it.
    std::ofstream out(options_.store.string() + ".epoch", std::ios::trunc);
    out << epoch_ << ' ' << head_.gseq << '\n';
}

void Core::discard() {
    events_.clear();
    dirty_proposals_.clear();
    dirty_campaigns_.clear();
    deferred_.clear();
    changes_.clear();
    known_proposals_.clear();
    known_campaigns_.clear();
    load();
}

bool Core::transact(const std::function<void()>& work, std::string* error, bool* full) {
    try {
        // A transaction that writes nothing costs no fsync.
        store_.begin();
        work();
        schedule_all();
        fault_point(FaultPoint::CommandsApplied);
        flush();
        store_.commit();
    } catch (const StoreError& failure) {
        *error = failure.what();
        if (full != nullptr) {
            *full = failure.full();
        }
        store_.rollback();
        discard();
        return false;
    } catch (...) {
        store_.rollback();
        discard();
        throw;
    }
    const std::vector<Event> events = std::exchange(events_, {});
    if (!events.empty()) {
        write_side_file();
        fault_point(FaultPoint::SideFileWritten);
        if (event_sink_) {
            event_sink_(events);
        }
        fault_point(FaultPoint::EventsPublished);
    }
    run_deferred();
    return true;
}

void Core::run_deferred() {
    const std::vector<Deferred> deferred = std::exchange(deferred_, {});
    for (const auto& later : deferred) {
        // The change is durable: whatever goes wrong here must not make it look undone.
        try {
            later();
        } catch (const std::exception& failure) {
            note_failure(failure.what());
        }
    }
}

void Core::flush() {
    if (events_.empty()) {
        return;  // what no event tells waits for the next one, or the history would not know of it
    }
    for (const auto& id : dirty_proposals_) {
        flush_proposal(proposals_.at(id));
    }
    for (const auto& name : dirty_campaigns_) {
        Json after = record_json(campaigns_.at(name).record);
        auto known = known_campaigns_.find(name);
        if (known == known_campaigns_.end()) {
            const auto stored = store_.campaign_record(name);
            known = known_campaigns_.emplace(name, stored ? Json::parse(*stored) : Json()).first;
        }
        changes_.record("campaign", name, name, known->second, after);
        store_.put_campaign(name, dump_stored(after));
        known->second = std::move(after);
    }
    dirty_proposals_.clear();
    dirty_campaigns_.clear();
    changes_.tell(events_);
    for (auto& event : events_) {
        event.chain = chain_hash(head_.chain, event);
        head_.chain = event.chain;
        store_.append(event);
    }
}

void Core::flush_proposal(const ProposalRecord& record) {
    const std::string& id = record.proposal.id;
    Json after = record_json(record);
    auto known = known_proposals_.find(id);
    if (known == known_proposals_.end()) {
        const auto stored = store_.proposal_record(id);
        known = known_proposals_.emplace(id, stored ? Json::parse(*stored) : Json()).first;
    }
    changes_.record("proposal", id, record.proposal.campaign, known->second, after);
    store_.put_proposal(id,
                        record.proposal.campaign,
                        to_string(record.proposal.state),
                        codec::encode(record.proposal),
                        dump_stored(after));
    if (is_settled(record.proposal.state)) {
        known_proposals_.erase(known);  // most of a store is settled, and settled ones seldom move
    } else {
        known->second = std::move(after);
    }
}

void Core::process(std::vector<Request> requests) {
    std::vector<std::pair<ReplySink, Reply>> replies;
    const auto work = [&] {
        replies.clear();
        for (auto& request : requests) {
            bool later = false;
            Reply reply = answer(request.command, later, request.reply);
            if (!later) {
                replies.emplace_back(request.reply, std::move(reply));
            }
        }
    };
    std::string error;
    bool full = false;
    bool done = false;
    try {
        done = transact(work, &error, &full);
    } catch (const std::exception& failure) {
        error = std::string("this command could not be applied: ") + failure.what();
    }
    if (!done) {
        if (requests.size() > 1) {
            // One bad command must not take its neighbours with it.
            for (auto& request : requests) {
                process({std::move(request)});
            }
            return;
        }
        Reply reply;
        reply.cause = requests.front().command.id;
        reply.error = full ? ErrorCode::StoreFull : ErrorCode::Busy;
        reply.text = error;
        requests.front().reply(std::move(reply));
        return;
    }
    for (auto& [sink, reply] : replies) {
        fault_point(FaultPoint::BeforeReply);
        sink(std::move(reply));
        fault_point(FaultPoint::AfterReply);
    }
}

void Core::run(const std::function<void()>& work) {
    cause_.clear();
    std::string error;
    try {
        if (transact(work, &error, nullptr)) {
            return;
        }
    } catch (const std::exception& failure) {
        error = failure.what();
    }
    note_failure(error);
}

void Core::note_failure(const std::string& error) {
    // What was lost is asked for again: the state that was reloaded says what is missing.
    resume_at_ = now() + std::chrono::seconds(std::min(60, 1 << std::min(failures_, 6)));
    if (++failures_ == 1) {
        post_([this, error] {
            raise_alarm("", "the daemon could not finish a step and tries again: " + error);
        });
    }
}

void Core::emit(const std::string& campaign,
                std::string_view kind,
                const std::string& proposal,
                Json body) {
    Event event;
    event.id = make_ulid();
    event.campaign = campaign;
    event.seq = ++head_.seqs[campaign];
    event.gseq = ++head_.gseq;
    event.kind = kind;
    event.proposal = proposal;
    event.cause = cause_;
    event.time = wall();
    body["campaign"] = campaign;
    if (!proposal.empty()) {
        body["proposal"] = proposal;
    }
    event.body_json = body.dump(-1, ' ', false, Json::error_handler_t::replace);
    events_.push_back(std::move(event));
}

const Transition& Core::require_step(const Proposal& proposal, Input input) const {
    const Transition* row = try_next(proposal.state, input);
    if (row == nullptr) {
        throw Refusal{ErrorCode::IllegalState,
                      proposal.id + " is " + std::string(to_string(proposal.state)) + ", which " +
                          std::string(to_string(input)) + " does not allow"};
    }
    return *row;
}

void Core::advance(ProposalRecord& record, Input input, const Json& details) {
    Proposal& proposal = record.proposal;
    const Transition* row = &require_step(proposal, input);
    const bool offered_anew = row->to == ProposalState::Offered && row->from != row->to;
    proposal.state = row->to;
    if (row->next_attempt) {
        ++proposal.attempt;
        record.charged = false;
    }
    if (row->to == ProposalState::Offered) {
        record.lease.reset();
    }
    if (offered_anew) {
        record.offered_at = wall();  // one client's DECLINE makes no offer younger for the others
    }
    for (const auto kind : row->events) {
        Json body = details;
        body["state"] = to_string(row->to);
        body["attempt"] = proposal.attempt;
        if (kind == "OFFERED") {
            body["offer"] = to_json(proposal);
        }
        emit(proposal.campaign, kind, proposal.id, std::move(body));
    }
    touch(record);
}

void Core::touch(ProposalRecord& record) {
    dirty_proposals_.insert(record.proposal.id);
}

void Core::touch(Campaign& campaign) {
    dirty_campaigns_.insert(campaign.record.name);
}

Core::Campaign& Core::campaign_of(const ProposalRecord& record) {
    return campaigns_.at(record.proposal.campaign);
}

void Core::require_sight(const std::string& campaign) const {
    if (!sees(campaign)) {
        throw Refusal{ErrorCode::NotAllowed, "that belongs to a campaign that is not yours"};
    }
}

Core::Campaign& Core::find_campaign(const std::string& name) {
    require_sight(name);
    const auto found = campaigns_.find(name);
    if (found == campaigns_.end()) {
        throw Refusal{ErrorCode::NoSuchCampaign, "no campaign is called \"" + name + "\""};
    }
    return found->second;
}

ProposalRecord& Core::find_proposal(const std::string& id) {
    const auto found = proposals_.find(id);
    if (found == proposals_.end()) {
        throw Refusal{ErrorCode::NoSuchProposal, "no proposal has the id \"" + id + "\""};
    }
    require_sight(found->second.proposal.campaign);
    return found->second;
}

std::string Core::raise_alarm(const std::string& campaign, const std::string& text) {
    std::string last;
    for (const auto& [name, known] : campaigns_) {
        if (campaign.empty() || campaign == name) {
            // What other programs said need not be text.
            const AlarmRow row{make_ulid(),
                               name,
                               Json::parse(dump_stored(text)).get<std::string>(),
                               time_text(),
                               ""};
            store_.put_alarm(row);
            changes_.row(row);
            emit(name, "ALARM", "", {{"alarm", row.id}, {"text", row.text}});
            last = row.id;
        }
    }
    return last;
}

void Core::close_alarm(const std::string& campaign,
                       const std::string& text,
                       const std::string& note) {
    const std::string stored = Json::parse(dump_stored(text)).get<std::string>();
    for (const auto& alarm : store_.open_alarms()) {
        if (alarm.text == stored && (campaign.empty() || alarm.campaign == campaign)) {
            store_.ack_alarm(alarm.id, "cupeld");
            AlarmRow acked = alarm;
            acked.acked_by = "cupeld";
            changes_.row(acked);
            emit(alarm.campaign,
                 "ALARM_ACKED",
                 "",
                 {{"alarm", alarm.id}, {"client", "cupeld"}, {"note", note}});
        }
    }
}

}  // namespace cupel::controller
