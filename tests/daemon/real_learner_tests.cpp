// The real cupel-learner behind the service: a small campaign, killed in the middle.
#include <chrono>
#include <csignal>
#include <mutex>

#include <nlohmann/json.hpp>

#include "../learner/workbench/small_campaign.hpp"
#include "catch.hpp"
#include "learning/learner_process.hpp"
#include "learning/popularity_service.hpp"
#include "service_support.hpp"

using namespace cupel;
using namespace cupel::controller;
using Json = nlohmann::json;

TEST_CASE("a campaign goes on when the real learner is killed", "[learner_process]") {
    const test::SmallCampaign small;
    LearnerProcessOptions options;
    options.program = (test::bin_dir() / "cupel-learner").string();
    options.models = small.folder / "models";
    options.device = "cpu";
    options.epochs = 8;
    options.extra = {"--members", "1", "--width", "24", "--embedding", "8", "--rectified", "8"};
    options.first_pause = std::chrono::milliseconds(20);
    std::mutex mutex;
    int pid = 0;
    test::TestLedger ledger(std::chrono::seconds(240));
    LearnerProcess service(options, [&](const LogLine& line) {
        const auto at = line.text.find("started, process ");
        if (at != std::string::npos) {
            const std::lock_guard lock(mutex);
            pid = std::stoi(line.text.substr(at + 17));
        }
    });
    ledger.attach(service);
    const LearningTask task{"c", small.pool_file().string(), small.data_file().string(), "ucb", 5};
    const auto opened = ledger.value<OpenedModel>([&](auto done) { service.open(task, done); });
    CHECK(opened.candidates == static_cast<std::int64_t>(small.pool.size()));
    CHECK_FALSE(opened.kernel.empty());

    const std::vector<LearnerLabel> labels{test::label(small.pool[0], 1.0),
                                           test::label(small.pool[1], 0.0)};
    const auto observed =
        ledger.value<OpenedModel>([&](auto done) { service.observe("c", labels, done); });
    CHECK(observed.model != opened.model);

    SuggestRequest request;
    request.campaign = "c";
    request.count = 4;
    request.seed = 3;
    request.pending = {identity_key(small.pool[2])};
    request.labels = labels;
    const auto suggest = [&] {
        return ledger.value<Suggestion>([&](auto done) { service.suggest(request, done); });
    };
    const auto before = suggest();
    REQUIRE(before.picks.size() == 4);
    CHECK(before.model == observed.model);
    for (const auto& pick : before.picks) {
        for (int taken = 0; taken < 3; ++taken) {
            CHECK(pick.key != identity_key(small.pool[static_cast<std::size_t>(taken)]));
        }
    }

    {
        const std::lock_guard lock(mutex);
        ::kill(pid, SIGKILL);
    }
    // The same data, the same answer: nothing was lost with the process.
    const auto after = suggest();
    CHECK(after.model == before.model);
    CHECK(after.data_snapshot == before.data_snapshot);
    REQUIRE(after.picks.size() == 4);
    CHECK(after.picks[0].key == before.picks[0].key);
    CHECK(after.picks[0].score == before.picks[0].score);
    ledger.run_until([&] { return ledger.closed.size() == 1; }, "a closed alarm");
    CHECK(ledger.alarms.size() == 1);

    const auto why = ledger.value<std::string>([&](auto done) {
        service.why("c", before.picks[0].candidate, before.picks[0].acquisition_input, done);
    });
    CHECK(Json::parse(why)["p"].get<double>() == before.picks[0].p);
    // What came of them is held against what was promised, in a fresh child as well.
    const auto p_after = [&](const std::string& promise) {
        request.labels = labels;
        for (const auto& pick : before.picks) {
            request.labels.push_back(test::label(pick.candidate, 0.0));
            request.labels.back().acquisition_input = promise.empty() ? "" : pick.acquisition_input;
        }
        return suggest().picks.at(0).p;
    };
    const double unpromised = p_after("");
    const double promised = p_after("their own");
    CHECK(promised < unpromised);
    {
        const std::lock_guard lock(mutex);
        ::kill(pid, SIGKILL);
    }
    CHECK(p_after("their own") == promised);
    request.labels = labels;
    CHECK(suggest().picks.at(0).p == before.picks.at(0).p);
    // The gate may refuse; a label more is another training.
    TrainedModel trained;
    auto taught = labels;
    for (std::size_t i = 3; i < 12 && !trained.promoted; ++i) {
        trained =
            ledger.value<TrainedModel>([&](auto done) { service.train("c", false, taught, done); });
        CHECK((taught.size() > 2 || trained.parent == before.model));
        CHECK(trained.promoted == (trained.candidate == trained.model));
        request.labels = taught;
        taught.push_back(test::label(small.pool[i], 0.0));
    }
    REQUIRE(trained.promoted);
    {
        const std::lock_guard lock(mutex);
        ::kill(pid, SIGKILL);
    }
    // A fresh child goes on from the promoted model, not from the base.
    CHECK(suggest().model == trained.model);

    // Going back takes less than a second, and a fresh child goes on from there too.
    const auto begun = std::chrono::steady_clock::now();
    const auto back = ledger.value<OpenedModel>(
        [&](auto done) { service.roll_back("c", opened.model, labels, done); });
    CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(1));
    CHECK(back.model == before.model);
    request.labels = labels;
    {
        const std::lock_guard lock(mutex);
        ::kill(pid, SIGKILL);
    }
    CHECK(suggest().model == before.model);

    // Both services name the same data by the same hash.
    PopularityService popularity;
    ledger.attach(popularity);
    LearningTask counted = task;
    counted.policy = "popularity";
    CHECK(ledger.value<OpenedModel>([&](auto done) { popularity.open(counted, done); })
              .data_snapshot == opened.data_snapshot);
}

