// The supervised learner: a script in its place dies, hangs, babbles and comes back.
#include <chrono>
#include <csignal>
#include <fstream>
#include <mutex>
#include <thread>

#include <nlohmann/json.hpp>

#include "catch.hpp"
#include "learning/learner_process.hpp"
#include "service_support.hpp"
#include "skip.hpp"
#include "stub_program.hpp"
#include "temp_dir.hpp"

using namespace cupel;
using namespace cupel::controller;
using Json = nlohmann::json;

namespace {

/// A learner that answers as it should, but for what `misbehaviour` does first; it may use
/// `request`, `do`, `run` and answer by say().
struct Fixture {
    explicit Fixture(const std::string& misbehaviour = "pass", LearnerProcessOptions options = {}) {
        options.program = test::write_stub(folder, R"(
def say(answer):
    sys.stdout.write(json.dumps(answer) + '\n')
    sys.stdout.flush()
def misbehave(request, do):
    )" + misbehaviour + R"(
labels = None
for line in sys.stdin:
    request = json.loads(line)
    do = request['do']
    with open(folder + '/requests', 'a') as f:
        f.write(json.dumps({'run': run, 'do': do, 'labels': len(request.get('labels', []))}) + '\n')
    misbehave(request, do)
    if do == 'open':
        labels = []
    if labels is None and do != 'ping':
        say({'id': request['id'], 'error': {'code': 'no_such_campaign', 'text': 'not open here'}})
        continue
    labels = request.get('labels', labels)
    snapshot = 'data-%d' % len(labels or [])
    ok = {'model': 'm', 'data_snapshot': snapshot}
    if do == 'open':
        ok.update(kernel='stub', candidates=7, device=request['device'], epochs=request.get('epochs'))
    if do == 'train':
        ok.update(parent='m0', promoted=request['kind'] == 'full', gate={'text': 'well'})
    if do == 'suggest':
        candidate = json.load(open(folder + '/candidate'))
        pick = {'key': 'k', 'candidate': candidate, 'p': 0.5, 'interaction': 1.5, 'popularity': -1,
                'uncertainty': 0.25, 'score': 2, 'cost': 3, 'reason': 'because',
                'nearest': [{'name': 'n', 'source': 's', 'similarity': 0.75}],
                'acquisition_input': json.dumps({'seed': request['seed']})}
        ok.update(policy='ucb', kernel='stub', picks=[pick] * request['count'])
    if do == 'why':
        ok = {'text': 'so', 'candidate': request['candidate'], 'input': request['acquisition_input']}
    say({'id': request['id'], 'ok': ok})
)");
        options.models = folder / "models";
        if (options.first_pause == std::chrono::milliseconds(1000)) {
            options.first_pause = std::chrono::milliseconds(20);
        }
        std::ofstream(folder / "candidate") << codec::encode(cluster);
        service = std::make_unique<LearnerProcess>(options, [this](const LogLine& line) {
            {
                const std::lock_guard lock(log_mutex);
                log += line.text + "\n";
            }
            ledger.post([] {});  // wakes who waits for the line
        });
        ledger.attach(*service);
    }

    OpenedModel open(const std::string& campaign = "c") {
        return ledger.value<OpenedModel>([&](auto done) {
            service->open({campaign, "pool", "data", "ucb", 5}, done);
        });
    }
    OpenedModel observe(int labels) {
        return ledger.value<OpenedModel>(
            [&](auto done) { service->observe("c", some(labels), done); });
    }
    Answer<TrainedModel> train(int labels, bool full = true) {
        return ledger.answer<TrainedModel>(
            [&](auto done) { service->train("c", full, some(labels), done); });
    }
    Answer<Suggestion> suggest(int labels, const std::string& campaign = "c") {
        SuggestRequest request;
        request.campaign = campaign;
        request.count = 2;
        request.seed = 9;
        request.labels = some(labels);
        return ledger.answer<Suggestion>([&](auto done) { service->suggest(request, done); });
    }
    std::vector<LearnerLabel> some(int labels) const {
        return std::vector<LearnerLabel>(static_cast<std::size_t>(labels),
                                         test::label(cluster, 1.0));
    }
    /// What the child was asked in each run: "open observe:2 | ping open observe:2 train:2".
    std::string asked() {
        std::ifstream in(folder / "requests");
        std::string text;
        int run = 1;
        for (std::string line; std::getline(in, line);) {
            const Json json = Json::parse(line);
            for (; run < json["run"].get<int>(); ++run) {
                text += " |";
            }
            const int labels = json["labels"].get<int>();
            text += (text.empty() ? "" : " ") + json["do"].get<std::string>() +
                    (labels > 0 ? ":" + std::to_string(labels) : "");
        }
        return text;
    }
    void wait_for_recovery() {
        ledger.run_until([&] { return !ledger.closed.empty(); }, "an alarm to be closed");
    }
    void wait_for_alarms(std::size_t count) {
        ledger.run_until([&] { return ledger.alarms.size() >= count; }, "an alarm");
    }
    void wait_for_line(const std::string& part) {
        ledger.run_until([&] { return logged().find(part) != std::string::npos; }, part);
    }
    std::string logged() {
        const std::lock_guard lock(log_mutex);
        return log;
    }

