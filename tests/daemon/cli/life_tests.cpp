// The whole life of proposals, typed at the real program against a real daemon.
#include <fstream>

#include "catch.hpp"
#include "desk.hpp"

using namespace cupel;
using namespace cupel::test;

namespace {

bool has(const Ran& ran, const std::string& text) {
    UNSCOPED_INFO("expected " << text << " in: " << ran.output);
    return ran.output.find(text) != std::string::npos;
}

bool is_one_line(const Ran& ran) {
    return !ran.output.empty() && ran.output.find('\n') == ran.output.size() - 1;
}

std::string end_of(const std::string& id) {
    return id.substr(id.size() - 6);
}

}  // namespace

TEST_CASE("a person takes an offer from the list to its label", "[cli][life]") {
    Desk desk;
    const std::string id = desk.wait_for("OFFERED");
    const std::string name = end_of(id);
    CHECK(has(desk.type({"offers"}), "next: cupel claim "));
    CHECK(has(desk.type({"why", name}), "p = 0.250 that exactly this is made"));
    const Ran claimed = desk.type({"claim", name});
    CHECK(claimed.status == 0);
    CHECK(has(claimed, "claimed " + name));
    CHECK(has(claimed, "(in 72 h)"));
    CHECK(has(claimed, "next: cupel start " + name));
    CHECK(has(desk.type({"leases"}), name));
    CHECK(has(desk.type({"renew", name}), "is yours until"));
    CHECK(desk.json({"start", name, "--expected", "3d"})["state"] == "STARTED");
    CHECK(has(desk.type({"progress", name, "--stage", "crystallising"}), "crystallising"));
    const Json result = desk.json({"result", name, "--outcome", "mixture", "--target-seen", "yes"});
    CHECK(result["state"] == "LABELLED");
    CHECK(result["held"] == false);
    CHECK(desk.json({"amend", name, "--outcome", "amorphous"})["state"] == "LABELLED");
    CHECK(desk.json(
              {"overrule", name, "--outcome", "no_reaction", "--reason", "second look"})["state"] ==
          "LABELLED");
    CHECK(desk.json({"retract", name, "--reason", "wrong vial"})["state"] == "RETRACTED");
    const Ran log = desk.type({"log", "--campaign", "gold"});
    CHECK(has(log, "CLAIMED " + name + "  by local:anna@bench, as person"));
    CHECK(has(log, "VERDICT_OVERRULED " + name));
    CHECK(desk.type({"verify", (desk.dir / "cupel.db").string()}).status == 0);
}

TEST_CASE("a structure decides without a word from the worker", "[cli][life]") {
    Desk desk;
    const std::string name = end_of(desk.wait_for("OFFERED"));
    std::ofstream(desk.dir / "water.cif") << "data_water\n_cell_length_a 5\n";
    desk.json({"claim", name});
    const Ran sent = desk.type({"result", name, "--cif", (desk.dir / "water.cif").string()});
    CHECK(sent.status == 0);
    CHECK(has(sent, "the structure is being read"));
    // It holds no atoms: it waits for a person, and status says what to type.
    CHECK(end_of(desk.wait_for("AWAITING")) == name);
    CHECK(
        has(desk.type({"status"}), name + " AWAITING  its result gives no label: cupel overrule"));
    // What was seen without a proposal teaches too, until it is taken back.
    const std::string observation = desk.json({"observe",
                                               "--campaign",
                                               "gold",
                                               "--cluster",
                                               "[Au25(PET)18]-",
                                               "--outcome",
                                               "mass_confirmed"})["result"];
    CHECK(has(desk.type({"status"}), "1 label,"));
    CHECK(has(desk.type({"models"}), "gold\nMODEL"));
    const Ran neither = desk.type({"retract", "--reason", "the wrong page"});
    CHECK(neither.status == 2);
    CHECK(is_one_line(neither));
    CHECK(
        has(desk.type(
                {"retract", "--observation", observation.substr(20), "--reason", "the wrong page"}),
            "observation " + observation + " is taken back"));
    CHECK(has(desk.type({"status"}), "0 labels"));
}

TEST_CASE("a reviewer approves, edits, rejects and withdraws", "[cli][life]") {
    Desk desk({{"review", true}, {"open_offers", 4}});
    const std::string first = end_of(desk.wait_for("IN_REVIEW"));
    CHECK(has(desk.type({"status"}), "cupel approve " + first));
    CHECK(desk.json({"approve", first})["state"] == "OFFERED");
    CHECK(desk.json({"withdraw", first, "--reason", "no silver"})["state"] == "WITHDRAWN");
    const std::string second = end_of(desk.wait_for("IN_REVIEW"));
    const Json edited = desk.json({"edit", second, "--target", "[Au25(PET)18]-"});
    CHECK(edited["state"] == "WITHDRAWN");
    CHECK(has(desk.type({"offers"}), "[Au25(PET)18]-"));
    const std::string third = end_of(desk.wait_for("IN_REVIEW"));
    CHECK(desk.json({"reject", third, "--reason", "azide"})["state"] == "REJECTED");
}

