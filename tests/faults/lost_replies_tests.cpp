// T2: the reply to each kind of state-changing command is lost once; the command that is sent again
// under the same cmd_id has had one effect, and gets the answer that was lost.
#include <condition_variable>
#include <mutex>
#include <set>

#include <cupel/domain/sha256.hpp>
#include <cupel/domain/ulid.hpp>

#include "catch.hpp"
#include "faulty_proxy.hpp"
#include "history.hpp"
#include "real_daemon.hpp"

using namespace cupel;
using namespace cupel::test;

namespace {

/// Loses the next reply when it is told to, and says when it did.
class ReplyThief {
  public:
    Fault judge(Way way) {
        const std::lock_guard lock(mutex_);
        if (way != Way::ToClient || !armed_) {
            return {};
        }
        armed_ = false;
        stolen_.notify_all();
        return {Fault::Kind::Drop};
    }
    void arm() {
        const std::lock_guard lock(mutex_);
        armed_ = true;
    }
    void wait_until_stolen() {
        std::unique_lock lock(mutex_);
        if (!stolen_.wait_for(lock, kPatience, [this] { return !armed_; })) {
            throw std::runtime_error("no reply came to be lost");
        }
    }

  private:
    std::mutex mutex_;
    std::condition_variable stolen_;
    bool armed_ = false;
};

/// A person who does everything that can be done, behind a line that loses replies.
class Scene {
  public:
    Scene()
        : daemon_(setup()),
          started_((daemon_.start(), true)),
          proxy_(daemon_.control, [this](Way way, const Texts&) { return thief_.judge(way); }),
          client_(context_, proxy_.endpoint()),
          onlooker_(daemon_.connect(context_, "person")) {
        client_.ok("HELLO", {{"client", "person"}});
    }

    /// Sends it, loses the reply, sends it again; checks that it had one effect.
    Json once(const std::string& kind, Json body) {
        INFO(kind);
        body["cmd_id"] = make_ulid();
        thief_.arm();
        const std::string first = client_.send_command(kind, body);
        thief_.wait_until_stolen();
        const auto before = causes();
        const Answered again = client_.ask(kind, body);
        CHECK(again.error() == "");
        const auto after = causes();
        CHECK(std::count(before.begin(), before.end(), first) > 0);
        CHECK(std::count(after.begin(), after.end(), first) ==
              std::count(before.begin(), before.end(), first));
        CHECK(std::count(after.begin(), after.end(), again.header.at("cause")) == 0);
        const Json stored = onlooker_.ok("QUERY_CMD", {{"cmd_id", body["cmd_id"]}});
        CHECK(stored["known"] == true);
        CHECK(stored["result"] == again.body);
        seen_.insert(kind);
        return again.body;
    }
    /// The same over a good line.
    Json plain(const std::string& kind, Json body) {
        body["cmd_id"] = make_ulid();
        return onlooker_.ok(kind, body);
    }
    Json ask(const std::string& kind, const Json& body, const Texts& blobs = {}) {
        return onlooker_.ok(kind, body, blobs);
    }
    /// An offer nobody has had yet.
    std::string fresh_offer() {
        for (;;) {
            for (const auto& id : wait_for_offers(onlooker_)) {
                if (used_.insert(id).second) {
                    return id;
                }
            }
        }
    }
    /// A proposal of the campaign under review.
    std::string fresh_review() {
        const auto deadline = std::chrono::steady_clock::now() + kPatience;
        while (std::chrono::steady_clock::now() < deadline) {
            for (const auto& [id, state] : states("r")) {
                if (state == "IN_REVIEW" && used_.insert(id).second) {
                    return id;
                }
            }
        }
        throw std::runtime_error("nothing is in review");
    }
    std::map<std::string, std::string> states(const std::string& campaign) {
        std::map<std::string, std::string> found;
        const Json snapshot = onlooker_.ok("SNAPSHOT", {{"campaign", campaign}});
        for (const auto& proposal : snapshot["campaigns"][0]["proposals"]) {
            found[proposal["proposal"]] = proposal["state"];
        }
        return found;
    }
    void wait_for_state(const std::string& proposal, const std::string& state) {
        const auto deadline = std::chrono::steady_clock::now() + kPatience;
        while (states("c")[proposal] != state) {
            if (std::chrono::steady_clock::now() > deadline) {
                throw std::runtime_error(proposal + " did not become " + state);
            }
        }
    }
    /// A body that names the proposal and proves its lease.
    static Json proof(const Json& claim) {
        return {
            {"proposal", claim["proposal"]}, {"lease", claim["lease"]}, {"fence", claim["fence"]}};
    }
    Json claim(const std::string& proposal, const std::string& lease_class = "person") {
        return plain("CLAIM",
                     {{"proposals", {proposal}}, {"lease_class", lease_class}})["claims"][0];
    }
    const std::set<std::string>& seen() const { return seen_; }
    ReplyThief& thief() { return thief_; }
    RawClient& client() { return client_; }
    RealDaemon& daemon() { return daemon_; }

