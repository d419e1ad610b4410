// The state of every campaign and the rules that change it, on one thread, one transaction at a
// time.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <cupel/domain/command.hpp>
#include <cupel/domain/event.hpp>

#include "../campaign/clock.hpp"
#include "../campaign/life_cycle.hpp"
#include "../campaign/records.hpp"
#include "../learning/learning_service.hpp"
#include "../learning/rollback_watch.hpp"
#include "../learning/structure_service.hpp"
#include "../learning/training_schedule.hpp"
#include "announcements.hpp"
#include "answered_commands.hpp"
#include "blob_store.hpp"
#include "disk_failure.hpp"
#include "epoch_file.hpp"
#include "history_writer.hpp"
#include "json_bridge.hpp"
#include "ledger.hpp"
#include "ledger_options.hpp"
#include "sessions.hpp"
#include "store.hpp"
#include "store_trouble.hpp"
#include "structure_reader.hpp"
#include "write_ahead_log.hpp"

namespace cupel::controller {

/// An ERR reply in the making. Thrown before anything was changed.
struct Refusal {
    ErrorCode code;
    std::string text;
};

/// The first structure file among the blobs, by type or ending of the name; null when there is
/// none.
const BlobRef* structure_file(const std::vector<BlobRef>& blobs);

/// Those of a stored result, each once.
std::vector<StructureFile> structures_of(const ResultRow& row);

/// What a structure shows, as a candidate that was made under these conditions.
Candidate found_in(const StructureReport& report,
                   const std::map<std::string, std::string>& conditions);

/// What a structure shows, in words, as events tell it.
Json structure_summary(const StructureReport& report);

/// Gives a label of any kind.
bool teaches(const Outcome& outcome);

/// What a claim counts as: without a structure nothing is more than confirmed by mass.
Outcome claimed(Outcome outcome);

/// Of a campaign whose store is a copy of unknown age: the text of its alarm until it is resumed.
extern const char* const kUnknownSince;

/// What a result says, as its row and its events hold it.
Json result_json(const Result& result);

/// A command and where its answer goes.
struct Request {
    Command command;
    ReplySink reply;
};

/// Owned by the ledger thread; nothing here is thread-safe. Commands are applied in memory, their
/// events and touched records written and committed together; whatever must not happen before the
/// commit (replies, events, calls to the learner) waits for it.
class Core {
  public:
    Core(const LedgerOptions& options,
         const Clock& clock,
         LearningService& learning,
         StructureService& structures,
         Post post);

    /// Called when events are durable, in order.
    void set_event_sink(EventSink sink) { event_sink_ = std::move(sink); }
    /// Of what is committed, once the disk has it.
    Announcements& announcements() noexcept { return announcements_; }
    /// Makes it, or takes over its pool and data. Returns the other keys that it was not made with.
    std::vector<std::string> ensure_campaign(const std::string& name, const std::string& config);
    /// Opens the campaigns at the learner and asks again for what a restart left unanswered.
    void resume();
    /// Adds requests to those that are being applied; false: there are none.
    using More = std::function<bool(std::vector<Request>& requests)>;
    /// Applies the requests in one transaction, with those that `more` adds meanwhile; one by one
    /// when that fails.
    void process(std::vector<Request> requests, const More& more = {});
    /// Runs `work` as part of a transaction. Where none can begin, it is kept, and run later, in
    /// order.
    void run(std::function<void()> work);
    /// Runs what was kept, as far as the store lets it.
    void run_kept(std::chrono::milliseconds most = std::chrono::milliseconds(100));
    /// Leases, offers, refills, trainings that are due.
    void tick();
    void stop_refills() { refilling_ = false; }
    void checkpoint() noexcept { store_.checkpoint(); }

    const std::string& epoch() const noexcept { return epoch_; }
    /// As of the last commit.
    std::map<std::string, std::int64_t> heads() const { return history_.seqs(); }
    /// To be called through Post: an ALARM event for one campaign, or for all, where none of this
    /// text is open yet. The id of the last one.
    std::string raise_alarm(const std::string& campaign, const std::string& text);
    /// Acknowledges the open alarms with this text, for one campaign or for all.
    void close_alarm(const std::string& campaign, const std::string& text, const std::string& note);
    /// To be called through Post.
    void note_refusals(const std::vector<RefusalRow>& refusals) { store_.add_refusals(refusals); }

