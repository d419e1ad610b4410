// T5 and T6: whoever does not speak our protocol, or badly, or only fills the door, is shown out,
// and those who work notice nothing.
#include <random>

#include <cupel/domain/sha256.hpp>
#include <cupel/domain/ulid.hpp>

#include "catch.hpp"
#include "history.hpp"
#include "process_figures.hpp"
#include "real_daemon.hpp"
#include "skip.hpp"
#include "tcp.hpp"
#include "zmtp.hpp"

using namespace cupel;
using namespace cupel::test;

namespace {

/// A worker with an experiment under way, who shows that the daemon serves and that it can write.
class Worker {
  public:
    explicit Worker(const RealDaemon& daemon) : client_(daemon.connect(context_, "worker")) {
        const std::string proposal = wait_for_offers(client_).front();
        const Json claim =
            client_.ok("CLAIM", {{"cmd_id", make_ulid()}, {"proposals", {proposal}}})["claims"][0];
        proof_ = {{"proposal", proposal}, {"lease", claim["lease"]}, {"fence", claim["fence"]}};
        tell("START", Json::object());
    }
    Json tell(const std::string& kind, const Json& more) {
        Json body = proof_;
        body.update(more);
        body["cmd_id"] = make_ulid();
        return client_.ok(kind, body);
    }
    /// An event is written, and a new file with bytes nobody has sent before.
    bool goes_on() {
        const std::string bytes = make_ulid();
        tell("PROGRESS", {{"stage", "stirring"}});
        return client_
            .ok("BLOB_PUT",
                {{"sha256", sha256_hex(bytes)}, {"index", 0}, {"count", 1}},
                {bytes})["complete"]
            .get<bool>();
    }
    Json bus() { return client_.ok("STATUS")["bus"]; }

  private:
    zmq::context_t context_;
    RawClient client_;
    Json proof_;
};

/// Somebody who was not there before can still come in.
bool lets_in(const RealDaemon& daemon) {
    zmq::context_t context;
    return daemon.connect(context, "newcomer").ask("SNAPSHOT").ok();
}

std::string noise(std::mt19937& random, std::size_t length) {
    std::string bytes(length, '\0');
    for (char& c : bytes) {
        c = static_cast<char>(random());
    }
    return bytes;
}

void check_flood(RealDaemon& daemon, std::size_t wanted, long most_files) {
    const rlim_t files = raise_open_files(wanted + 200);
    const std::size_t count = std::min<std::size_t>(wanted, files - 200);
    Worker worker(daemon);
    std::vector<Tcp> half_open;
    half_open.reserve(count);
    std::size_t opened = 0;
    long most_seen = 0;
    for (std::size_t i = 0; i < count; ++i) {
        half_open.emplace_back(i % 2 == 0 ? daemon.control : daemon.events);
        opened += half_open.back().ok() ? 1 : 0;
        if (i % 500 == 0) {
            CHECK(worker.goes_on());
            most_seen = std::max(most_seen, open_files(daemon.process().pid()));
        }
    }
    CHECK(worker.goes_on());
    CHECK(lets_in(daemon));
    CHECK(opened == count);
    CHECK(most_seen <= most_files);
    CHECK(worker.bus()["refused_connections"].get<long>() > 0);
    WARN(opened << " half-open connections; the daemon held at most " << most_seen
                << " open files and sent " << worker.bus()["refused_connections"] << " away");
}

}  // namespace