TEST_CASE("a label that the real learner cannot read stops nothing and is spoken of once",
          "[learner_process]") {
    const test::SmallCampaign small;
    LearnerProcessOptions options;
    options.program = (test::bin_dir() / "cupel-learner").string();
    options.models = small.folder / "models";
    options.device = "cpu";
    options.epochs = 4;
    options.extra = {"--members", "1", "--width", "24", "--embedding", "8", "--rectified", "8"};
    test::TestLedger ledger(std::chrono::seconds(240));
    LearnerProcess service(options);
    ledger.attach(service);
    const LearningTask task{"c", small.pool_file().string(), small.data_file().string(), "ucb", 5};
    const auto opened = ledger.value<OpenedModel>([&](auto done) { service.open(task, done); });
    Candidate torn = small.pool[1];
    torn.ligands.at(0).ligand.smiles = "C1CC(";
    const std::vector<LearnerLabel> labels{test::label(torn, 0.0), test::label(small.pool[0], 1.0)};
    for (int times = 0; times < 2; ++times) {
        const auto observed =
            ledger.value<OpenedModel>([&](auto done) { service.observe("c", labels, done); });
        CHECK(observed.model != opened.model);
    }
    ledger.run_posted();
    REQUIRE(ledger.alarms.size() == 1);
    CHECK(ledger.alarms[0].first == "c");
    CHECK_THAT(ledger.alarms[0].second, Catch::Contains("teaches the model nothing"));
    CHECK_THAT(ledger.alarms[0].second, Catch::Contains("C1CC("));
}

TEST_CASE("what the real learner cannot open is refused in its words", "[learner_process]") {
    const test::TempDir folder;
    LearnerProcessOptions options;
    options.program = (test::bin_dir() / "cupel-learner").string();
    options.models = folder / "models";
    test::TestLedger ledger(std::chrono::seconds(240));
    LearnerProcess service(options);
    ledger.attach(service);
    const auto answer = ledger.answer<OpenedModel>([&](auto done) {
        service.open({"c", "pool.jsonl", (folder / "none.csv").string(), "ucb", 1}, done);
    });
    CHECK(answer.error.find("none.csv") != std::string::npos);
    CHECK(ledger.alarms.empty());
}