  private:
    struct Campaign {
        CampaignRecord record;
        bool opened = false;   ///< the learner answered
        bool opening = false;  ///< it was asked
        bool suggesting = false;
        bool telling = false;  ///< the learner hears of changed labels after this commit
        bool training = false;
        bool rolled_back = false;    ///< the learner hears of it after this commit
        bool drifting = false;       ///< the watch is on its way to an alarm
        int stale = 0;               ///< labels taught to the model that do not stand any more
        bool taken_back = false;     ///< more of them than before: it is to be trained at once
        std::int64_t rollbacks = 0;  ///< a training that was asked before one does not count
        Instant next_suggestion{};   ///< not before; after a failure
        int failures = 0;
        std::set<std::string> passed_over;  ///< suggested, but tried as another one
        int empty_answers = 0;              ///< of the learner, in a row
        /// Why nothing new is proposed, as the open alarm says; nothing = not looked at yet.
        std::optional<std::string> stalls;
    };
    using Deferred = std::function<void()>;

    // core.cpp: loading, the life cycle, what commands look up
    void load();
    void check_epoch();
    // restored_store.cpp
    /// The store is an older copy, as `how` says: nothing of it is offered before it is settled.
    void begin_restored(const std::string& how);
    void make_unknown(ProposalRecord& record);
    /// Takes over what the store that was replaced knew of something the copy does not know.
    void adopt(const CampaignRecord& record);
    void adopt(ProposalRecord record);

    /// An alarm about a disk that failed before this start.
    void tell_disk_failure();
    void emit(const std::string& campaign,
              std::string_view kind,
              const std::string& proposal,
              Json body);
    /// One step of the life cycle: checks the table, changes the state, writes its events.
    /// Throws Refusal IllegalState when the table has no such row.
    void advance(ProposalRecord& record, Input input, Json details = Json::object());
    const Transition& require_step(const Proposal& proposal, Input input) const;
    void touch(const ProposalRecord& record) { history_.touch(record); }
    void touch(const Campaign& campaign) { history_.touch(campaign.record); }
    /// Throws Refusal NotAllowed when the command that is applied comes from a client of other
    /// campaigns.
    void require_sight(const std::string& campaign) const;
    bool sees(const std::string& campaign) const {
        return access_ == nullptr || access_->sees(campaign);
    }
    Campaign& campaign_of(const ProposalRecord& record);
    Campaign& find_campaign(const std::string& name);
    ProposalRecord& find_proposal(const std::string& id);
    Instant now() const { return clock_.monotonic(); }
    Timestamp wall() const { return clock_.wall(); }
    std::string time_text() const { return to_rfc3339(clock_.wall()); }

    // transactions.cpp
    /// `replies` is asked after the commit for what is to be said when it is durable.
    bool transact(const std::function<void()>& work,
                  StoreFailure& failure,
                  const std::function<Announcements::Tell()>& replies = {});
    /// After a commit, which cannot be taken back: what goes wrong here ends the process.
    void announce(Instant begun,
                  bool wrote,
                  const std::function<Announcements::Tell()>& replies) noexcept;
    /// What is durable now; on the thread of the announcements. `mark`: how far the history goes,
    /// `begun`: when the commit began.
    void tell(std::vector<Event> events, const EpochFile::Mark& mark, Instant begun);
    /// Raises an alarm once for each reason why the side file cannot be written.
    void tell_epoch_failure(int problem);
    /// False when no transaction could begin: then nothing was done, and nothing is lost.
    bool try_run(const std::function<void()>& work);
    void refuse_unwritten(Request& request, const StoreFailure& failure);
    /// The first commit after a time without any: what STATUS showed becomes an alarm.
    void end_trouble();
    /// Tries to write again, now and then.
    void probe_store();
    /// Work of the daemon's own that failed: one alarm, and what was lost is asked for again later.
    void note_failure(const std::string& error);
    void run_deferred();
    void discard();
    void after_commit(Deferred work) { deferred_.push_back(std::move(work)); }

    // dispatch.cpp
    Reply answer(const Command& command, bool& deferred, const ReplySink& reply);
    Json apply(const Command& command);

    // commands_session.cpp
    Json handle(const Hello&, const Command&);
    Json handle(const ListOffers&, const Command&);
    Json handle(const QueryCmd&, const Command&);
    Json handle(const Ping&, const Command&);
    Json handle(const AckAlarm&, const Command&);
    void note_applied(const std::string& client,
                      const std::map<std::string, std::int64_t>& applied);
    void ask_why(const Why& why, const Command& command, ReplySink reply);

    // status.cpp
    Json handle(const Status&, const Command&);
    Json campaigns_status();
    Json clients_status();
    Json alarms_status();