TEST_CASE("two workers: declining, releasing, cancelling, and a late result", "[cli][life]") {
    Desk desk;
    const std::string name = end_of(desk.wait_for("OFFERED"));
    desk.json({"claim", name, "--as", "robot"}, "robot-1");
    const Ran late = desk.type({"claim", name});
    CHECK(late.status == 1);
    CHECK(is_one_line(late));
    CHECK(late.output.find("cupel: NOT_OFFERED: ") == 0);
    CHECK(has(late, "cupel offers shows what is left"));
    const Ran twice = desk.type({"claim", name}, "robot-1");
    CHECK(twice.status == 1);
    CHECK(twice.output == "cupel: NOT_OFFERED: robot-1 holds " + name +
                              " already (CLAIMED); cupel leases shows until when\n");
    const Ran foreign = desk.type({"start", name});
    CHECK(foreign.status == 1);
    CHECK(has(foreign, "not held by anna@bench"));
    CHECK(desk.json({"release", name}, "robot-1")["state"] == "OFFERED");
    CHECK(desk.json({"decline", name, "--reason", "smell"}, "robot-1")["state"] == "OFFERED");
    desk.json({"claim", name});
    desk.json({"start", name});
    CHECK(desk.json({"cancel", name, "--reason", "holidays"}, "boss")["state"] ==
          "CANCEL_REQUESTED");
    CHECK(desk.json({"cancel-ack", name, "--stopped"})["state"] == "CANCELLED");
    CHECK(desk.json({"result", name, "--outcome", "amorphous"})["held"] == true);
    const Json held = desk.json({"held", "list"});
    REQUIRE(held["held"].size() == 1);
    const auto result = held["held"][0]["result"].get<std::string>();
    desk.json({"held", "refuse", end_of(result), "--reason", "too late"}, "boss");
    CHECK(desk.json({"held", "list"})["held"].empty());
}

TEST_CASE("a command beside a robot of the same name leaves it its tags", "[cli][life]") {
    Desk desk(Json{{"requires", {"glovebox"}}});
    const std::string id = desk.wait_for("OFFERED");
    CHECK(desk.type({"claim", id}, "robot").status != 0);
    REQUIRE(desk.type({"claim", id, "--capability", "glovebox"}, "robot").status == 0);
    REQUIRE(desk.type({"release", id}, "robot").status == 0);
    CHECK(desk.type({"claim", id}, "robot").status == 0);
}

TEST_CASE("campaigns begin, pause, go on and stop", "[cli][life]") {
    Desk desk;
    const std::string pool = (desk.dir / "pool.jsonl").string();
    CHECK(
        desk.type({"campaign", "new", "silver", "--pool", pool, "--set", "open_offers=2"}).status ==
        0);
    CHECK(desk.json({"campaign", "pause", "silver"})["state"] == "PAUSED");
    CHECK(has(desk.type({"status"}), "silver is PAUSED: cupel campaign resume silver"));
    CHECK(desk.json({"campaign", "resume", "silver"})["state"] == "RUNNING");
    CHECK(desk.type({"campaign", "stop", "silver"}).status == 0);
    const Ran draft = desk.type({"campaign", "new", "d", "--pool", pool, "--set", "start=false"});
    CHECK(draft.output ==
          "campaign d is DRAFT and offers nothing yet\n  next: cupel campaign resume d\n");
    CHECK(desk.type({"campaign", "stop", "d"}).status == 0);
    CHECK(desk.json({"campaign", "list"})["campaigns"].size() == 3);
    const Ran wrong = desk.type({"campaign", "new", "x", "--pool", pool, "--set", "budgt=2"});
    CHECK(wrong.status == 2);
    CHECK(wrong.output == "cupel: budgt: unknown key; did you mean budget?\n");
    const Ran none = desk.type({"campaign", "new", "x", "--pool", pool, "--budget", "0"});
    CHECK(none.status == 2);
    CHECK(none.output == "cupel: budget: expected 1..1000000, got 0\n");
    CHECK(desk.type({"campaign", "pause", "copper"}).status == 2);
}

