// Calls, answers and deaths of the child in any order.
#include <chrono>
#include <deque>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "catch.hpp"
#include "learning/learner_calls.hpp"

using namespace cupel;
using controller::LearnerCall;
using controller::LearnerCalls;
using Json = nlohmann::json;

namespace {

constexpr std::chrono::seconds kPatience{1};

/// How often each call was answered and refused.
struct Outcome {
    int done = 0, refused = 0;
    std::string why;  ///< of the last refusal
};

LearnerCall make_call(const std::string& verb, const std::string& campaign, Outcome& outcome) {
    LearnerCall call;
    call.verb = verb;
    call.campaign = campaign;
    call.request = {{"do", verb}, {"campaign", campaign}};
    call.done = [&outcome](const Json&) { ++outcome.done; };
    call.refuse = [&outcome](const std::string& why) {
        ++outcome.refused;
        outcome.why = why;
    };
    return call;
}

LearnerCall make_training(const std::string& campaign, const Json& labels, Outcome& outcome) {
    LearnerCall call = make_call("train", campaign, outcome);
    call.labels = labels;
    call.request["labels"] = labels;
    return call;
}

/// What a child has been told; says what was asked of it too early.
class ToldChild {
  public:
    std::string hear(const LearnerCall& call) {
        const Json& request = call.request;
        if (call.verb == "ping") {
            return "";
        }
        if (call.verb == "open") {
            labels_[call.campaign] = Json::array();
            return "";
        }
        const auto known = labels_.find(call.campaign);
        if (known == labels_.end()) {
            return call.verb + " before open";
        }
        if (request.contains("labels")) {
            known->second = request["labels"];
        }
        // A question and a suggestion are answered from what the child knows.
        const auto newest = newest_.find(call.campaign);
        if (call.verb == "suggest" && call.labels && known->second != *call.labels) {
            return "suggest with other labels";
        }
        return call.verb == "why" && newest != newest_.end() && known->second != newest->second
                   ? "why with old labels"
                   : "";
    }
    void note_newest(const LearnerCall& call) {
        if (call.labels) {
            newest_[call.campaign] = *call.labels;
        } else if (call.verb == "open" && !call.own()) {
            newest_.erase(call.campaign);
        }
    }
    void die() { labels_.clear(); }

  private:
    std::map<std::string, Json> labels_;  ///< of this child
    std::map<std::string, Json> newest_;  ///< of what it was ever told
};

Json answer_to(const LearnerCall& call) {
    Json ok{{"model", "m"}, {"promoted", true}};
    return {{"id", call.request["id"]}, {"ok", ok}};
}

Json error_to(const LearnerCall& call, const std::string& text) {
    return {{"id", call.request["id"]}, {"error", {{"text", text}}}};
}

/// Calls with a first child, and the alarms they raised.
struct Conversation {
    std::vector<std::string> alarms;  ///< "CAMPAIGN: TEXT"
    LearnerCalls calls{{2, kPatience},
                       [this](const std::string& campaign, const std::string& text) {
                           alarms.push_back(campaign + ": " + text);
                       }};

    Conversation() { calls.begin_with_new_child(false); }
    /// Answers whatever is due; the verbs of it.
    std::vector<std::string> serve() {
        std::vector<std::string> said;
        while (const LearnerCall* const due = calls.next()) {
            said.push_back(due->verb);
            calls.take_answer(answer_to(*due));
        }
        return said;
    }
    void open(const std::string& campaign) {
        Outcome opened;
        calls.add(make_call("open", campaign, opened));
        serve();
        REQUIRE(opened.done == 1);
    }
};

using Verbs = std::vector<std::string>;

}  // namespace

TEST_CASE(
    "every call is answered or refused once, and no child hears of a campaign it was not told",
    "[learner_calls]") {
    for (unsigned seed = 0; seed < 200; ++seed) {
        INFO("seed " << seed);
        std::mt19937 random(seed);
        const auto draw = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
        LearnerCalls calls({2, kPatience}, [](const std::string&, const std::string&) {});
        ToldChild child;
        std::deque<Outcome> outcomes;
        int labels = 0;
        calls.begin_with_new_child(false);
        for (int step = 0; step < 200; ++step) {
            const unsigned what = draw(8);
            if (what < 4) {
                const char* const verbs[] = {"open", "observe", "train", "suggest", "why"};
                const char* const campaigns[] = {"a", "b"};
                LearnerCall call =
                    make_call(verbs[draw(5)], campaigns[draw(2)], outcomes.emplace_back());
                if (call.verb == "observe" || call.verb == "train" || call.verb == "suggest") {
                    call.labels = Json::array({++labels});
                    if (call.verb != "suggest") {
                        call.request["labels"] = *call.labels;
                    }
                }
                calls.add(std::move(call));
            } else if (what < 7) {
                if (calls.current() != nullptr) {
                    calls.take_answer(answer_to(*calls.current()));
                } else if (const LearnerCall* const due = calls.next()) {
                    child.note_newest(*due);
                    CHECK(child.hear(*due) == "");
                }
            } else if (draw(4) == 0) {
                calls.child_lost("ended");
                child.die();
                calls.begin_with_new_child(draw(2) == 0);
            }
        }
        // Whoever still waits is answered in the end.
        while (calls.current() != nullptr || calls.next() != nullptr) {
            calls.take_answer(answer_to(*calls.current()));
        }
        CHECK(calls.waiting() == 0);
        int answered = 0;
        for (const auto& outcome : outcomes) {
            CHECK(outcome.done + outcome.refused == 1);
            answered += outcome.done;
        }
        CHECK(answered > 0);
    }
}

