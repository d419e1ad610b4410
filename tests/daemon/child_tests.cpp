// Children: what goes in and comes out, how they end, what they do not inherit.
#include <csignal>
#include <fstream>
#include <memory>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cupel/domain/error.hpp>

#include "catch.hpp"
#include "supervision/child.hpp"
#include "temp_dir.hpp"

using namespace cupel;
using namespace cupel::controller;
using Clock_ = std::chrono::steady_clock;

namespace {

constexpr std::chrono::seconds kPatience{60};

struct Heard {
    std::string output, errors;
    ChildEnd end;
};

Heard hear_out(Child& child) {
    Wake wake;
    Heard heard;
    const auto deadline = Clock_::now() + kPatience;
    while (Clock_::now() < deadline) {
        const ChildNews news = child.wait(deadline, wake);
        heard.output += news.output;
        heard.errors += news.errors;
        if (news.end) {
            heard.end = *news.end;
            return heard;
        }
    }
    throw std::runtime_error("the child does not end");
}

ChildOptions shell(const std::string& script) {
    ChildOptions options;
    options.arguments = {"/bin/sh", "-c", script};
    return options;
}

/// Everything up to the end of a FIFO, or what came within our patience and then "...".
std::string read_to_end(int fifo) {
    std::string text;
    const auto deadline = Clock_::now() + kPatience;
    for (;;) {
        pollfd entry{fifo, POLLIN, 0};
        if (::poll(&entry, 1, poll_time(deadline)) <= 0) {
            return text + "...";
        }
        char bytes[256];
        const ssize_t n = ::read(fifo, bytes, sizeof bytes);
        if (n <= 0) {
            return text;
        }
        text.append(bytes, static_cast<std::size_t>(n));
    }
}

}  // namespace

TEST_CASE("a child's output, errors and exit status come back", "[child]") {
    Child child(shell("echo out; echo err >&2; read line; echo got $line; exit 3"));
    child.send("word\n");
    const Heard heard = hear_out(child);
    CHECK(heard.output == "out\ngot word\n");
    CHECK(heard.errors == "err\n");
    CHECK(heard.end.exit_status == 3);
    CHECK(heard.end.signal == 0);
    CHECK(heard.end.words() == "exit status 3");
}

TEST_CASE("a program that is not there is said at once", "[child]") {
    ChildOptions options;
    options.arguments = {"/nonexistent/program"};
    CHECK_THROWS_WITH(std::make_unique<Child>(options),
                      "cannot run /nonexistent/program: No such file or directory");
}

TEST_CASE("megabytes pass in both directions without a deadlock", "[child]") {
    ChildOptions options;
    options.arguments = {"/bin/cat"};
    Child child(options);
    const std::string text(3u << 20, 'x');
    child.send(text);
    Wake wake;
    std::string back;
    const auto deadline = Clock_::now() + kPatience;
    while (back.size() < text.size() && Clock_::now() < deadline) {
        back += child.wait(deadline, wake).output;
    }
    CHECK(back == text);
    child.close_input();
    CHECK(hear_out(child).end.exit_status == 0);
}

TEST_CASE("writing to a child that is gone is no signal and no error", "[child]") {
    Child child(shell("exec 0<&-; exit 0"));
    hear_out(child);
    child.send("more\n");
    CHECK(hear_out(child).end.exit_status == 0);
}

TEST_CASE("limits end a child with the signal that says why", "[child]") {
    SECTION("processor time") {
        ChildOptions options = shell("while :; do :; done");
        options.processor_time = std::chrono::seconds(1);
        Child child(options);
        const ChildEnd end = hear_out(child).end;
        CHECK(end.signal == SIGXCPU);
        // The system counts towards the limit by ticks, and more exactly in its account.
        CHECK(end.processor_time >= std::chrono::milliseconds(500));
    }
    SECTION("address space") {
        ChildOptions options = shell("ulimit -v; ulimit -c");
        options.address_space = 1u << 30;
        Child child(options);
        CHECK(hear_out(child).output == "1048576\n0\n");
    }
}

TEST_CASE("a child holds no descriptor but its three streams", "[child]") {
    // One that somebody opened without close-on-exec.
    const int leak = ::open("/dev/null", O_RDONLY);
    const int high = ::fcntl(leak, F_DUPFD, 200);
    Child child(shell("for f in /proc/$$/fd/*; do echo ${f##*/}; done"));
    const std::string held = hear_out(child).output;
    ::close(leak);
    ::close(high);
    CHECK(held.find("200") == std::string::npos);
    CHECK(held.substr(0, 6) == "0\n1\n2\n");
}

TEST_CASE("a child starts with signals as usual and none blocked", "[child]") {
    sigset_t blocked;
    sigset_t before;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &blocked, &before);
    const auto old = ::signal(SIGPIPE, SIG_IGN);
    ChildOptions options;  // no shell: it blocks signals of its own now and then
    options.arguments = {"/bin/grep", "-E", "Sig(Blk|Ign)", "/proc/self/status"};
    Child child(options);
    const std::string status = hear_out(child).output;
    ::signal(SIGPIPE, old);
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    // The two signals that the C library keeps for itself (32, 33) are not ours to set.
    const auto ordinary = [&](const std::string& field) {
        return std::stoull(status.substr(status.find(field) + field.size()), nullptr, 16) &
               0x7fffffffU;
    };
    CHECK(ordinary("SigBlk:") == 0);
    CHECK(ordinary("SigIgn:") == 0);
}

TEST_CASE("a child and what it started end with their owner", "[child]") {
    const test::TempDir folder;
    const std::string fifo_path = (folder / "alive").string();
    REQUIRE(::mkfifo(fifo_path.c_str(), 0600) == 0);
    const int fifo = ::open(fifo_path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    SECTION("when it is destroyed") {
        auto child = std::make_unique<Child>(
            shell("(echo grandchild; exec sleep 1000) > '" + fifo_path + "' & echo up; wait"));
        Wake wake;
        const auto deadline = Clock_::now() + kPatience;
        std::string up;
        while (up.empty() && Clock_::now() < deadline) {
            up += child->wait(deadline, wake).output;
        }
        pollfd ready{fifo, POLLIN, 0};
        REQUIRE(::poll(&ready, 1, poll_time(deadline)) == 1);
        child.reset();
        CHECK(read_to_end(fifo) == "grandchild\n");
    }
    SECTION("when its owner is killed") {
        const pid_t owner = ::fork();
        if (owner == 0) {
            Child child(
                shell("echo child > '" + fifo_path + "'; exec sleep 1000 > '" + fifo_path + "'"));
            ::pause();
            ::_exit(0);
        }
        pollfd ready{fifo, POLLIN, 0};
        REQUIRE(::poll(&ready, 1, poll_time(Clock_::now() + kPatience)) == 1);
        ::kill(owner, SIGKILL);
        ::waitpid(owner, nullptr, 0);
        CHECK(read_to_end(fifo).rfind("child\n", 0) == 0);
    }
    ::close(fifo);
}
