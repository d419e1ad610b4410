// cupel log against a scripted daemon: the order of events, the last of them, and long histories.
#include <future>

#include "catch.hpp"
#include "program.hpp"
#include "scripted_peer.hpp"

using namespace cupel;
using namespace cupel::test;

namespace {

constexpr std::chrono::seconds kPatience{30};

/// Histories that take turns: every event of all campaigns together has its gseq.
struct Histories {
    std::map<std::string, int> heads;

    Scripted answer(const Asked& asked) const {
        if (asked.header.kind == "STATUS") {
            Json campaigns = Json::array();
            for (const auto& [name, head] : heads) {
                campaigns.push_back({{"campaign", name}, {"seq", head}});
            }
            return Scripted::ok({{"campaigns", campaigns}});
        }
        return asked.header.kind == "REPLAY" ? page(asked.body) : Scripted::ok({{"epoch", "E1"}});
    }
    Scripted page(const Json& asked) const {
        const auto name = asked.at("campaign").get<std::string>();
        const int from = asked.at("from").get<int>();
        const int limit = asked.value("limit", 1000);
        Json events = Json::array();
        for (int seq = from; seq <= std::min(heads.at(name), from + limit - 1); ++seq) {
            codec::Header header;
            header.kind = "NOTE";
            header.id = name + std::to_string(seq);
            header.epoch = "E1";
            header.seq = seq;
            header.gseq = 2 * seq - (name == "a" ? 1 : 0);
            events.push_back(
                {{"header", Json::parse(codec::encode(header))}, {"body", {{"campaign", name}}}});
        }
        return Scripted::ok({{"events", events}, {"next", from + events.size()}});
    }
};

/// "a1", "b1", ... of the lines of `cupel log --json`.
std::vector<std::string> ids(const std::string& output) {
    std::istringstream lines(output);
    std::vector<std::string> found;
    for (std::string line; std::getline(lines, line);) {
        found.push_back(Json::parse(line).at("header").at("id").get<std::string>());
    }
    return found;
}

}  // namespace

TEST_CASE("the log of several campaigns is one, over all their pages", "[cli]") {
    const Histories histories{{{"a", 1200}, {"b", 700}}};
    ScriptedPeer peer([&](const Asked& asked) { return histories.answer(asked); });
    const Ran ran = run_cupel({"log", "--json", "--connect", peer.control});
    CHECK(ran.status == 0);
    std::vector<std::string> wanted;
    for (int seq = 1; seq <= 1200; ++seq) {
        wanted.push_back("a" + std::to_string(seq));
        if (seq <= 700) {
            wanted.push_back("b" + std::to_string(seq));
        }
    }
    CHECK(ids(ran.output) == wanted);
}

TEST_CASE("the last events are those of all campaigns together", "[cli]") {
    const Histories histories{{{"a", 1200}, {"b", 700}}};
    ScriptedPeer peer([&](const Asked& asked) { return histories.answer(asked); });
    const auto last = [&](const char* count) {
        return ids(run_cupel({"log", "-n", count, "--json", "--connect", peer.control}).output);
    };
    CHECK(last("2") == std::vector<std::string>{"a1199", "a1200"});
    const auto many = last("505");
    REQUIRE(many.size() == 505);
    CHECK(std::vector<std::string>(many.begin(), many.begin() + 7) ==
          std::vector<std::string>{"b698", "a699", "b699", "a700", "b700", "a701", "a702"});
    CHECK(last("5000").size() == 1900);
}

TEST_CASE("the first events of a long history are shown before its end is asked for", "[cli]") {
    const Histories histories{{{"a", 2000}}};
    std::promise<void> shown;
    bool in_time = false;
    ScriptedPeer peer([&, seen = shown.get_future().share()](const Asked& asked) {
        if (asked.header.kind == "REPLAY" && asked.body.at("from").get<int>() > 1500) {
            in_time = seen.wait_for(std::chrono::seconds(4)) == std::future_status::ready;
        }
        return histories.answer(asked);
    });
    ChildProcess log({(bin_dir() / "cupel").string(), "log", "--json", "--connect", peer.control});
    log.expect_line("\"a1\"", kPatience);
    shown.set_value();
    std::string rest;
    CHECK(log.finish(rest) == 0);
    peer.stop();
    CHECK(in_time);
}
