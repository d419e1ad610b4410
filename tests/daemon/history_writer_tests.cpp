// Events and the records they are about, written into a real store.
#include <nlohmann/json.hpp>

#include "catch.hpp"
#include "ledger/history_writer.hpp"
#include "temp_dir.hpp"

using namespace cupel;
using namespace cupel::controller;
using cupel::test::TempDir;
using Json = nlohmann::json;

namespace {

/// A store with one campaign and one proposal on offer, told by one event each.
struct Written {
    TempDir dir;
    Store store{dir / "cupel.db", Store::Mode::Write};
    HistoryWriter history{store};
    CampaignRecord campaign;
    ProposalRecord proposal;

    Written() {
        history.load();
        campaign.name = "c";
        campaign.config.pool = "pool.jsonl";
        proposal.proposal.id = "p1";
        proposal.proposal.campaign = "c";
        proposal.proposal.candidate.core.metals = {{"Ag", 25}};
        proposal.proposal.state = ProposalState::Offered;
        commit([&] {
            emit("CAMPAIGN_CREATED", "");
            history.touch(campaign);
            history.tell_first("p1", record_json(proposal));
            emit("PROPOSED", "p1");
            history.touch(proposal);
        });
    }
    void emit(const char* kind, const std::string& proposal_id) {
        history.emit("c", kind, proposal_id, Json::object(), Timestamp{});
    }
    template <typename Work>
    std::vector<Event> commit(Work&& work) {
        store.begin();
        work();
        history.write();
        store.commit();
        return history.take();
    }
    std::vector<Event> stored() { return store.events("c", 1, {}, 100); }
};

}  // namespace

TEST_CASE("events are numbered, chained and told of their campaign", "[history_writer]") {
    Written written;
    auto& history = written.history;
    history.set_cause("command-1");
    const auto events = written.commit([&] {
        written.emit("PROGRESS", "p1");
        history.emit("d", "NOTE", "", {{"text", "x"}}, Timestamp{});
    });
    REQUIRE(events.size() == 2);
    CHECK(events[0].gseq == 3);
    CHECK(events[0].seq == 3);
    CHECK(events[0].cause == "command-1");
    CHECK(events[0].body_json == R"({"campaign":"c","proposal":"p1"})");
    CHECK(events[1].gseq == 4);
    CHECK(events[1].seq == 1);
    CHECK(events[1].body_json == R"({"campaign":"d","text":"x"})");
    CHECK(events[1].chain == chain_hash(events[0].chain, events[1]));
    CHECK(history.gseq() == 4);
    CHECK(history.seqs() == std::map<std::string, std::int64_t>{{"c", 3}, {"d", 1}});
    CHECK(history.seq("unknown") == 0);
    CHECK(history.take().empty());
    CHECK_NOTHROW(written.store.check_tail());

    HistoryWriter reopened(written.store);
    reopened.load();
    CHECK(reopened.gseq() == 4);
    CHECK(reopened.seqs() == history.seqs());
}

TEST_CASE("a record is written with the event that tells what changed of it", "[history_writer]") {
    Written written;
    written.proposal.last_fence = 3;
    SECTION("told so far by this writer") {}
    SECTION("told so far by the store alone") {
        written.history.discard();
        written.history.load();
    }
    const auto events = written.commit([&] {
        written.emit("CLAIMED", "p1");
        written.emit("PROGRESS", "p1");
        written.history.touch(written.proposal);
    });
    CHECK(events[0].changes_json.empty());
    CHECK(
        Json::parse(events[1].changes_json) ==
        Json{{"proposal", {{"p1", {{{"op", "replace"}, {"path", "/last_fence"}, {"value", 3}}}}}}});
    CHECK(decode_proposal_record(*written.store.proposal_record("p1")).last_fence == 3);

    written.proposal.proposal.state = ProposalState::Withdrawn;
    written.commit([&] {
        written.emit("WITHDRAWN", "p1");
        written.history.touch(written.proposal);
    });
    CHECK(written.store.proposal_states().front().state == "WITHDRAWN");
}

TEST_CASE("what no event tells waits for one", "[history_writer]") {
    Written written;
    written.campaign.spent = 5;
    CHECK(written.commit([&] { written.history.touch(written.campaign); }).empty());
    CHECK(decode_campaign_record(*written.store.campaign_record("c")).spent == 0);
    const auto events = written.commit([&] { written.emit("NOTE", ""); });
    CHECK(events.front().changes_json.find("/spent") != std::string::npos);
    CHECK(decode_campaign_record(*written.store.campaign_record("c")).spent == 5);
}

TEST_CASE("a discarded transaction leaves no gap", "[history_writer]") {
    Written written;
    auto& history = written.history;
    const auto before = written.stored();
    written.proposal.last_fence = 9;
    written.store.begin();
    written.emit("CLAIMED", "p1");
    history.touch(written.proposal);
    history.changes().row(AlarmRow{"a", "c", "text", "time", ""});
    history.write();
    written.store.rollback();
    history.discard();
    history.load();
    CHECK(written.stored().size() == before.size());
    CHECK(history.take().empty());

    written.proposal.last_fence = 1;
    const auto events = written.commit([&] {
        written.emit("CLAIMED", "p1");
        history.touch(written.proposal);
    });
    CHECK(events.front().gseq == 3);
    CHECK(events.front().changes_json.find("alarm") == std::string::npos);
    CHECK(events.front().changes_json.find(R"("value":1)") != std::string::npos);
    CHECK_NOTHROW(written.store.check_tail());
}
