// How long a daemon with a long past takes to open its store, beside a bare scan of it.
//
// Writes a store with as many events as asked for, as campaigns write them: a proposal is claimed,
// started, reported on for days, and labelled. Then opens it, several times, and reads every event
// through SQLite alone. `--quick` is a small one for the tests.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>

#include <SQLiteCpp/SQLiteCpp.h>

#include "campaign/life_cycle.hpp"
#include "campaign/records.hpp"
#include "ledger/changes.hpp"
#include "processor_seconds.hpp"
#include "support.hpp"

using namespace cupel;
using namespace cupel::test;

namespace {

struct Size {
    std::int64_t events = 1'000'000;
    int per_proposal = 50;
};

/// Appends what becomes of one proposal after the other, all of them labelled.
class Past {
  public:
    Past(controller::Store& store, std::string campaign)
        : store_(store), campaign_(std::move(campaign)), head_(store.head()) {}

    void add_proposal(int number, int events) {
        controller::ProposalRecord record = made(number);
        const Json first = controller::record_json(record);
        tell("PROPOSED",
             record,
             {{"state", "PROPOSED"},
              {"attempt", 1},
              {"offer", controller::to_json(record.proposal)},
              {"record", first}});
        tell("OFFERED", record, {{"state", "OFFERED"}, {"attempt", 1}});
        tell("CLAIMED", record, {{"state", "CLAIMED"}, {"client", "local:robot"}, {"fence", 1}});
        tell("STARTED", record, {{"state", "STARTED"}, {"client", "local:robot"}, {"fence", 1}});
        for (int i = 0; i < events - 6; ++i) {
            tell("PROGRESS",
                 record,
                 {{"state", "STARTED"}, {"stage", "crystallisation"}, {"note", nullptr}});
        }
        tell("RESULT_RECEIVED", record, {{"state", "RESULT_IN"}, {"client", "local:robot"}});
        record.proposal.state = ProposalState::Labelled;
        record.outcome = Outcome{};
        record.outcome->kind = OutcomeKind::NoReaction;
        record.evidence = controller::Evidence::Claim;
        const Json last = controller::record_json(record);
        controller::Changes changes;
        changes.record("proposal", record.proposal.id, campaign_, first, last);
        std::vector<Event> verdict{event("VERDICT", record, {{"state", "LABELLED"}})};
        changes.tell(verdict);
        append(verdict.front());
        store_.put_proposal({record.proposal.id,
                             campaign_,
                             "LABELLED",
                             codec::encode(record.proposal),
                             controller::dump_stored(last["proposal"]),
                             controller::dump_stored(controller::record_json_around(record))});
    }

  private:
    controller::ProposalRecord made(int number) const {
        controller::ProposalRecord record;
        Proposal& proposal = record.proposal;
        proposal.id = make_ulid();
        proposal.campaign = campaign_;
        // As many ligands as a candidate may have, and then with another charge.
        constexpr int kCounts = 9000;
        proposal.candidate = candidate_number(number % kCounts);
        proposal.candidate.charge = number / kCounts;
        proposal.identity_key = identity_key(proposal.candidate);
        proposal.learning_key = learning_key(proposal.candidate);
        proposal.p = 0.25;
        proposal.reason = "tried least, near a hit";
        proposal.nearest = {{"[Au25(PET)18]-", "10.1021/ja801173r", 0.8},
                            {"[Ag25(SPhMe2)18]-", "10.1021/jacs.5b07088", 0.7}};
        proposal.provenance.model = std::string(64, 'a');
        proposal.provenance.acquisition_input = Json{{"pool", std::string(64, 'b')}}.dump();
        return record;
    }
    Event event(const char* kind, const controller::ProposalRecord& record, Json body) {
        Event made;
        made.id = make_ulid();
        made.campaign = campaign_;
        made.seq = ++head_.seqs[campaign_];
        made.gseq = ++head_.gseq;
        made.kind = kind;
        made.proposal = record.proposal.id;
        made.time = *try_parse_rfc3339("2026-11-24T12:00:00.000Z");
        body["campaign"] = campaign_;
        body["proposal"] = made.proposal;
        made.body_json = body.dump();
        return made;
    }
    void tell(const char* kind, const controller::ProposalRecord& record, Json body) {
        Event made = event(kind, record, std::move(body));
        append(made);
    }
    void append(Event& made) {
        made.chain = controller::chain_hash(head_.chain, made);
        head_.chain = made.chain;
        store_.append({made});
    }
    controller::Store& store_;
    std::string campaign_;
    controller::Head head_;
};

void write_past(const std::filesystem::path& path, const Size& size) {
    controller::Store store(path, controller::Store::Mode::Write);
    Past past(store, "c");
    int number = 0;
    for (std::int64_t written = 0; written < size.events; written += size.per_proposal) {
        if (number % 500 == 0) {
            if (number > 0) {
                store.commit();
            }
            store.begin();
        }
        past.add_proposal(number++, size.per_proposal);
    }
    store.commit();
    store.checkpoint();
}

double seconds(const std::function<void()>& work) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

std::int64_t scan(const std::filesystem::path& path) {
    SQLite::Database db(path.string(), SQLite::OPEN_READONLY);
    SQLite::Statement rows(db, "SELECT * FROM event");
    std::int64_t bytes = 0;
    while (rows.executeStep()) {
        bytes += rows.getColumn(8).getBytes();
    }
    return bytes;
}

int bench(const Size& size) {
    Bench bench(R"({"open_offers": 4, "budget": 1000000})");
    bench.ledger.reset();
    const auto path = bench.dir() / "cupel.db";
    const double writing = seconds([&] { write_past(path, size); });
    std::printf("%lld events, %lld proposals, %.0f MB, written in %.1f s\n",
                static_cast<long long>(size.events),
                static_cast<long long>(size.events / size.per_proposal),
                static_cast<double>(std::filesystem::file_size(path)) / 1e6,
                writing);
    double best = 1e9;
    for (int i = 0; i < 3; ++i) {
        const double spent = processor_seconds();
        const double took = seconds([&] { bench.open(); });
        best = std::min(best, took);
        std::printf("opened, until it offers: %.2f s; of the processors: %.2f s\n",
                    took,
                    processor_seconds() - spent);
        if (bench.offers().empty()) {
            std::printf("nothing is on offer\n");
            return 1;
        }
        bench.ledger.reset();
    }
    const double scanning = seconds([&] { scan(path); });
    std::printf("bare scan of the events: %.2f s\nbest opening: %.2f s\n", scanning, best);
    return best < 2.0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    Size size;
    for (int i = 1; i < argc; ++i) {
        const std::string word = argv[i];
        if (word == "--quick") {
            size.events = 20'000;
        } else if (word == "--events" && i + 1 < argc) {
            size.events = std::strtoll(argv[++i], nullptr, 10);
        } else if (word == "--per-proposal" && i + 1 < argc) {
            size.per_proposal = static_cast<int>(std::strtol(argv[++i], nullptr, 10));
        } else {
            std::fprintf(stderr,
                         "usage: opening_bench [--quick] [--events N] [--per-proposal N]\n");
            return 2;
        }
    }
    if (size.per_proposal < 6 || size.events < size.per_proposal) {
        std::fprintf(stderr, "opening_bench: expected at least 6 events of each proposal\n");
        return 2;
    }
    return bench(size);
}
