// T7: a disk that fails to keep a commit: cupeld with `failing_sync` loaded before its libraries.
#include <fstream>

#include <cupel/domain/ulid.hpp>

#include "catch.hpp"
#include "history.hpp"
#include "real_daemon.hpp"
#include "skip.hpp"

using namespace cupel;
using namespace cupel::test;

namespace {

Json alarms_of_disk(RawClient& client) {
    Json found = Json::array();
    const Json status = client.ok("STATUS");
    for (const auto& alarm : status.at("alarms")) {
        if (alarm.at("text").get<std::string>().find("the disk failed") != std::string::npos) {
            found.push_back(alarm);
        }
    }
    return found;
}

}  // namespace

TEST_CASE(
    "a disk that cannot keep a commit ends the daemon before anybody is told, and the next "
    "start says so until a person has seen it",
    "[failing_disk]") {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    CUPEL_SKIP("a sanitizer has to be loaded first");
#endif
    RealDaemon daemon;
    const auto sign = daemon.dir() / "disk-fails";
    daemon.start({{"LD_PRELOAD", (bin_dir().parent_path() / "tests/failing_sync.so").string()},
                  {"CUPEL_SYNC_FAILS_WHILE", sign.string()}});
    zmq::context_t context;
    std::string id;
    Json claim;
    {
        RawClient robot = daemon.connect(context, "robot");
        CHECK(alarms_of_disk(robot).empty());
        id = wait_for_offers(robot)[0];
        claim = {{"cmd_id", make_ulid()}, {"proposals", {id}}};
        std::ofstream(sign).flush();
        robot.send_command("CLAIM", claim);
        std::string output;
        CHECK(daemon.process().finish(output) == 74);
        INFO(output);
        CHECK(output.find("cupel.db-wal: cannot be synced: Input/output error; it ends here") !=
              std::string::npos);
        CHECK_FALSE(robot.try_receive(std::chrono::milliseconds(0)));
    }
    CHECK(std::filesystem::exists(daemon.store().string() + ".failed"));

    daemon.start();
    {
        RawClient robot = daemon.connect(context, "robot");
        const Json alarms = alarms_of_disk(robot);
        REQUIRE(alarms.size() == 1);
        CHECK(alarms[0]["text"].get<std::string>().find("cannot be synced: Input/output error") !=
              std::string::npos);
        CHECK_FALSE(std::filesystem::exists(daemon.store().string() + ".failed"));
        // What was not answered is sent again, and done once, whether the disk had it or not.
        CHECK(robot.ok("CLAIM", claim)["claims"][0]["proposal"] == id);
        robot.ok("ACK_ALARM", {{"cmd_id", make_ulid()}, {"alarm", alarms[0]["alarm"]}});
    }
    CHECK(daemon.stop() == 0);

    daemon.start();
    {
        RawClient robot = daemon.connect(context, "robot");
        CHECK(alarms_of_disk(robot).empty());
    }
    CHECK(daemon.stop() == 0);
    CHECK(breach_of_history(daemon.store()) == "");
}
