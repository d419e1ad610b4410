// cupel board as a process, read over HTTP as a browser does, in front of a real daemon.
#include "catch.hpp"
#include "desk.hpp"
#include "tcp.hpp"

using namespace cupel;
using namespace cupel::test;

namespace {

/// A board of that desk, on a port of its own.
class Shown {
  public:
    explicit Shown(const Desk& desk)
        : child_({(bin_dir() / "cupel").string(),
                  "board",
                  "--listen",
                  "127.0.0.1:*",
                  "--connect",
                  desk.daemon->bus().control_endpoint()}) {
        const std::string line = child_.expect_line("http://", kDeskPatience);
        const auto begin = line.find("127.0.0.1");
        address_ = line.substr(begin, line.find('/', begin) - begin);
    }
    /// The whole answer, its head among it.
    std::string get(const std::string& path, const std::string& host = "") const {
        const Tcp connection("tcp://" + address_);
        connection.send("GET " + path + " HTTP/1.1\r\nHost: " + (host.empty() ? address_ : host) +
                        "\r\n\r\n");
        return connection.read_all();
    }

  private:
    ChildProcess child_;
    std::string address_;
};

bool has(const std::string& page, const std::string& text) {
    UNSCOPED_INFO("expected " << text << " in: " << page);
    return page.find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("a browser sees what the command line says, and may run nothing", "[cli][board]") {
    Desk desk;
    const std::string id = desk.wait_for("OFFERED");
    const Shown shown(desk);
    const std::string page = shown.get("/");
    CHECK(has(page, "200 OK"));
    CHECK(has(page, "Content-Type: text/html; charset=utf-8"));
    CHECK(has(page, "Content-Security-Policy: default-src 'none';"));
    CHECK(has(page, "gold &middot; RUNNING"));
    CHECK(has(page, "href=\"/p/" + id + "\""));
    CHECK(has(page, "OFFERED " + id.substr(id.size() - 6)));  // of the history
    CHECK(has(shown.get("/p/" + id), "cupel claim " + id.substr(id.size() - 6)));
    CHECK(has(shown.get("/p/" + id + ".svg"), "Content-Type: image/svg+xml"));
    CHECK(has(shown.get("/p/nobody"), "404 Not Found"));
    CHECK(has(shown.get("/elsewhere"), "404 Not Found"));
    CHECK(has(shown.get("/", "evil.example"), "403 Forbidden"));
}

TEST_CASE("the board of a daemon that went away says so, and stays", "[cli][board]") {
    Desk desk;
    const Shown shown(desk);
    desk.daemon.reset();
    const std::string page = shown.get("/");
    CHECK(has(page, "503 Service Unavailable"));
    CHECK(has(page, "http-equiv=\"refresh\""));
    CHECK(has(shown.get("/p/x"), "503 Service Unavailable"));
}

TEST_CASE("a board is for this machine alone", "[cli][board]") {
    const Ran ran = run_cupel({"board", "--listen", "0.0.0.0:5880"});
    CHECK(ran.status == 2);
    CHECK(ran.output ==
          "cupel: --listen: expected an address of this machine (127.0.0.1:PORT), got "
          "\"0.0.0.0:5880\"\n");
}
