// T7: cupeld on a file system that is full, and on one that cannot be written at all.
//
// As root a tmpfs of its own is mounted and filled to the last byte; elsewhere the process gets a
// quota for its files (prlimit), which SQLite meets as a failed write. The test says which.
#include <algorithm>
#include <fstream>

#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cupel/domain/ulid.hpp>

#include "catch.hpp"
#include "history.hpp"
#include "real_daemon.hpp"
#include "skip.hpp"

using namespace cupel;
using namespace cupel::test;

namespace {

/// A small file system of its own; `mounted()` is false where that is not allowed.
class SmallDisk {
  public:
    explicit SmallDisk(std::filesystem::path folder) : folder_(std::move(folder)) {
        std::filesystem::create_directories(folder_);
        mounted_ = ::mount("tmpfs", folder_.c_str(), "tmpfs", 0, "size=4m") == 0;
    }
    ~SmallDisk() {
        if (mounted_) {
            ::umount2(folder_.c_str(), MNT_DETACH);
        }
    }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;

    bool mounted() const { return mounted_; }
    void fill() const {
        std::ofstream ballast(folder_ / "ballast", std::ios::binary);
        const std::string block(4096, 'x');
        while (ballast.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
        }
    }
    void make_room() const { std::filesystem::remove(folder_ / "ballast"); }
    void make_read_only() const {
        if (::mount("tmpfs", folder_.c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, nullptr) != 0) {
            throw std::runtime_error("cannot remount");
        }
    }

  private:
    std::filesystem::path folder_;
    bool mounted_ = false;
};

void set_quota(const std::filesystem::path& store, int pid) {
    rlimit limit{};
    ::prlimit(pid, RLIMIT_FSIZE, nullptr, &limit);
    limit.rlim_cur = std::filesystem::file_size(store.string() + "-wal");
    ::prlimit(pid, RLIMIT_FSIZE, &limit, nullptr);
}

void lift_quota(int pid) {
    rlimit limit{};
    ::prlimit(pid, RLIMIT_FSIZE, nullptr, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::prlimit(pid, RLIMIT_FSIZE, &limit, nullptr);
}

std::string alarms(RawClient& client) {
    std::string text;
    const Json status = client.ok("STATUS");
    for (const auto& alarm : status["alarms"]) {
        text += alarm["text"].get<std::string>() + "\n";
    }
    return text;
}

/// Commands until one is refused for want of room.
Answered write_until_refused(RawClient& client, const Json& proof, int& accepted) {
    for (;;) {
        Json body = proof;
        body["cmd_id"] = make_ulid();
        body["stage"] = "stage";
        body["note"] = std::string(1000, 'x');
        Answered answered = client.ask("PROGRESS", body);
        if (!answered.ok()) {
            return answered;
        }
        ++accepted;
    }
}

}  // namespace

TEST_CASE("a full disk: a clear alarm, nothing lost, and on it goes when there is room",
          "[full_disk]") {
    RealDaemon daemon;
    const SmallDisk disk(daemon.dir() / "disk");
    const bool quota = !disk.mounted();
    WARN("full by " << (quota ? "a quota on the process (no mount allowed here)" : "a tmpfs"));
    const auto store = daemon.dir() / (quota ? "cupel.db" : "disk/cupel.db");
    if (!quota) {
        std::filesystem::create_symlink(store, daemon.store());
    }
    daemon.start();
    const int pid = daemon.process().pid();
    zmq::context_t context;
    RawClient robot = daemon.connect(context, "robot");
    const std::string id = wait_for_offers(robot)[0];
    const Json claim =
        robot.ok("CLAIM", {{"cmd_id", make_ulid()}, {"proposals", {id}}})["claims"][0];
    const Json proof{{"proposal", id}, {"lease", claim["lease"]}, {"fence", claim["fence"]}};
    Json start = proof;
    start["cmd_id"] = make_ulid();
    robot.ok("START", start);

    if (quota) {
        set_quota(store, pid);
    } else {
        disk.fill();
    }
    int accepted = 0;
    const Answered refused = write_until_refused(robot, proof, accepted);
    CHECK(refused.error() == "STORE_FULL");
    CHECK(refused.body["retryable"] == true);
    CHECK(alarms(robot).find("nothing can be written since") != std::string::npos);
    CHECK(robot.ok("SNAPSHOT")["campaigns"][0]["proposals"].size() > 0);

    if (quota) {
        lift_quota(pid);
    } else {
        disk.make_room();
    }
    Json result = proof;
    result["cmd_id"] = make_ulid();
    result["outcome"] = "no_reaction";
    robot.ok("RESULT", result);
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    std::string text = alarms(robot);
    while (text.find("nothing could be written") == std::string::npos &&
           std::chrono::steady_clock::now() < deadline) {
        text = alarms(robot);
    }
    CHECK(text.find("nothing could be written") != std::string::npos);
    CHECK(text.find("can be written since") == std::string::npos);
    CHECK(daemon.stop() == 0);
    CHECK(breach_of_history(store) == "");
    int progress = 0;
    for (const auto& event : read_history(store)) {
        progress += event.kind == "PROGRESS" ? 1 : 0;
    }
    CHECK(progress == accepted);
}

TEST_CASE("a database that cannot be written is refused at the start, in one line", "[full_disk]") {
    RealDaemon daemon;
    const SmallDisk disk(daemon.dir() / "disk");
    if (!disk.mounted()) {
        CUPEL_SKIP("a file system of its own needs root");
    }
    const auto store = daemon.dir() / "disk/cupel.db";
    std::filesystem::create_symlink(store, daemon.store());
    daemon.start();
    CHECK(daemon.stop() == 0);
    disk.make_read_only();
    daemon.launch();
    std::string output;
    CHECK(daemon.process().finish(output) == 1);
    INFO(output);
    CHECK(output.find("cupel.db") != std::string::npos);
    CHECK(std::count(output.begin(), output.end(), '\n') == 1);
}