    // commands_work.cpp
    Json handle(const Claim&, const Command&);
    Json handle(const Renew&, const Command&);
    Json handle(const Start&, const Command&);
    Json handle(const Progress&, const Command&);
    Json handle(const Release&, const Command&);
    Json handle(const Decline&, const Command&);
    Json handle(const Cancel&, const Command&);
    Json handle(const CancelAck&, const Command&);
    void require_lease(const ProposalRecord& record,
                       const LeaseProof& proof,
                       const Command& command);
    void renew_lease(ProposalRecord& record, std::optional<double> expected_s);
    /// A worker is heard: its lease begins anew, at work also where a restore knew but its claim.
    void hear(ProposalRecord& record, std::optional<double> expected_s);
    void charge(ProposalRecord& record);
    void refund(ProposalRecord& record);
    Json decline(ProposalRecord& record, const std::string& client, const std::string& reason);

    // commands_result.cpp, verdicts.cpp
    Json handle(const Result&, const Command&);
    Json handle(const ResultAmend&, const Command&);
    Json handle(const ResultRetract&, const Command&);
    Json handle(const AcceptHeld&, const Command&);
    Json handle(const RefuseHeld&, const Command&);
    Json handle(const Overrule&, const Command&);
    Json handle(const ResolveUnknown&, const Command&);
    /// The first tag that the proposal requires and these capabilities lack; null when they have
    /// all.
    static const std::string* missing_tag(const ProposalRecord&,
                                          const std::set<std::string>& capabilities);
    /// Empty when `client`, who has these capabilities, may claim it now.
    std::string why_not_offered(const ProposalRecord&,
                                const std::string& client,
                                const std::set<std::string>& capabilities) const;
    std::optional<std::string> why_held(const ProposalRecord&, const Result&, const Command&) const;
    std::string store_result(const Result&,
                             const Command&,
                             bool held,
                             const std::string& proposal,
                             const std::map<std::string, std::string>& conditions = {});
    void put_result(const ResultRow& row);
    // Results of proposals that nobody here knows are held, in a campaign of who sent them.
    std::string home_of_strangers() const;
    std::string campaign_of_held(const ResultRow& row) const;
    Json hold_stranger(const Result&, const Command&);
    Json accept_stranger(ResultRow row, const AcceptHeld&, const Command&);
    void observe_held(Campaign&, const ResultRow&, const AcceptHeld&, const Command&);
    void take_result(ProposalRecord&,
                     const Result&,
                     const std::string& id,
                     const std::string& client,
                     bool from_holder);
    void note_execution(Campaign& campaign, const std::string& client, bool failed);
    void settle_with_result(ProposalRecord&, const ResolveUnknown&, const Command&, Json details);
    void check_blobs(const std::vector<BlobRef>& blobs) const;
    void judge_claim(ProposalRecord& record, const std::string& note);
    void judge(ProposalRecord& record, const Outcome& outcome, Evidence evidence, Json details);
    void request_structures(const std::string& proposal);
    void structures_done(ProposalRecord& record, const StructuresRead& read);

    // observations.cpp
    Json handle(const Observe&, const Command&);
    /// Under which a stored result was made, as far as we were told.
    std::map<std::string, std::string> conditions_of(const ResultRow& row);
    void request_observation(const std::string& campaign, const std::string& result);
    void observation_done(Campaign& campaign, const ResultRow& row, const StructuresRead& read);
    void add_observation(Campaign& campaign,
                         const std::string& result,
                         const Candidate& candidate,
                         const Outcome& outcome,
                         Evidence evidence,
                         Json details);
    /// What these structures show, each cluster once: two crystals of one kind say the same.
    void add_structures(Campaign& campaign,
                        const std::string& result,
                        const std::vector<StructureReport>& reports,
                        const std::map<std::string, std::string>& conditions,
                        const Json& details);
    void observe_claim(Campaign& campaign, const ResultRow& row);
    /// Where what may be this cluster was tried, and that stands: "observation ID" or "proposal
    /// ID"; empty when it was not.
    std::string tried_as(const std::string& campaign, const Candidate& candidate) const;
    void withdraw_if_tried(ProposalRecord& record);
    /// What was tried need not be made again: unclaimed proposals of what may be the same cluster
    /// are withdrawn.
    void withdraw_twins(const ProposalRecord& tried);
    void withdraw_twins(const std::string& campaign,
                        const Candidate& candidate,
                        bool by_structure,
                        const std::string& reason);
    /// What structures of this attempt showed instead of its target falls with its results.
    void withdraw_observations(const ProposalRecord& record, const Json& why);
    /// Those read from these results; how many there were.
    int withdraw_observations(const std::set<std::string>& results, const Json& why);
    Json retract_observation(const ResultRetract& retract, const Command& command);