TEST_CASE("a question goes before what waits, but behind the opening of its campaign",
          "[learner_calls]") {
    Conversation with;
    Outcome ignored;
    for (const char* const verb : {"open", "suggest", "suggest", "why"}) {
        with.calls.add(make_call(verb, "c", ignored));
    }
    CHECK(with.serve() == Verbs{"open", "why", "suggest", "suggest"});
}

TEST_CASE("only what bears the number of the call is its answer", "[learner_calls]") {
    Conversation with;
    LearnerCalls& calls = with.calls;
    Outcome outcome;
    CHECK_FALSE(calls.is_answer({{"ok", true}}));
    calls.add(make_call("open", "c", outcome));
    const LearnerCall* const due = calls.next();
    REQUIRE(due != nullptr);
    const Json id = due->request["id"];
    CHECK_FALSE(calls.is_answer({{"id", id.get<int>() + 1}, {"ok", true}}));
    CHECK_FALSE(calls.is_answer({{"id", id}}));
    CHECK_FALSE(calls.is_answer(Json::array({id})));
    CHECK(calls.is_answer({{"id", id}, {"error", "no"}}));
    CHECK(calls.is_answer({{"ok", true}}));  // to a request that could not be read
}

TEST_CASE("a question waits for no training, and for nothing else beyond its patience",
          "[learner_calls]") {
    Conversation with;
    LearnerCalls& calls = with.calls;
    Outcome question, other;
    with.open("c");
    LearnerCall why = make_call("why", "c", question);
    const auto asked = why.asked;
    SECTION("the learner trains") {
        calls.add(make_training("c", Json::array(), other));
        REQUIRE(calls.next()->verb == "train");
        calls.add(std::move(why));
        CHECK(question.why == "the learner is busy training");
        CHECK(calls.waiting() == 0);
    }
    SECTION("it waits behind another call") {
        calls.add(make_call("suggest", "c", other));
        REQUIRE(calls.next() != nullptr);
        calls.add(std::move(why));
        CHECK(calls.first_late_question(asked) == asked + kPatience);
        calls.refuse_late_questions(asked + kPatience - std::chrono::nanoseconds(1));
        CHECK(question.refused == 0);
        calls.refuse_late_questions(asked + kPatience);
        CHECK(question.why == "the learner is busy and did not answer in time");
        CHECK(calls.waiting() == 0);
    }
    SECTION("its campaign is being opened") {
        calls.add(make_call("open", "c", other));
        REQUIRE(calls.next() != nullptr);
        calls.add(std::move(why));
        calls.refuse_late_questions(asked + kPatience);
        CHECK(question.why ==
              "the learner is still opening the campaign; ask once more in a while");
    }
    SECTION("its answer is under way, and means nothing once it comes") {
        calls.add(std::move(why));
        REQUIRE(calls.next()->verb == "why");
        calls.refuse_late_questions(asked + kPatience);
        CHECK(question.why == "the learner is busy and did not answer in time");
        CHECK(calls.first_late_question(asked) == asked + std::chrono::minutes(1));
        calls.refuse_late_questions(asked + 2 * kPatience);
        REQUIRE(calls.is_answer(answer_to(*calls.current())));
        calls.take_answer(answer_to(*calls.current()));
        CHECK(question.done == 0);
    }
    SECTION("the child ends") {
        calls.add(std::move(why));
        calls.child_lost("ended with exit status 1");
        CHECK(question.why == controller::kLearnerAway);
    }
    CHECK(question.refused == 1);
}

TEST_CASE("a call that ends the child each time is refused, what waits behind it is served",
          "[learner_calls]") {
    Conversation with;
    LearnerCalls& calls = with.calls;
    Outcome poison, other;
    with.open("c");
    calls.add(make_training("c", Json::array({1}), poison));
    calls.add(make_call("suggest", "c", other));
    REQUIRE(calls.next()->verb == "train");
    calls.child_lost("ended with signal 9 (Killed)");
    CHECK(poison.refused == 0);
    CHECK(calls.waiting() == 2);
    calls.begin_with_new_child(false);
    for (const char* const verb : {"open", "observe", "train"}) {
        const LearnerCall* const due = calls.next();
        REQUIRE(due != nullptr);
        CHECK(due->verb == verb);
        if (due->verb != "train") {
            calls.take_answer(answer_to(*due));
        }
    }
    calls.child_lost("ended with signal 9 (Killed)");
    CHECK(poison.why == "the learner ended with signal 9 (Killed) (2 times during this)");
    calls.begin_with_new_child(false);
    CHECK(with.serve() == Verbs{"open", "observe", "suggest"});
    CHECK(poison.refused == 1);
    CHECK(poison.done == 0);
    CHECK(other.done == 1);
}

