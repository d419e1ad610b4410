// Calls, answers and deaths of the child in any order.
#include <map>
#include <random>
#include <set>

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
};

LearnerCall make_call(const std::string& verb, const std::string& campaign, Outcome& outcome) {
    LearnerCall call;
    call.verb = verb;
    call.campaign = campaign;
    call.request = {{"do", verb}, {"campaign", campaign}};
    call.done = [&outcome](const Json&) { ++outcome.done; };
    call.refuse = [&outcome](const std::string&) { ++outcome.refused; };
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
    LearnerCalls calls({2, kPatience}, [](const std::string&, const std::string&) {});
    Outcome ignored;
    calls.begin_with_new_child(false);
    for (const char* const verb : {"open", "suggest", "suggest", "why"}) {
        calls.add(make_call(verb, "c", ignored));
    }
    std::vector<std::string> said;
    while (const LearnerCall* const due = calls.next()) {
        said.push_back(due->verb);
        calls.take_answer(answer_to(*due));
    }
    CHECK(said == std::vector<std::string>{"open", "why", "suggest", "suggest"});
}

TEST_CASE("only what bears the number of the call is its answer", "[learner_calls]") {
    LearnerCalls calls({2, kPatience}, [](const std::string&, const std::string&) {});
    Outcome outcome;
    calls.begin_with_new_child(false);
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