TEST_CASE("bad input is one clear line and exit 2", "[cli][life]") {
    Desk desk;
    const std::string name = end_of(desk.wait_for("OFFERED"));
    const std::vector<std::pair<std::vector<std::string>, std::string>> cases{
        {{"claim", "ZZZZZZ"}, "no proposal has an id"},
        {{"claim", "01J9Z2222222222222222K7Q2Z"}, "NO_SUCH_PROPOSAL"},
        {{"claim", name, "--as", "ghost"}, "expected person, robot or facility"},
        {{"start", name, "--expected", "soon"}, "--expected: expected a time"},
        {{"result", name, "--outcome", "good"}, "is no outcome"},
        {{"result", name, "--cif", "/nowhere.cif"}, "/nowhere.cif: there is no such file"},
        {{"result", name}, "needs --outcome, --cif or --stage"},
        {{"edit", name, "--target", "[Au25(XYZ)18]-"}, "XYZ"},
        {{"log", "--campaign", "copper"}, "NO_SUCH_CAMPAIGN"},
        {{"alarms", "--campaign", "copper"}, "NO_SUCH_CAMPAIGN"},
        {{"models", "copper"}, "NO_SUCH_CAMPAIGN"},
        {{"campaign", "new", "g 2", "--pool", "p"},
         "beginning with a letter or digit, got \"g 2\""},
        {{"start", name, "--expected", "1e9d"}, "--expected: expected at most 365d"},
        {{"resolve", name}, "say one of --reoffer"},
        {{"result", name, "--outcome", "no_reaction", "--attempt", "-1"}, "--attempt"},
        {{"result", name, "--outcome", "no_reaction", "--evidence", "a=1", "--evidence", "a=2"},
         "--evidence: a stands there twice"},
        {{"status", "--timeout", "nan"}, "--timeout: expected a number in 0.05..3600.0, got nan"},
        {{"pool", "build", "--limit", "-3", "-o", "p.jsonl"}, "--limit: expected a number in 1"},
        {{"pool", "build", "--max-cost", "nan", "-o", "p.jsonl"}, "--max-cost: expected a number"},
        {{"pool", "show", "a\nb\x1b[31m"}, "a?b?[31m"},
        {{"frobnicate"}, "there is no command \"frobnicate\""}};
    for (const auto& [arguments, text] : cases) {
        const Ran ran = desk.type(arguments);
        CHECK(has(ran, text));
        CHECK(ran.status == 2);
        CHECK(is_one_line(ran));
    }
}

TEST_CASE("what a restore made UNKNOWN is no silent worker, also when the campaign goes on",
          "[cli][life]") {
    Desk desk;
    const std::string store = (desk.dir / "cupel.db").string();
    const std::string copy = (desk.dir / "monday.db").string();
    const std::string name = end_of(desk.wait_for("OFFERED"));
    REQUIRE(desk.type({"backup", copy, "--store", store}).status == 0);
    desk.daemon.reset();
    REQUIRE(run_cupel({"restore", copy, "--store", store}).status == 0);
    desk.open();
    desk.wait_for("UNKNOWN");
    const std::string said = name + " UNKNOWN  an older copy of the store does not know";
    CHECK(has(desk.type({"status"}), said));
    CHECK(desk.json({"campaign", "resume", "gold"})["state"] == "RUNNING");
    CHECK(has(desk.type({"status"}), said));
}

TEST_CASE("a campaign that is made by hand has the defaults of the daemon's learner",
          "[cli][life]") {
    const TempDir dir;
    std::ofstream(dir / "pool.jsonl") << "";
    auto config = controller::Config::isolated();
    config.store.path = dir / "cupel.db";
    controller::Controller counts(config);
    counts.start();
    const std::map<std::string, std::string> there{{"CUPEL_CONNECT", counts.control_endpoint()}};
    const Ran made =
        run_cupel({"campaign", "new", "g", "--pool", (dir / "pool.jsonl").string()}, there);
    INFO(made.output);
    CHECK(made.status == 0);
    const Json all = Json::parse(run_cupel({"campaign", "list", "--json"}, there).output);
    CHECK(all["campaigns"][0]["policy"] == "popularity");
}

TEST_CASE("no daemon at the endpoint names it", "[cli]") {
    const Ran ran = run_cupel({"status", "--connect", "ipc:///nowhere/ctrl", "--timeout", "0.2"});
    CHECK(ran.status == 1);
    CHECK(is_one_line(ran));
    CHECK(has(ran, "no cupeld answers at ipc:///nowhere/ctrl"));
}

TEST_CASE("init writes what cupeld accepts, and replaces nothing unasked", "[cli]") {
    const TempDir dir;
    std::ofstream(dir / "p.jsonl") << "";
    const std::string file = (dir / "cupeld.toml").string();
    const Ran ran = run_cupel({"campaign",
                               "init",
                               "--name",
                               "gold",
                               "--pool",
                               "p.jsonl",
                               "--data",
                               "",
                               "--yes",
                               "-o",
                               file});
    INFO(ran.output);
    CHECK(ran.status == 0);
    ChildProcess check({(bin_dir() / "cupeld").string(), "--config", file, "--check"});
    std::string said;
    CHECK(check.finish(said) == 0);
    CHECK(said.find("is sound: 1 campaigns") != std::string::npos);
    // Without a table there is no model, and without a model only these two policies.
    const auto config = controller::Config::load(file);
    CHECK(config.learner.kind == "popularity");
    CHECK(Json::parse(config.campaigns.at("gold"))["policy"] == "popularity");
    CHECK(run_cupel({"campaign", "init", "--yes", "-o", file}).status == 2);
}

TEST_CASE("every command shows an example", "[cli]") {
    for (const std::string verb :
         {"status",  "offers",   "why",     "log",      "claim",      "leases",  "renew",
          "start",   "progress", "release", "decline",  "cancel-ack", "result",  "amend",
          "observe", "approve",  "reject",  "withdraw", "cancel",     "retract", "edit",
          "resolve", "overrule", "ack",     "verify"}) {
        const Ran ran = run_cupel({verb, "--help"});
        CHECK(ran.status == 0);
        CHECK(has(ran, "example: cupel " + verb));
    }
}