  private:
    static DaemonSetup setup() {
        DaemonSetup setup;
        setup.campaigns =
            "[campaign.c]\npool = \"pool.jsonl\"\npolicy = \"random\"\nopen_offers = 16\n"
            "[campaign.r]\npool = \"pool.jsonl\"\npolicy = \"random\"\nreview = true\n";
        // A robot that starts falls silent soon; a structure reader that dies raises an alarm.
        setup.tables =
            "[leases.robot]\nwork_s = 0.1\nwork_cap_s = 0.1\n"
            "[structure]\nprogram = \"/bin/false\"\n";
        return setup;
    }
    /// The `cause` of every event of every campaign.
    std::vector<std::string> causes() {
        std::vector<std::string> found;
        const Json campaigns = onlooker_.ok("SNAPSHOT")["campaigns"];
        for (const auto& campaign : campaigns) {
            const Json page = onlooker_.ok(
                "REPLAY", {{"campaign", campaign["campaign"]}, {"from", 1}, {"limit", 1000}});
            for (const auto& event : page["events"]) {
                found.push_back(event["header"].value("cause", ""));
            }
        }
        return found;
    }

    RealDaemon daemon_;
    bool started_;
    ReplyThief thief_;
    FaultyProxy proxy_;
    zmq::context_t context_;
    RawClient client_;
    RawClient onlooker_;
    std::set<std::string> used_, seen_;
};

const Json kNoReaction{{"kind", "no_reaction"}};

/// The kinds whose schema demands a cmd_id.
std::set<std::string> kinds_with_cmd_id() {
    std::set<std::string> kinds;
    for (const auto& entry : std::filesystem::directory_iterator(source_dir() / "schemas/json")) {
        const std::string name = entry.path().filename().string();
        if (name.rfind("command-", 0) != 0 || name == "command-query-cmd-1.schema.json") {
            continue;
        }
        std::ifstream in(entry.path());
        const Json schema = Json::parse(in);
        const Json required = schema.value("required", Json::array());
        if (std::find(required.begin(), required.end(), "cmd_id") != required.end()) {
            std::string kind = name.substr(8, name.find("-1.schema") - 8);
            for (char& c : kind) {
                c = c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
            }
            kinds.insert(kind);
        }
    }
    return kinds;
}

Json with(Json body, const Json& more) {
    body.update(more);
    return body;
}

Json another_candidate() {
    return Json::parse(R"({"core": {"formula": "Au13", "metals": {"Au": 13}, "anions": {}},
        "ligands": [{"smiles": "[S-]C", "formula": "CH3S", "count": 9, "donors": ["S"],
                     "donor_class": "thiolate", "charge": -1, "denticity": 1}], "charge": 0})");
}

}  // namespace

