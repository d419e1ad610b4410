// The service as a process: lines in, lines out, whatever the lines are.
#include <cstdlib>
#include <fstream>

#include <nlohmann/json.hpp>

#include "catch.hpp"
#include "small_campaign.hpp"

using namespace cupel;
using Json = nlohmann::json;

namespace {

// Sends the lines to a fresh service; returns its exit code and its replies without progress lines.
int serve(const std::filesystem::path& folder,
          const std::vector<std::string>& lines,
          std::vector<Json>& replies) {
    {
        std::ofstream out(folder / "in.txt");
        for (const auto& line : lines) {
            out << line << '\n';
        }
    }
    const std::string command = "'" + (test::bin_dir() / "cupel-learner").string() +
                                "' serve --members 1 --width 24 --embedding 8 --rectified 8 < '" +
                                (folder / "in.txt").string() + "' > '" +
                                (folder / "out.txt").string() + "' 2> /dev/null";
    const int code = std::system(command.c_str());
    std::ifstream in(folder / "out.txt");
    for (std::string line; std::getline(in, line);) {
        auto json = Json::parse(line);
        if (!json.contains("progress")) {
            replies.push_back(std::move(json));
        }
    }
    return code;
}

}  // namespace

TEST_CASE("the service survives garbage and ends with its input", "[workbench]") {
    const test::TempDir folder;
    std::vector<Json> replies;
    const int code = serve(folder.path(),
                           {"garbage",
                            "",
                            "[1,2]",
                            "{\"id\":1}",
                            "{\"id\":2,\"do\":\"fly\"}",
                            "{\"id\":3,\"do\":\"suggest\",\"campaign\":\"none\",\"count\":1}",
                            "{\"id\":4,\"do\":\"open\",\"campaign\":7}",
                            "\xff\xfe{\"id\":5}",
                            "{\"id\":6,\"do\":\"ping\"}"},
                           replies);
    CHECK(code == 0);
    REQUIRE(replies.size() == 8);
    CHECK(replies[0]["error"]["code"] == "bad_message");
    CHECK(replies[1]["error"]["code"] == "bad_message");
    CHECK(replies[2]["id"] == 1);
    CHECK(replies[3]["error"]["text"].get<std::string>().find("no verb 'fly'") == 0);
    CHECK(replies[4]["error"]["code"] == "no_such_campaign");
    CHECK(replies[5]["error"]["text"].get<std::string>().find("campaign") != std::string::npos);
    CHECK(replies[6].contains("error"));
    CHECK(replies[7] == Json{{"id", 6}, {"ok", Json::object()}});
}

TEST_CASE("a campaign runs over the wire", "[workbench]") {
    const test::SmallCampaign small;
    const auto open = Json{{"id", 1},
                           {"do", "open"},
                           {"campaign", "c"},
                           {"pool", small.pool_file().string()},
                           {"data", small.data_file().string()},
                           {"models", (small.folder / "models").string()},
                           {"policy", "ucb"},
                           {"seed", 5},
                           {"epochs", 8},
                           {"device", "cpu"}};
    const Json label = {{"candidate", Json::parse(codec::encode(small.pool[0]))},
                        {"identity_key", identity_key(small.pool[0])},
                        {"learning_key", learning_key(small.pool[0])},
                        {"pair", 1.0},
                        {"target", nullptr},
                        {"provisional", false}};
    std::vector<Json> replies;
    const int code = serve(
        small.folder.path(),
        {open.dump(),
         Json{{"id", 2}, {"do", "observe"}, {"campaign", "c"}, {"labels", {label}}}.dump(),
         Json{{"id", 3}, {"do", "suggest"}, {"campaign", "c"}, {"count", 3}, {"seed", 1}}.dump(),
         Json{{"id", 4}, {"do", "train"}, {"campaign", "c"}, {"kind", "warm"}, {"labels", {label}}}
             .dump(),
         Json{{"id", 5}, {"do", "why"}, {"campaign", "c"}, {"candidate", label["candidate"]}}
             .dump(),
         Json{{"id", 6},
              {"do", "observe"},
              {"campaign", "c"},
              {"labels", {{{"candidate", label["candidate"]}, {"pair", 7}}}}}
             .dump(),
         Json{{"id", 7},
              {"do", "observe"},
              {"campaign", "c"},
              {"labels",
               {{{"candidate", label["candidate"]},
                 {"pair", 1.0},
                 {"promise", {{"mean", 0.5}, {"variance", -1.0}}}}}}}
             .dump()},
        replies);
    CHECK(code == 0);
    REQUIRE(replies.size() == 7);
    CHECK(replies[0]["ok"]["candidates"] == small.pool.size());
    CHECK(replies[0]["ok"]["data_keys"].size() > 50);
    CHECK(replies[1]["ok"]["model"] != replies[0]["ok"]["model"]);
    CHECK(replies[1]["ok"]["data_snapshot"] != replies[0]["ok"]["data_snapshot"]);
    CHECK(replies[0]["ok"]["stale"] == 0);
    CHECK(replies[1]["ok"]["stale"] == 0);
    REQUIRE(replies[2]["ok"]["picks"].size() == 3);
    const Json& pick = replies[2]["ok"]["picks"][0];
    CHECK(pick["key"] != label["identity_key"]);
    CHECK(pick["nearest"].size() == 3);
    CHECK(Json::parse(pick["acquisition_input"].get<std::string>())["model"] ==
          replies[2]["ok"]["model"]);
    CHECK(replies[3]["ok"]["parent"] == replies[1]["ok"]["model"]);
    CHECK(replies[3]["ok"]["gate"]["rows"].get<int>() > 0);
    CHECK(replies[4]["ok"]["p"].get<double>() > 0.0);
    CHECK(replies[5]["error"]["code"] == "bad_message");
    CHECK_THAT(replies[6]["error"]["text"].get<std::string>(), Catch::Contains("'promise'"));
}