TEST_CASE("10,000 half-open connections leave the daemon serving and the store writing",
          "[strangers]") {
    RealDaemon daemon;
    daemon.start();
    check_flood(daemon, 10'000, 1024 + 160);
}

TEST_CASE("a process with few open files keeps its own and lets fewer in", "[strangers]") {
    DaemonSetup setup;
    setup.launcher = {"prlimit", "--nofile=400:400"};
    RealDaemon daemon(setup);
    daemon.start();
    check_flood(daemon, 2'000, 400);
}

TEST_CASE("port scans and other protocols are no more than a closed connection", "[strangers]") {
    RealDaemon daemon;
    daemon.start();
    Worker worker(daemon);
    const std::vector<std::string> greetings{
        "",
        "GET / HTTP/1.1\r\nHost: cupel\r\n\r\n",
        std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11),
        "SSH-2.0-OpenSSH_9.2\r\n",
        "EHLO scanner\r\n",
        std::string(64, '\0'),
        std::string(64, '\xff'),
    };
    for (int round = 0; round < 100; ++round) {
        for (const auto& endpoint : {daemon.control, daemon.events}) {
            for (const auto& greeting : greetings) {
                const Tcp scan(endpoint);
                REQUIRE(scan.ok());
                scan.send(greeting);
            }
        }
    }
    CHECK(worker.goes_on());
    CHECK(lets_in(daemon));
}

TEST_CASE("ten million bytes of garbage change nothing", "[strangers]") {
    constexpr std::uint32_t kSeed = 5;
    constexpr std::size_t kEach = 50'000;
    constexpr std::size_t kAll = 10'000'000;
    INFO("seed " << kSeed);
    std::mt19937 random(kSeed);
    RealDaemon daemon;
    daemon.start();
    Worker worker(daemon);
    const std::size_t before = read_history(daemon.store()).size();
    const long memory = resident_kib(daemon.process().pid());
    std::size_t sent = 0;
    std::size_t taken = 0;
    for (int n = 0; sent < kAll; ++n) {
        const Tcp line(n % 2 == 0 ? daemon.control : daemon.events);
        REQUIRE(line.ok());
        // At once, or where frames are expected.
        const std::string bytes = (n % 4 < 2 ? "" : zmtp_handshake()) + noise(random, kEach);
        taken += line.send(bytes);
        sent += kEach;
    }
    CHECK(worker.goes_on());
    CHECK(lets_in(daemon));
    CHECK(read_history(daemon.store()).size() == before + 1);
    CHECK(resident_kib(daemon.process().pid()) - memory < 64 << 10);
    WARN(taken << " bytes were taken");
}

TEST_CASE("damaged bodies, oversize frames, long topics and another major version are refused",
          "[strangers]") {
    RealDaemon daemon;
    daemon.start();
    Worker worker(daemon);
    zmq::context_t context;
    SECTION("every body that must be refused") {
        RawClient client = daemon.connect(context, "careless");
        int refused = 0;
        for (const auto& folder :
             std::filesystem::directory_iterator(source_dir() / "tests/data/bodies")) {
            const std::string schema = folder.path().filename().string();
            if (schema.rfind("command-", 0) != 0) {
                continue;
            }
            std::string kind = schema.substr(8, schema.size() - 10);
            for (char& c : kind) {
                c = c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
            }
            for (const auto& file : std::filesystem::directory_iterator(folder.path())) {
                if (file.path().filename().string().rfind("bad-", 0) == 0) {
                    std::ifstream in(file.path());
                    const std::string body{std::istreambuf_iterator<char>(in), {}};
                    INFO(file.path());
                    client.send({"", RawClient::header(kind, "b"), body});
                    CHECK(client.receive().error() == "BAD_MESSAGE");
                    ++refused;
                }
            }
        }
        CHECK(refused > 100);
    }
    SECTION("a frame beyond the limit drops its peer") {
        RawClient client = daemon.connect(context, "large");
        client.send({"", RawClient::header("PING", "p"), std::string((8u << 20) + 65, 'x')});
        CHECK_FALSE(client.try_receive(std::chrono::milliseconds(200)));
    }
    SECTION("a topic beyond the limit drops its subscriber") {
        zmq::socket_t socket(context, zmq::socket_type::sub);
        socket.set(zmq::sockopt::linger, 0);
        socket.set(zmq::sockopt::subscribe, std::string(2000, 'c'));
        socket.connect(daemon.events);
        CHECK_FALSE(next_message(socket, std::chrono::milliseconds(200)));
    }
    SECTION("another major version") {
        RawClient client = daemon.connect(context, "later");
        client.send({"", RawClient::header("PING", "p", 2), "{}"});
        const Answered answer = client.receive();
        CHECK(answer.error() == "UNSUPPORTED_VERSION");
        CHECK(answer.body["max"] == 1);
    }
    CHECK(worker.goes_on());
    CHECK(lets_in(daemon));
}

TEST_CASE("a truncated structure file is a verdict that says so", "[strangers]") {
#ifdef __SANITIZE_THREAD__
    CUPEL_SKIP("the analysis has less memory than the thread sanitizer wants");
#endif
    RealDaemon daemon;
    daemon.start();
    Worker worker(daemon);
    zmq::context_t context;
    RawClient client = daemon.connect(context, "worker");
    const std::string cif =
        "data_x\n_cell_length_a 20\n_cell_length_b 20\n_cell_length_c 20\n"
        "_cell_angle_alpha 90\n_cell_angle_beta 90\n_cell_angle_gamma 90\n"
        "loop_\n_atom_site_label\n_atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_z\n"
        "Ag1 0.1 0.1 0.1\nAg2 0.2 0.";
    const Json leases = client.ok("HELLO", {{"client", "worker"}})["leases"];
    client.ok("RESULT",
              {{"cmd_id", make_ulid()},
               {"proposal", leases[0]["proposal"]},
               {"lease", leases[0]["lease"]},
               {"fence", leases[0]["fence"]},
               {"blobs",
                {{{"name", "x.cif"},
                  {"type", "chemical/x-cif"},
                  {"sha256", sha256_hex(cif)},
                  {"length", cif.size()}}}}},
              {cif});
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    std::string state;
    while (state != "AWAITING" && std::chrono::steady_clock::now() < deadline) {
        state = states_stored(daemon.store())[leases[0]["proposal"]];
    }
    CHECK(state == "AWAITING");
    const auto history = read_history(daemon.store());
    const auto verdict = std::find_if(
        history.begin(), history.end(), [](const Event& event) { return event.kind == "VERDICT"; });
    REQUIRE(verdict != history.end());
    INFO(verdict->body_json);
    CHECK(verdict->body_json.find("truncated") != std::string::npos);
}