TEST_CASE("every command whose reply is lost once has one effect when it is sent again", "[lost]") {
    Scene scene;

    // From offer to result, and what people do with a result.
    const std::string made = scene.fresh_offer();
    const Json claim =
        scene.once("CLAIM", {{"proposals", {made}}, {"lease_class", "person"}})["claims"][0];
    const Json proof = Scene::proof(claim);
    scene.once("START", proof);
    scene.once("PROGRESS", with(proof, {{"stage", "mixed"}}));
    scene.once("RESULT", with(proof, {{"outcome", kNoReaction}}));
    scene.once("RESULT_AMEND", {{"proposal", made}, {"outcome", {{"kind", "amorphous"}}}});
    scene.once("OVERRULE", {{"proposal", made}, {"outcome", kNoReaction}, {"reason", "looked"}});
    scene.once("RESULT_RETRACT", {{"proposal", made}, {"reason", "wrong vial"}});

    // Given back, declined, withdrawn, cancelled.
    const std::string released = scene.fresh_offer();
    const Json old_proof = Scene::proof(scene.claim(released));
    scene.once("RELEASE", old_proof);
    scene.once("DECLINE", {{"proposal", scene.fresh_offer()}, {"reason", "no copper"}});
    scene.once("WITHDRAW", {{"proposal", scene.fresh_offer()}, {"reason", "too dear"}});
    const Json cancelled = Scene::proof(scene.claim(scene.fresh_offer()));
    scene.plain("START", cancelled);
    scene.once("CANCEL", {{"proposal", cancelled["proposal"]}, {"reason", "enough"}});
    scene.once("CANCEL_ACK", with(cancelled, {{"state", "stopped"}}));

    // Results that come too late.
    for (const char* kind : {"ACCEPT_HELD", "REFUSE_HELD"}) {
        const Json held = scene.plain("RESULT", with(old_proof, {{"outcome", kNoReaction}}));
        REQUIRE(held["held"] == true);
        if (std::string(kind) == "ACCEPT_HELD") {
            const Json again = Scene::proof(scene.claim(released));
            scene.plain("START", again);
        }
        scene.once(kind, {{"result", held["result"]}, {"reason", "seen the flask"}});
    }

    // A robot that falls silent.
    const Json silent = Scene::proof(scene.claim(scene.fresh_offer(), "robot"));
    scene.plain("START", silent);
    scene.wait_for_state(silent["proposal"], "UNKNOWN");
    scene.once("RESOLVE_UNKNOWN",
               {{"proposal", silent["proposal"]}, {"way", "failed"}, {"reason", "it burnt"}});

    // Review.
    scene.once("APPROVE", {{"proposal", scene.fresh_review()}});
    scene.once("REJECT", {{"proposal", scene.fresh_review()}, {"reason", "no"}});
    scene.once("EDIT",
               {{"proposal", scene.fresh_review()},
                {"candidate", another_candidate()},
                {"reason", "better"}});

    // An alarm, by a structure whose reader dies.
    const Json with_file = Scene::proof(scene.claim(scene.fresh_offer()));
    const std::string cif = "data_x\n";
    scene.ask("RESULT",
              with(with_file,
                   {{"cmd_id", make_ulid()},
                    {"blobs",
                     {{{"name", "x.cif"},
                       {"type", "chemical/x-cif"},
                       {"sha256", sha256_hex(cif)},
                       {"length", cif.size()}}}}}),
              {cif});
    Json alarms;
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (alarms.empty() && std::chrono::steady_clock::now() < deadline) {
        alarms = scene.ask("STATUS", Json::object())["alarms"];
    }
    REQUIRE_FALSE(alarms.empty());
    scene.once("ACK_ALARM", {{"alarm", alarms[0]["alarm"]}});

    // What nobody proposed, and campaigns.
    scene.once("OBSERVE",
               {{"campaign", "c"}, {"candidate", another_candidate()}, {"outcome", kNoReaction}});
    scene.once("CAMPAIGN_PAUSE", {{"campaign", "r"}, {"reason", "lunch"}});
    scene.once("CAMPAIGN_RESUME", {{"campaign", "r"}, {"reason", "back"}});
    scene.once("CAMPAIGN_STOP", {{"campaign", "r"}, {"reason", "enough"}});
    scene.once(
        "CAMPAIGN_NEW",
        {{"campaign", "n"},
         {"config",
          {{"pool", (scene.daemon().dir() / "pool.jsonl").string()}, {"policy", "popularity"}}}});

    CHECK(scene.seen() == kinds_with_cmd_id());
    CHECK(scene.daemon().stop() == 0);
    for (const char* campaign : {"c", "r", "n"}) {
        CHECK(breach_of_history(scene.daemon().store(), campaign) == "");
    }
}

TEST_CASE("a lost answer to RENEW, HELLO or BLOB_PUT is had by asking again", "[lost]") {
    Scene scene;
    const Json claim = scene.claim(scene.fresh_offer());
    const std::string hash = sha256_hex("onetwo");
    const auto twice = [&](const std::string& kind, const Json& body, const Texts& blobs) {
        scene.thief().arm();
        scene.client().send_command(kind, body, blobs);
        scene.thief().wait_until_stolen();
        return scene.client().ok(kind, body, blobs);
    };
    CHECK(twice("RENEW", {{"lease", claim["lease"]}, {"fence", claim["fence"]}}, {})["ttl_s"] > 0);
    CHECK(twice("HELLO", {{"client", "person"}}, {})["leases"].size() == 1);
    CHECK(twice("BLOB_PUT", {{"sha256", hash}, {"index", 0}, {"count", 2}}, {"one"})["complete"] ==
          false);
    CHECK(twice("BLOB_PUT", {{"sha256", hash}, {"index", 1}, {"count", 2}}, {"two"})["complete"] ==
          true);
    CHECK_FALSE(std::filesystem::exists(scene.daemon().dir() / "blobs" / "parts" / hash));
}