TEST_CASE("a new child is asked whether it is there, then told the newest model and labels",
          "[learner_calls]") {
    Conversation with;
    LearnerCalls& calls = with.calls;
    Outcome ignored;
    with.open("c");
    const bool promoted = GENERATE(true, false);
    calls.add(make_training("c", Json::array({1, 2}), ignored));
    Json answer = answer_to(*calls.next());
    answer["ok"] = {{"model", "newest"}, {"promoted", promoted}};
    CHECK(calls.take_answer(answer));
    calls.child_lost("ended with exit status 0");
    calls.begin_with_new_child(true);

    const LearnerCall* due = calls.next();
    REQUIRE(due != nullptr);
    CHECK(due->verb == "ping");
    CHECK_FALSE(calls.take_answer(answer_to(*due)));  // nobody else asked for it
    due = calls.next();
    REQUIRE(due != nullptr);
    CHECK(due->verb == "open");
    CHECK(due->request.value("model", "") == (promoted ? "newest" : ""));
    CHECK_FALSE(calls.take_answer(answer_to(*due)));
    due = calls.next();
    REQUIRE(due != nullptr);
    CHECK(due->verb == "observe");
    CHECK(due->request["labels"] == Json::array({1, 2}));
    CHECK_FALSE(calls.take_answer(answer_to(*due)));
    CHECK(calls.next() == nullptr);
}

TEST_CASE("a campaign that cannot be opened again is an alarm, or the answer to who waits",
          "[learner_calls]") {
    Conversation with;
    LearnerCalls& calls = with.calls;
    Outcome waits;
    with.open("c");
    calls.child_lost("ended with exit status 0");
    calls.begin_with_new_child(false);
    const std::string text = "the learner cannot take up the campaign again: no such file";
    SECTION("nobody waits") {
        calls.take_answer(error_to(*calls.next(), "no such file"));
        CHECK(with.alarms == std::vector<std::string>{"c: " + text});
    }
    SECTION("somebody waits") {
        calls.add(make_call("suggest", "c", waits));
        calls.take_answer(error_to(*calls.next(), "no such file"));
        CHECK(waits.why == text);
        CHECK(with.alarms.empty());
    }
    CHECK(calls.next() == nullptr);
}

TEST_CASE("a campaign whose opening ends every child is left out of the next", "[learner_calls]") {
    Conversation with;
    LearnerCalls& calls = with.calls;
    with.open("bad");
    with.open("good");
    calls.child_lost("ended with exit status 0");
    for (int death = 0; death < 2; ++death) {
        calls.begin_with_new_child(false);
        const LearnerCall* const due = calls.next();
        REQUIRE(due != nullptr);
        REQUIRE(due->campaign == "bad");
        calls.child_lost("ended with signal 11 (Segmentation fault)");
    }
    calls.begin_with_new_child(false);
    const LearnerCall* const due = calls.next();
    REQUIRE(due != nullptr);
    CHECK(due->campaign == "good");
    calls.take_answer(answer_to(*due));
    CHECK(calls.next() == nullptr);
}

TEST_CASE("a label that cannot be learnt is spoken of once", "[learner_calls]") {
    Conversation with;
    LearnerCalls& calls = with.calls;
    Outcome ignored;
    with.open("c");
    for (const Json& problems : {Json::array({"first"}), Json::array({"first", "second"})}) {
        calls.add(make_training("c", Json::array({1}), ignored));
        Json answer = answer_to(*calls.next());
        answer["ok"]["set_aside"] = problems;
        calls.take_answer(answer);
    }
    CHECK(with.alarms == std::vector<std::string>{"c: a result teaches the model nothing: first",
                                                  "c: a result teaches the model nothing: second"});
}

TEST_CASE("an answer that does not hold is a refusal", "[learner_calls]") {
    Conversation with;
    LearnerCalls& calls = with.calls;
    Outcome outcome;
    with.open("c");
    SECTION("an error in words") {
        calls.add(make_call("suggest", "c", outcome));
        CHECK_FALSE(calls.take_answer(error_to(*calls.next(), "the pool is empty")));
        CHECK(outcome.why == "the pool is empty");
    }
    SECTION("an error without words") {
        calls.add(make_call("suggest", "c", outcome));
        CHECK_FALSE(calls.take_answer(error_to(*calls.next(), "")));
    }
    SECTION("what was asked for is not in it") {
        LearnerCall call = make_call("suggest", "c", outcome);
        call.done = [](const Json& ok) { ok.at("picks"); };
        calls.add(std::move(call));
        CHECK_FALSE(calls.take_answer(answer_to(*calls.next())));
        CHECK(outcome.why.rfind("the answer of cupel-learner to suggest does not hold: ", 0) == 0);
    }
    CHECK(outcome.refused == 1);
    CHECK(outcome.done == 0);
}
