// The list as it changes on the disk: what is believed, how soon, and what is told of it.
#include <algorithm>
#include <condition_variable>
#include <deque>
#include <fstream>
#include <mutex>
#include <string>

#include "bus/allow_list_watch.hpp"
#include "catch.hpp"
#include "support.hpp"

using namespace cupel;
using namespace cupel::test;
using controller::AllowList;
using controller::AllowListWatch;

namespace {

constexpr std::chrono::seconds kPatience{60};
/// Less than a list without anybody waits for when it may be half written.
constexpr std::chrono::milliseconds kAtOnce{800};

AllowList list_of(const std::string& client) {
    AllowList list;
    list.allow(std::string(40, 'a'), {client, {Role::Worker}, {"*"}, {LeaseClass::Robot}, 0});
    return list;
}

/// A watch, and what it told: "1 clients" or "trouble: ...".
class Watched {
  public:
    Watched() {
        list_of("furnace").save(file());
        watch_ = std::make_unique<AllowListWatch>(
            file(),
            AllowListWatch::Heard{
                [this](controller::SharedAllowList list) {
                    say(std::to_string(list->size()) + " clients");
                },
                [this](const std::string& problem) { say("trouble: " + problem); }},
            controller::Log{});
    }
    std::filesystem::path file() const { return dir_ / "allow.toml"; }
    std::string next() {
        std::unique_lock lock(mutex_);
        if (!wake_.wait_for(lock, kPatience, [this] { return !said_.empty(); })) {
            return "nothing";
        }
        std::string first = said_.front();
        said_.pop_front();
        return first;
    }

  private:
    void say(const std::string& what) {
        const std::lock_guard lock(mutex_);
        said_.push_back(what);
        wake_.notify_one();
    }
    TempDir dir_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::string> said_;
    std::unique_ptr<AllowListWatch> watch_;
};

}  // namespace

TEST_CASE("the last client is revoked as fast as any other", "[auth]") {
    Watched watched;
    REQUIRE(watched.next() == "1 clients");
    // The shortest of several: a machine that is busy may hold up any one.
    auto shortest = std::chrono::steady_clock::duration::max();
    for (int round = 0; round < 5; ++round) {
        const auto revoked = std::chrono::steady_clock::now();
        AllowList{}.save(watched.file());
        CHECK(watched.next() == "0 clients");
        shortest = std::min(shortest, std::chrono::steady_clock::now() - revoked);
        list_of("furnace").save(watched.file());
        REQUIRE(watched.next() == "1 clients");
    }
    CHECK(shortest < kAtOnce);
}

TEST_CASE("a list that empties where it stands may be about to be written", "[auth]") {
    Watched watched;
    REQUIRE(watched.next() == "1 clients");
    const auto emptied = std::chrono::steady_clock::now();
    SECTION("emptied") {
        std::ofstream(watched.file()) << "";
    }
    SECTION("gone") {
        std::filesystem::remove(watched.file());
    }
    SECTION("moved away and begun anew, as editors do") {
        std::filesystem::rename(watched.file(), watched.file().string() + "~");
        std::ofstream(watched.file()) << "";
    }
    CHECK(watched.next() == "0 clients");
    CHECK(std::chrono::steady_clock::now() - emptied >= kAtOnce);
}

TEST_CASE("a list that cannot be read is told until it can", "[auth]") {
    Watched watched;
    REQUIRE(watched.next() == "1 clients");
    std::ofstream(watched.file()) << "x = \n";
    const std::string told = watched.next();
    CHECK(told.find("trouble: " + watched.file().string() + ":1: not TOML") == 0);
    CHECK(told.find("; what was allowed before stays allowed") != std::string::npos);
    list_of("oven").save(watched.file());
    CHECK(watched.next() == "trouble: ");
    CHECK(watched.next() == "1 clients");
}
