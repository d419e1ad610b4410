// Loading what a store holds, steps of the life cycle, and what every command looks up.
#include "core.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <thread>

#include <sysexits.h>

#include <cupel/domain/ulid.hpp>
#include <cupel/domain/vocabulary.hpp>

namespace cupel::controller {
namespace {

/// A long past is many records, and reading them is most of a start: all processors read.
std::vector<ProposalRecord> decode_all(const std::vector<ProjectionRow>& rows) {
    constexpr std::size_t kWorthIt = 256;  // records for one thread
    const std::size_t threads = std::clamp<std::size_t>(
        std::min<std::size_t>(rows.size() / kWorthIt, std::thread::hardware_concurrency()), 1, 16);
    std::vector<ProposalRecord> records(rows.size());
    std::vector<std::future<void>> parts;
    for (std::size_t part = 0; part < threads; ++part) {
        parts.push_back(
            std::async(threads > 1 ? std::launch::async : std::launch::deferred, [&, part] {
                for (std::size_t i = part; i < rows.size(); i += threads) {
                    try {
                        records[i] = decode_proposal_record(rows[i].record);
                    } catch (const InputError& error) {
                        throw InputError(error.code(),
                                         "proposal " + rows[i].id + ": " + error.what());
                    }
                }
            }));
    }
    for (auto& part : parts) {
        part.get();
    }
    return records;
}

/// The disk may have lost what SQLite takes to be committed, and it cannot be asked. Nobody was
/// told of it; the next start writes what it finds once more.
[[noreturn]] void end_at_once(const std::string& problem) {
    const std::string line = "cupeld: " + problem +
                             "; it ends here, and what was not answered may be sent again after "
                             "the next start\n";
    std::fputs(line.c_str(), stderr);
    std::_Exit(EX_IOERR);
}

}  // namespace

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
      store_(options.store, Store::Mode::Write),
      log_(options.store),
      announcements_([this] { log_.sync(); },
                     [this](const std::string& problem) {
                         disk_failure_.write(time_text(), problem);
                         end_at_once(problem);
                     }) {
    store_.set_patience(options.busy_wait);
    store_.leave_syncs_to_caller();
    const std::string store = options_.store.string();
    // Damage is no bad input of whoever starts us, and the line must say of what.
    const auto damaged = [&store](const Error& damage, const char* remedy) {
        return StoreError(store + ": the store is damaged: " + damage.what() +
                          "; cupel verify --store " + store + " lists the damage, " + remedy +
                          "cupel restore goes back to a backup");
    };
    try {
        store_.check_tail();
    } catch (const Error& damage) {
        throw damaged(damage, "");  // of the history itself, which no rebuild can mend
    }
    try {
        load();
    } catch (const Error& damage) {
        throw damaged(damage, "cupel rebuild makes the tables anew from the history, ");
    }
    // A daemon that ended may have committed what the disk does not have; after a sync that failed
    // the kernel may even take for written what is not. So all of it is written once more, into the
    // database. While somebody reads the store that may not be possible: then it is synced.
    try {
        store_.checkpoint_all();
    } catch (const StoreError& error) {
        throw StoreError(store + ": " + error.what(), error.full());
    }
    log_.sync();
    check_epoch();
}

void Core::load() {
    history_.load();
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
            campaign.stalls = old->second.stalls;
            campaign.next_suggestion = now() + std::chrono::seconds(1);
        }
    }
    campaigns_ = std::move(campaigns);
    std::map<std::string, ProposalRecord> proposals;
    for (ProposalRecord& record : decode_all(store_.proposals())) {
        const std::string id = record.proposal.id;
        if (record.lease) {
            const auto old = proposals_.find(id);
            const bool known = old != proposals_.end() && old->second.lease &&
                               old->second.lease->id == record.lease->id;
            if (known) {
                // A reload after a failed commit is no restart: deadlines stay what they were.
                record.lease->deadline = old->second.lease->deadline;
                record.lease->last_noted = old->second.lease->last_noted;
            } else {
                const bool ran_out = grant_grace(*record.lease, now(), wall());
                if (ran_out && holds_lease(record.proposal.state)) {
                    graced_.insert(id);
                }
            }
        }
        proposals.emplace_hint(proposals.end(), id, std::move(record));
    }
    proposals_ = std::move(proposals);
    held_.clear();
    for (const auto& row : store_.held_results()) {
        held_.emplace(row.id, row.campaign);
    }
    observations_.clear();
    for (const auto& row : store_.observations()) {
        ObservationRecord record = decode_observation_record(row.record);
        if (!record.withdrawn) {
            observations_.emplace(row.id, std::move(record));
        }
    }
    for (const auto& [name, campaign] : campaigns_) {
        history_.know_campaign(name);
    }
}