    test::TempDir folder;
    Candidate cluster = test::candidate({{"Au", 25}}, {{test::methanethiolate(), 18}});
    std::mutex log_mutex;
    std::string log;
    test::TestLedger ledger;
    std::unique_ptr<LearnerProcess> service;
};

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

#define NEEDS_PYTHON()                                   \
    if (!test::has_python()) {                           \
        CUPEL_SKIP("/usr/bin/python3 is not installed"); \
    }

TEST_CASE("requests reach the learner and answers come back whole", "[learner_process]") {
    NEEDS_PYTHON();
    LearnerProcessOptions options;
    options.device = "cpu";
    options.epochs = 3;
    Fixture f("pass", options);
    const auto opened = f.open();
    CHECK(opened.model == "m");
    CHECK(opened.kernel == "stub");
    CHECK(opened.candidates == 7);
    CHECK(Json::parse(opened.details_json)["device"] == "cpu");
    CHECK(Json::parse(opened.details_json)["epochs"] == 3);
    CHECK(f.observe(2).data_snapshot == "data-2");
    const auto trained = f.train(2, false).value.value();
    CHECK(trained.parent == "m0");
    CHECK_FALSE(trained.promoted);
    CHECK(Json::parse(trained.details_json)["gate"]["text"] == "well");
    const auto suggestion = f.suggest(2).value.value();
    CHECK(suggestion.policy == "ucb");
    REQUIRE(suggestion.picks.size() == 2);
    const Pick& pick = suggestion.picks[0];
    CHECK(identity_key(pick.candidate) == identity_key(f.cluster));
    CHECK(pick.key == "k");
    CHECK(pick.uncertainty == 0.25);
    CHECK(pick.cost == 3);
    CHECK(pick.reason == "because");
    CHECK(pick.nearest.at(0).similarity == 0.75);
    CHECK(pick.acquisition_input == "{\"seed\": 9}");
    const auto why = f.ledger.value<std::string>(
        [&](auto done) { f.service->why("c", f.cluster, pick.acquisition_input, done); });
    CHECK(Json::parse(why)["input"] == pick.acquisition_input);
    CHECK(f.asked() == "open observe:2 train:2 suggest why");
    CHECK(f.ledger.alarms.empty());
}

TEST_CASE("labels that a suggestion carries are told first when they are new",
          "[learner_process]") {
    NEEDS_PYTHON();
    Fixture f;
    f.open();
    CHECK(f.suggest(3).value->data_snapshot == "data-3");
    CHECK(f.suggest(3).value.has_value());
    CHECK(f.asked() == "open observe:3 suggest suggest");
}

TEST_CASE("a learner that dies is started again and loses nothing", "[learner_process]") {
    NEEDS_PYTHON();
    Fixture f("if do == 'train' and run == 1: sys.stderr.write('my last words\\n'); os._exit(7)");
    f.open();
    f.observe(2);
    const auto trained = f.train(4);
    CHECK(trained.error == "");
    CHECK(trained.value->data_snapshot == "data-4");
    f.wait_for_recovery();
    CHECK(f.asked() == "open observe:2 train:4 | ping open observe:4 train:4");
    REQUIRE(f.ledger.alarms.size() == 1);
    CHECK(f.ledger.alarms[0].first == "");
    CHECK(contains(f.ledger.alarms[0].second, "ended with exit status 7; it said: my last words"));
    CHECK(f.ledger.closed[0].text == f.ledger.alarms[0].second);
    CHECK(f.ledger.closed[0].note == "the learner answers again after 1 restart");
    CHECK(contains(f.logged(), "[cupel-learner] my last words"));
    const LearnerStatus status = f.service->status();
    CHECK(status.restarts == 1);
    CHECK(status.trainings == 1);
    CHECK(status.training_s > 0.0);
    CHECK(status.problem == "");
    CHECK(status.state == "ready");
    CHECK(status.waiting == 0);
}

TEST_CASE("a call that ends the learner each time is refused, the others are served",
          "[learner_process]") {
    NEEDS_PYTHON();
    Fixture f("if do == 'train': os.kill(os.getpid(), signal.SIGKILL)");
    f.open();
    const auto trained = f.train(1);
    CHECK_FALSE(trained.value);
    CHECK(contains(trained.error, "signal 9 (Killed)"));
    CHECK(contains(trained.error, "2 times"));
    CHECK(f.suggest(1).value->data_snapshot == "data-1");
    f.wait_for_recovery();
    CHECK(f.ledger.alarms.size() == 1);
    CHECK(f.ledger.closed.size() == 1);
    CHECK(test::starts_of(f.folder) == 3);
}

TEST_CASE("a learner that died while nobody asked is back before somebody does",
          "[learner_process]") {
    NEEDS_PYTHON();
    Fixture f(
        "if run == 1 and do == 'observe':\n"
        "        say({'id': request['id'], 'ok': {'model': 'm', 'data_snapshot': 'd'}})\n"
        "        os._exit(0)");
    f.open();
    f.observe(2);
    f.wait_for_recovery();
    CHECK(f.asked() == "open observe:2 | ping open observe:2");
    CHECK(f.suggest(2).value.has_value());
    CHECK(f.asked() == "open observe:2 | ping open observe:2 suggest");
}

TEST_CASE("silence during a call ends the learner, progress does not", "[learner_process]") {
    NEEDS_PYTHON();
    LearnerProcessOptions options;
    options.silence = std::chrono::milliseconds(3000);
    SECTION("silence") {
        Fixture f("if do == 'train' and run == 1: time.sleep(1000)", options);
        f.open();
        CHECK(f.train(1).value.has_value());
        f.wait_for_recovery();
        CHECK(contains(f.ledger.alarms[0].second, "said nothing for 3 s during train"));
    }
    SECTION("progress") {
        Fixture f(
            "if do == 'train':\n"
            "        for i in range(16):\n"
            "            say({'progress': {'text': 'working'}})\n"
            "            time.sleep(0.25)",
            options);
        f.open();
        CHECK(f.train(1).value.has_value());
        CHECK(f.ledger.alarms.empty());
    }
}

TEST_CASE("lines that are no answers are passed over", "[learner_process]") {
    NEEDS_PYTHON();
    Fixture f(
        "sys.stdout.buffer.write(b'\\xff\\xfe garbage\\n\\n[1,2]\\n{\"id\":77,\"ok\":{}}\\n')\n"
        "    print('warning: something', flush=True)");
    f.open();
    CHECK(f.suggest(0).value.has_value());
    CHECK(f.ledger.alarms.empty());
    CHECK(contains(f.logged(), "a line that is no answer (number 1)"));
    CHECK(contains(f.logged(), "warning: something"));
}

TEST_CASE("a line nested deeper than any answer is passed over, whatever it says it is",
          "[learner_process]") {
    NEEDS_PYTHON();
    Fixture f(
        "deep = '[' * 1000000 + ']' * 1000000\n"
        "    for kind in ('progress', 'error', 'ok'):\n"
        "        sys.stdout.write('{\"id\":%d,\"%s\":%s}\\n' % (request['id'], kind, deep))");
    f.open();
    CHECK(f.suggest(0).value.has_value());
    CHECK(f.ledger.alarms.empty());
    CHECK(contains(f.logged(), "a line that is no answer (number 6)"));
}

TEST_CASE("a learner that floods its standard error does not flood the log", "[learner_process]") {
    NEEDS_PYTHON();
    Fixture f(
        "if do == 'train' and run == 1:\n"
        "        sys.stderr.write('a warning\\n' * 100000 + 'x' * 100000 + '\\nmy last words\\n')\n"
        "        sys.stderr.flush()\n"
        "        os._exit(7)");
    f.open();
    CHECK(f.train(1).value.has_value());
    f.wait_for_recovery();
    CHECK(contains(f.ledger.alarms[0].second, "it said: my last words"));
    CHECK(contains(f.logged(), " more lines to its standard error, too many to log"));
    CHECK(f.logged().size() < 100'000);
}

TEST_CASE("what the learner refuses is refused with its words", "[learner_process]") {
    NEEDS_PYTHON();
    Fixture f(
        "if do == 'open' and request['campaign'] == 'bad':\n"
        "        say({'id': request['id'], 'error': {'code': 'bad_pool', 'text': 'p:3: no'}})\n"
        "    if do == 'train': say({'id': request['id'], 'ok': {'model': 'm'}})");
    const auto bad = f.ledger.answer<OpenedModel>([&](auto done) {
        f.service->open({"bad", "pool", "data", "ucb", 1}, done);
    });
    CHECK(bad.error == "p:3: no");
    CHECK(f.suggest(0, "bad").error == "campaign 'bad' is not open");
    f.open();
    CHECK(contains(f.train(0).error, "the answer of cupel-learner to train does not hold"));
    CHECK(f.ledger.alarms.empty());
}

TEST_CASE("a learner that cannot be started is one alarm and clear refusals", "[learner_process]") {
    LearnerProcessOptions options;
    options.program = "/nonexistent/cupel-learner";
    options.first_pause = std::chrono::milliseconds(5);
    test::TempDir folder;
    options.models = folder / "models";
    test::TestLedger ledger;
    LearnerProcess service(options);
    ledger.attach(service);
    const auto opened = ledger.answer<OpenedModel>([&](auto done) {
        service.open({"c", "pool", "data", "ucb", 1}, done);
    });
    CHECK(contains(opened.error, "cannot run /nonexistent/cupel-learner: No such file"));
    const auto again = ledger.answer<OpenedModel>([&](auto done) {
        service.open({"c", "pool", "data", "ucb", 1}, done);
    });
    CHECK_FALSE(again.value);
    CHECK(ledger.alarms.size() == 1);
}

TEST_CASE("a learner that dies at every start refuses who waits", "[learner_process]") {
    NEEDS_PYTHON();
    Fixture f("os._exit(9)");
    const auto opened = f.ledger.answer<OpenedModel>([&](auto done) {
        f.service->open({"c", "pool", "data", "ucb", 1}, done);
    });
    CHECK(contains(opened.error, "exit status 9"));
    CHECK(f.ledger.alarms.size() == 1);
}

TEST_CASE("a campaign whose files went away is refused after a restart, not for ever asked",
          "[learner_process]") {
    NEEDS_PYTHON();
    Fixture f(
        "if run == 1 and do == 'train': os._exit(1)\n"
        "    if run > 1 and do == 'open':\n"
        "        say({'id': request['id'], 'error': {'code': 'bad_pool', 'text': 'gone'}})");
    f.open();
    const auto trained = f.train(1);
    CHECK(contains(trained.error, "cannot take up the campaign again: gone"));
}

TEST_CASE("why is refused at once while the learner is away", "[learner_process]") {
    NEEDS_PYTHON();
    LearnerProcessOptions options;
    options.first_pause = std::chrono::hours(1);
    Fixture f("if do == 'train': os._exit(1)", options);
    f.open();
    f.service->train("c", false, {}, [](Answer<TrainedModel>) {});
    f.wait_for_alarms(1);
    const auto why =
        f.ledger.answer<std::string>([&](auto done) { f.service->why("c", f.cluster, "", done); });
    CHECK(why.error == "the learner is away and comes back by itself");
    const LearnerStatus status = f.service->status();
    CHECK(status.state == "away");
    CHECK(contains(status.problem, "exit status 1"));
    CHECK(status.waiting == 1);
}

TEST_CASE("why is refused at once while the learner trains, and soon where it is stuck",
          "[learner_process]") {
    NEEDS_PYTHON();
    LearnerProcessOptions options;
    options.why_patience = std::chrono::milliseconds(100);
    Fixture f(
        "if do in ('train', 'suggest'):\n"
        "        open(folder + '/begun', 'w').close()\n"
        "        while not os.path.exists(folder + '/go'): time.sleep(0.01)",
        options);
    f.open();
    const auto why = [&] {
        return f.ledger.answer<std::string>(
            [&](auto done) { f.service->why("c", f.cluster, "", done); });
    };
    const auto begun = [&] {
        while (!std::filesystem::exists(f.folder / "begun")) {
            std::this_thread::yield();
        }
        std::filesystem::remove(f.folder / "begun");
    };
    CHECK(why().value.has_value());
    int trained = 0;
    f.service->train(
        "c", true, {}, [&](Answer<TrainedModel> answer) { trained += answer.value ? 1 : 0; });
    begun();
    CHECK(why().error == "the learner is busy training");
    std::ofstream(f.folder / "go").close();
    f.ledger.run_until([&] { return trained == 1; }, "the training");
    CHECK(why().value.has_value());
    std::filesystem::remove(f.folder / "go");
    int suggested = 0;
    SuggestRequest request;
    request.campaign = "c";
    f.service->suggest(request,
                       [&](Answer<Suggestion> answer) { suggested += answer.value ? 1 : 0; });
    begun();
    CHECK(contains(why().error, "did not answer in time"));
    std::ofstream(f.folder / "go").close();
    f.ledger.run_until([&] { return suggested == 1; }, "the suggestion");
    CHECK(f.ledger.alarms.empty());
}

TEST_CASE("why says so when its campaign is still being opened", "[learner_process]") {
    NEEDS_PYTHON();
    LearnerProcessOptions options;
    options.why_patience = std::chrono::milliseconds(100);
    Fixture f(
        "if do == 'open':\n"
        "        while not os.path.exists(folder + '/go'): time.sleep(0.01)",
        options);
    int opened = 0;
    f.service->open({"c", "pool", "data", "ucb", 5},
                    [&](Answer<OpenedModel> answer) { opened += answer.value ? 1 : 0; });
    const auto why =
        f.ledger.answer<std::string>([&](auto done) { f.service->why("c", f.cluster, "", done); });
    CHECK(why.error == "the learner is still opening the campaign; ask once more in a while");
    std::ofstream(f.folder / "go").close();
    f.ledger.run_until([&] { return opened == 1; }, "the opening");
}

TEST_CASE("a question whose answer came too late does not spoil the next one",
          "[learner_process]") {
    NEEDS_PYTHON();
    LearnerProcessOptions options;
    options.why_patience = std::chrono::milliseconds(100);
    Fixture f(
        "if do == 'why' and not os.path.exists(folder + '/go'):\n"
        "        while not os.path.exists(folder + '/go'): time.sleep(0.01)",
        options);
    f.open();
    const auto late =
        f.ledger.answer<std::string>([&](auto done) { f.service->why("c", f.cluster, "", done); });
    CHECK(contains(late.error, "did not answer in time"));
    std::ofstream(f.folder / "go").close();
    CHECK(f.suggest(1).value.has_value());
    CHECK(f.ledger.answer<std::string>([&](auto done) { f.service->why("c", f.cluster, "", done); })
              .value.has_value());
}

TEST_CASE("going back to a model is what a fresh learner goes on from", "[learner_process]") {
    NEEDS_PYTHON();
    Fixture f("if do == 'suggest' and run == 1: os._exit(3)");
    f.open();
    const auto back = f.ledger.value<OpenedModel>(
        [&](auto done) { f.service->roll_back("c", "earlier", f.some(2), done); });
    CHECK(back.data_snapshot == "data-2");
    f.service->forget("c", {"old"});
    CHECK(f.suggest(2).value.has_value());
    CHECK(f.asked() == "open rollback:2 forget suggest | ping open observe:2 suggest");
}

TEST_CASE("a memory limit is a death like any other", "[learner_process]") {
    NEEDS_PYTHON();
    LearnerProcessOptions options;
    options.memory = 1u << 30;
    Fixture f("if do == 'train' and run == 1: x = bytearray(2 << 30)", options);
    f.open();
    CHECK(f.train(1).value.has_value());
    f.wait_for_recovery();
    CHECK(contains(f.ledger.alarms[0].second, "MemoryError"));
}

TEST_CASE("stop ends a learner that will not go, in bounded time, and nobody is called after",
          "[learner_process]") {
    NEEDS_PYTHON();
    LearnerProcessOptions options;
    options.stop_patience = std::chrono::milliseconds(200);
    Fixture f(
        "if do == 'train':\n"
        "        signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "        sys.stderr.write('deaf\\n')\n"
        "        say({'progress': {}})\n"
        "        time.sleep(1000)",
        options);
    f.open();
    const std::string log = f.logged();
    const auto at = log.find("process ");
    REQUIRE(at != std::string::npos);
    const int pid = std::stoi(log.substr(at + 8));
    int answers = 0;
    f.service->train("c", false, {}, [&](Answer<TrainedModel>) { ++answers; });
    f.service->observe("c", {}, [&](Answer<OpenedModel>) { ++answers; });
    f.wait_for_line("deaf");
    // Refused while the learner trains: an answer that is on its way when the service stops.
    f.service->why("c", f.cluster, "", [&](Answer<std::string>) { ++answers; });
    const auto begin = std::chrono::steady_clock::now();
    f.service->stop();
    f.service->stop();
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(30));
    CHECK(::kill(pid, 0) == -1);
    f.service->train("c", false, {}, [&](Answer<TrainedModel>) { ++answers; });
    f.service->why("c", f.cluster, "", [&](Answer<std::string>) { ++answers; });
    f.ledger.run_posted();
    CHECK(answers == 0);
}