    // commands_review.cpp
    Json handle(const Approve&, const Command&);
    Json handle(const Reject&, const Command&);
    Json handle(const EditProposal&, const Command&);
    Json handle(const Withdraw&, const Command&);
    Json handle(const CampaignNew&, const Command&);
    Json handle(const CampaignControl&, const Command&);
    void create_campaign(const std::string& name, const CampaignConfig& config);
    void set_state(Campaign& campaign, CampaignState state, std::string_view event, Json body);
    void drain(Campaign& campaign, const std::string& reason);
    void resume_campaign(Campaign& campaign, const Json& body);
    void end_restore(Campaign& campaign);
    /// Pool and data as the configuration names them now.
    void take_files(Campaign& campaign, const CampaignConfig& config);

    // schedule.cpp
    void schedule_all();
    void schedule(Campaign& campaign);
    bool has_unknowns(const std::string& campaign) const;
    void open_campaign(const std::string& name);
    void say_what_stalls(Campaign& campaign, const std::string& stalls);
    void refill(Campaign& campaign);
    /// One alarm, and the learner is asked again after a while.
    void ask_later(Campaign& campaign, const std::string& problem);
    void suggestion_done(const std::string& name, std::uint64_t seed, Answer<Suggestion> answer);
    std::string add_proposal(Campaign& campaign,
                             Proposal proposal,
                             std::optional<std::string> edited_from);
    /// Its first event, with its whole record.
    void tell_proposed(const ProposalRecord& record);
    std::vector<LearnerLabel> labels(const std::string& campaign) const;

    // models.cpp: trainings, promotions, rollbacks
    void labels_changed(Campaign& campaign);
    void tell_labels(const std::string& name);
    Training next_training_of(const Campaign& campaign) const;
    void train(Campaign& campaign);
    void note_stale(Campaign& campaign, int stale);
    void training_done(const std::string& name,
                       Training kind,
                       const std::string& labels_until,
                       Answer<TrainedModel> answer);
    void note_training(Campaign& campaign, Training kind, const Json& details);
    void promote(Campaign& campaign, PromotedModel model, const std::string& before);
    void forget_models(Campaign& campaign);
    /// Holds the finished batches against what was promised; goes back to an earlier model when
    /// they fall short.
    void watch(Campaign& campaign);
    void roll_back(Campaign& campaign, std::size_t to, const WatchFigures& figures);
    void trust_suspects(Campaign& campaign);
    void expire_leases();
    /// An event about the lease itself; the proposal's state stays.
    void say_of_lease(std::string_view event, ProposalRecord& record, Json body);
    void expire_offers();

    LedgerOptions options_;
    const Clock& clock_;
    LearningService& learning_;
    StructureService& structures_;
    Post post_;
    EventSink event_sink_;
    Store store_;
    HistoryWriter history_{store_};
    AnsweredCommands answered_{store_};
    StructureReader structure_reader_{structures_, post_, options_.blobs};
    const EpochFile epoch_file_{options_.store};
    int epoch_problem_ = 0;  ///< the last error number; of the thread of the announcements
    const DiskFailure disk_failure_{options_.store};

    const Instant started_ = clock_.monotonic();
    std::string epoch_;
    std::map<std::string, Campaign> campaigns_;
    std::map<std::string, ProposalRecord> proposals_;
    std::map<std::string, ObservationRecord> observations_;  ///< those that stand
    std::map<std::string, std::string> held_;  ///< results held back, to their campaigns
    Sessions sessions_;
    bool refilling_ = true;
    bool resumed_ = false;  ///< the services may be asked; not before resume()
    int failures_ = 0;      ///< of run(), in a row
    std::optional<Instant> resume_at_;
    std::set<std::string> graced_;  ///< proposals whose lease ran out while we were away
    StoreTrouble trouble_;
    std::deque<std::function<void()>> kept_;  ///< work that could not begin yet
    bool probing_ = false;
    const WriteAheadLog log_;
    Announcements announcements_;  ///< last: what it tells reaches for the others

    // Of the running transaction.
    std::shared_ptr<const Access> access_;  ///< of the command that is applied; null: everything
    std::vector<Deferred> deferred_;
};

}  // namespace cupel::controller