void Core::check_epoch() {
    const EpochFile::Mark beside = epoch_file_.read();
    const auto stored = store_.meta("epoch");
    const auto restored = store_.meta("restored");  // how, in words, by cupel restore
    // Without its file beside it, or with another's, nobody knows how old a copy is.
    const bool ageless = stored && history_.gseq() > 0 && beside.epoch != *stored;
    const bool rolled_back =
        restored || ageless || (stored && beside.epoch == *stored && beside.gseq > history_.gseq());
    if (stored && !rolled_back) {
        epoch_ = *stored;
        return;
    }
    if (!stored && beside.gseq > history_.gseq()) {
        // What was started is not known here, and would be proposed again.
        const std::string store = options_.store.string();
        throw StoreError(store + ": the store is empty, but " + store + ".epoch has seen event " +
                         std::to_string(beside.gseq) + " of it; cupel restore --store " + store +
                         " goes back to a backup; to begin a new history on purpose, remove " +
                         store + ".epoch first");
    }
    epoch_ = make_ulid();
    StoreFailure failure;
    const auto mark = [&] {
        store_.set_meta("epoch", epoch_);
        store_.drop_meta("restored");
        if (rolled_back) {
            begin_restored(restored.value_or(
                !ageless ? "the database is older than the file beside it"
                : beside.epoch.empty()
                    ? "the file .epoch beside the database is missing: it may be an older copy"
                    : "the file .epoch beside the database is of another life of it, or of another "
                      "database: it may be an older copy"));
        }
    };
    if (!transact(mark, failure)) {
        throw StoreError(options_.store.string() + ": " + failure.text, failure.full);
    }
    // Before the first event: a daemon that is killed then must not look like a copy without it.
    epoch_file_.write({epoch_, history_.gseq()});
    epoch_file_.sync();
}

void Core::tell_disk_failure() {
    const auto failure = disk_failure_.read();
    // Without a campaign there is nobody to tell yet.
    if (!failure || campaigns_.empty()) {
        return;
    }
    raise_alarm("",
                "the disk failed " + *failure +
                    "; cupeld ended, and wrote all it found once more at the next start: look at "
                    "the disk, and at cupel backup");
    after_commit([this] { announcements_.after_all([this] { disk_failure_.clear(); }); });
}

void Core::emit(const std::string& campaign,
                std::string_view kind,
                const std::string& proposal,
                Json body) {
    history_.emit(campaign, kind, proposal, std::move(body), wall());
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

void Core::advance(ProposalRecord& record, Input input, Json details) {
    Proposal& proposal = record.proposal;
    if (input == Input::Progress && proposal.state == ProposalState::Unknown && record.cancel) {
        input = Input::ProgressCancelled;  // its worker may not have heard of it
    }
    const Transition* row = &require_step(proposal, input);
    const bool offered_anew = row->to == ProposalState::Offered && row->from != row->to;
    proposal.state = row->to;
    record.may_return = row->to == ProposalState::Withdrawn &&
                        (input == Input::Supersede || input == Input::CampaignStop);
    if (row->next_attempt || input == Input::CancelTooLate) {
        record.cancel.reset();
    }
    if (row->next_attempt) {
        ++proposal.attempt;
        record.charged = false;
        record.insisted = input == Input::ResolveReoffer;
    }
    if (row->to == ProposalState::Offered) {
        record.lease.reset();
    }
    if (offered_anew) {
        record.offered_at = wall();  // one client's DECLINE makes no offer younger for the others
    }
    for (std::size_t i = 0; i < row->events.size(); ++i) {
        const auto kind = row->events[i];
        Json body = i + 1 < row->events.size() ? details : std::move(details);
        body["state"] = to_string(row->to);
        body["attempt"] = proposal.attempt;
        if (input == Input::ProgressCancelled && kind == "CANCEL_REQUESTED") {
            body["client"] = record.cancel->client;
            body["reason"] = record.cancel->reason;
            body["holder"] = record.lease ? Json(record.lease->holder) : Json(nullptr);
        }
        if (kind == "OFFERED") {
            body["offer"] = to_json(proposal);
        }
        emit(proposal.campaign, kind, proposal.id, std::move(body));
    }
    touch(record);
    // A person who offers it again knows what was tried.
    if (offered_anew && !record.insisted && input != Input::Approve) {
        withdraw_if_tried(record);
    }
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
    // What other programs said need not be text.
    const std::string said = Json::parse(dump_stored(text)).get<std::string>();
    const std::vector<AlarmRow> open = store_.open_alarms();
    std::string last;
    for (const auto& [name, known] : campaigns_) {
        if (!campaign.empty() && campaign != name) {
            continue;
        }
        const auto raised =
            std::find_if(open.begin(), open.end(), [&, &name = name](const AlarmRow& alarm) {
                return alarm.campaign == name && alarm.text == said;
            });
        if (raised != open.end()) {
            last = raised->id;
            continue;
        }
        const AlarmRow row{make_ulid(), name, said, time_text(), ""};
        store_.put_alarm(row);
        history_.changes().row(row);
        emit(name, "ALARM", "", {{"alarm", row.id}, {"text", row.text}});
        last = row.id;
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
            history_.changes().row(acked);
            emit(alarm.campaign,
                 "ALARM_ACKED",
                 "",
                 {{"alarm", alarm.id}, {"client", "cupeld"}, {"note", note}});
        }
    }
}

}  // namespace cupel::controller
