// Throughput and latency of cupeld beside the raw limit of the same disk and sockets, in one run.
//
//   daemon_bench [--quick]
//
// Each row gives the limit, what the daemon does, the share and the bound of it. The exit code is 0
// when every bound is met; with --quick the run is short and only has to work.
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include <unistd.h>

#include <cupel/codec/envelope.hpp>
#include <cupel/domain/sha256.hpp>
#include <cupel/domain/ulid.hpp>

#include "bare_store.hpp"
#include "bus_support.hpp"
#include "campaign/records.hpp"
#include "ledger/changes.hpp"
#include "processor_seconds.hpp"
#include "real_daemon.hpp"

using namespace cupel;
using namespace cupel::test;

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

double percentile(std::vector<double> values, double share) {
    std::sort(values.begin(), values.end());
    return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

struct Row {
    const char* what;
    const char* unit;
    double limit, ours;
    double share, bound;
    bool at_least;  ///< else at most
    bool met() const { return at_least ? share >= bound : share <= bound; }
};

void print(const Row& row) {
    std::printf("%-44s %12.1f %12.1f %-11s %6.2f  %s %.2f  %s\n",
                row.what,
                row.limit,
                row.ours,
                row.unit,
                row.share,
                row.at_least ? ">=" : "<=",
                row.bound,
                row.met() ? "met" : "NOT MET");
    std::fflush(stdout);
}

/// Reads the daemon's log as the journal would: a full pipe would spare it the writing.
class LogReader {
  public:
    explicit LogReader(ChildProcess& process)
        : thread_([this, &process] {
              while (!ended_ && process.ignore_output(std::chrono::milliseconds(100))) {
              }
          }) {}
    ~LogReader() {
        ended_ = true;
        thread_.join();
    }

  private:
    std::atomic<bool> ended_ = false;
    std::thread thread_;
};

/// One robot with experiments under way, and another connection for commands by the hundred.
class BenchRobot {
  public:
    BenchRobot(RealDaemon& daemon, zmq::context_t& context, const std::string& name)
        : control_(daemon.control), name_(name), client_(daemon.connect(context, name)) {}

    /// Claims and starts these.
    void start(const std::vector<std::string>& proposals) {
        for (const auto& id : proposals) {
            const Json claim =
                client_.ok("CLAIM", {{"cmd_id", make_ulid()}, {"proposals", {id}}})["claims"][0];
            Json body{{"proposal", id}, {"lease", claim["lease"]}, {"fence", claim["fence"]}};
            body["cmd_id"] = make_ulid();
            client_.ok("START", body);
            body["stage"] = "stirring";
            bodies_.push_back(body);
        }
    }
    RawClient& client() { return client_; }
    const Json& progress() {
        Json& body = bodies_[static_cast<std::size_t>(turn_++) % bodies_.size()];
        body["cmd_id"] = make_ulid();
        return body;
    }
    /// The same as frames put together by hand: the client takes no more of the processor than it
    /// must, for it is not what is measured.
    Texts progress_frames() {
        const Json& of = bodies_[static_cast<std::size_t>(turn_++) % bodies_.size()];
        std::string& rest = rests_[of["proposal"].get_ref<const std::string&>()];
        if (rest.empty()) {
            Json body = of;
            body.erase("cmd_id");
            rest = body.dump().substr(1);
        }
        const std::string number = std::to_string(turn_);
        return {"",
                R"({"cupel":1,"kind":"PROGRESS","id":"p)" + number + "\"}",
                R"({"cmd_id":")" + make_ulid() + "\"," + rest};
    }
    /// Another connection of the same client.
    zmq::socket_t connection(zmq::context_t& context) const {
        zmq::socket_t socket(context, zmq::socket_type::dealer);
        socket.set(zmq::sockopt::linger, 0);
        socket.connect(control_);
        send_message(socket,
                     {"", RawClient::header("HELLO", "hello"), Json{{"client", name_}}.dump()});
        if (!next_message(socket, kPatience)) {
            throw std::runtime_error("no answer");
        }
        return socket;
    }

  private:
    std::string control_, name_;
    RawClient client_;
    std::vector<Json> bodies_;
    std::map<std::string, std::string> rests_;  ///< of the bodies, behind their cmd_id
    int turn_ = 0;
};

/// cupeld with robots at work.
class Served {
  public:
    static constexpr int kRobots = 4;
    static constexpr int kExperiments = 8;
    /// `tables` of the configuration besides those it needs.
    explicit Served(const std::string& tables = "") : daemon_(with(tables)) {
        daemon_.start();
        log_.emplace(daemon_.process());
        for (int i = 0; i < kRobots; ++i) {
            robots_.push_back(
                std::make_unique<BenchRobot>(daemon_, context_, "robot-" + std::to_string(i)));
        }
        const std::vector<std::string> ids = wait_for_offers(robots_[0]->client(), kExperiments);
        for (int i = 0; i < kExperiments; ++i) {
            robots_[i % kRobots]->start({ids[static_cast<std::size_t>(i)]});
        }
    }
    std::vector<std::unique_ptr<BenchRobot>>& robots() { return robots_; }
    zmq::context_t& context() { return context_; }
    /// What all threads of the daemon have spent of the processors, in seconds.
    double processor_seconds() {
        std::ifstream stat("/proc/" + std::to_string(daemon_.process().pid()) + "/stat");
        std::string word;
        for (int i = 0; i < 13; ++i) {
            stat >> word;
        }
        double user = 0;
        double system = 0;
        stat >> user >> system;
        return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
    }

  private:
    static DaemonSetup with(const std::string& tables) {
        DaemonSetup setup;
        setup.tables = tables;
        return setup;
    }
    RealDaemon daemon_;
    zmq::context_t context_;
    std::vector<std::unique_ptr<BenchRobot>> robots_;
    std::optional<LogReader> log_;
};

constexpr int kGroup = 256;  ///< commands a commit

/// So many are done in so long.
struct Done {
    int commands = 0;
    double seconds = 0;
    double processors = 0;  ///< seconds that this program spent of them, all threads
    double served = 0;      ///< and cupeld
    double rate() const { return commands / seconds; }
    double per_command(double of) const { return 1e6 * of / commands; }
};

/// One of the connections that commands come from.
struct Sender {
    BenchRobot* robot;
    zmq::socket_t socket;
    int on_their_way = 0;

    bool take(zmq::recv_flags flags) {
        zmq::message_t frame;
        if (!socket.recv(frame, flags)) {
            return false;
        }
        (void)socket.recv(frame);
        if (frame.to_string_view().find(R"("kind":"OK")") == std::string_view::npos) {
            throw std::runtime_error("a command was refused");
        }
        while (frame.more()) {
            (void)socket.recv(frame);
        }
        --on_their_way;
        return true;
    }
};

/// Commands of all robots, so many of each always on their way.
void serve(Served& served, double seconds, Done& done) {
    constexpr int kHandful = kGroup / 4;
    std::vector<Sender> senders;
    std::vector<zmq::pollitem_t> polled;
    for (const auto& robot : served.robots()) {
        senders.push_back({robot.get(), robot->connection(served.context())});
        polled.push_back({senders.back().socket, 0, ZMQ_POLLIN, 0});
    }
    int answered = 0;
    const double spent = processor_seconds();
    const double spent_there = served.processor_seconds();
    const auto start = Clock::now();
    for (bool busy = true; busy;) {
        const bool going = seconds_since(start) < seconds;
        busy = going;
        for (Sender& sender : senders) {
            // In handfuls, whenever some of what was sent is answered.
            while (going && sender.on_their_way + kHandful < 2 * kGroup) {
                for (int i = 0; i < kHandful; ++i, ++sender.on_their_way) {
                    send_message(sender.socket, sender.robot->progress_frames());
                }
            }
            busy = busy || sender.on_their_way > 0;
        }
        if (busy && zmq::poll(polled, kPatience) == 0) {
            throw std::runtime_error("no answer");
        }
        for (Sender& sender : senders) {
            while (sender.on_their_way > 0 && sender.take(zmq::recv_flags::dontwait)) {
                ++answered;
            }
        }
    }
    done.seconds += seconds_since(start);
    done.processors += processor_seconds() - spent;
    done.served += served.processor_seconds() - spent_there;
    done.commands += answered;
}

constexpr int kSlices = 5;  ///< turn about, so that other programs and the disk treat both alike

void commit_bare(BareStore& bare, double seconds, Done& done) {
    const double spent = processor_seconds();
    const auto start = Clock::now();
    while (seconds_since(start) < seconds) {
        bare.commit(kGroup);
        done.commands += kGroup;
    }
    done.seconds += seconds_since(start);
    done.processors += processor_seconds() - spent;
}

/// Durable commands a second.
Row durable_commands(Served& served, double seconds) {
    const TempDir dir;
    BareStore bare(dir / "bare.db");
    BareStore by_sixteen(dir / "by-sixteen.db", 16);
    Done raw, raw_by_sixteen, ours;
    for (int slice = 0; slice < kSlices; ++slice) {
        commit_bare(bare, seconds / kSlices, raw);
        serve(served, seconds / kSlices, ours);
        commit_bare(by_sixteen, seconds / kSlices, raw_by_sixteen);
    }
    std::printf("# of the processors, us a command: bare %.1f, cupeld %.1f, its client %.1f\n",
                raw.per_command(raw.processors),
                ours.per_command(ours.served),
                ours.per_command(ours.processors));
    std::printf("# bare with sixteen rows a statement, as cupeld: %.1f commands/s, share %.2f\n",
                raw_by_sixteen.rate(),
                ours.rate() / raw_by_sixteen.rate());
    return {"durable commands, 256 a commit",
            "commands/s",
            raw.rate(),
            ours.rate(),
            ours.rate() / raw.rate(),
            0.5,
            true};
}

/// The same commands with and without counting them for Prometheus.
void show_cost_of_metrics(Served& plain, double seconds) {
    Served counted("[http]\nmetrics = \"127.0.0.1:*\"\n");
    Done without, with;
    for (int slice = 0; slice < kSlices; ++slice) {
        serve(plain, seconds / kSlices, without);
        serve(counted, seconds / kSlices, with);
    }
    std::printf(
        "# of the processors, us a command of cupeld: %.1f, with metrics %.1f (%.2f times)\n",
        without.per_command(without.served),
        with.per_command(with.served),
        with.per_command(with.served) / without.per_command(without.served));
}

/// What the events tell of the tables, beside a bare commit of as many commands: for each
/// experiment of a commit the difference of its record, written and hashed with the last event.
void show_cost_of_changes(double seconds) {
    const TempDir dir;
    BareStore bare(dir / "bare.db");
    Proposal proposal;
    proposal.id = make_ulid();
    proposal.campaign = "c";
    proposal.candidate.core.metals = {{"Ag", 25}};
    controller::ProposalRecord record;
    record.proposal = proposal;
    record.lease = controller::Lease{};
    Json before = controller::record_json_around(record);
    Done without, with;
    std::size_t bytes = 0;
    const auto begin = Clock::now();
    while (seconds_since(begin) < seconds) {
        double spent = processor_seconds();
        bare.commit(kGroup);
        without.processors += processor_seconds() - spent;
        without.commands += kGroup;
        spent = processor_seconds();
        bare.commit(kGroup);
        controller::Changes changes;
        std::vector<Event> events(1);
        for (int i = 0; i < Served::kExperiments; ++i) {
            record.lease->wall_deadline += std::chrono::milliseconds(1);
            Json after = controller::record_json_around(record);
            events.front().proposal = proposal.id;
            changes.record("proposal", proposal.id, "c", before, after);
            changes.tell(events);
            bytes += sha256_hex(events.front().changes_json).size();
            before = std::move(after);
        }
        with.processors += processor_seconds() - spent;
        with.commands += kGroup;
    }
    const double bare_us = without.per_command(without.processors);
    const double told_us = with.per_command(with.processors);
    std::printf(
        "# of the processors, us a bare command: %.1f, with changes told %.1f (%.2f times)%s\n",
        bare_us,
        told_us,
        told_us / bare_us,
        bytes == 0 ? ", nothing was told" : "");
}

/// One command at a time: a bare echo that commits one command and its event.
Row round_trips(Served& served, int times) {
    const TempDir dir;
    zmq::context_t context;
    zmq::socket_t router(context, zmq::socket_type::router);
    router.bind("tcp://127.0.0.1:*");
    std::thread server([&] {
        BareStore bare(dir / "bare.db");
        for (;;) {
            const auto frames = next_message(router, std::chrono::minutes(1));
            if (!frames || frames->back() == "end") {
                return;
            }
            bare.commit(1);
            send_message(router, *frames);
        }
    });
    zmq::socket_t dealer(context, zmq::socket_type::dealer);
    dealer.connect(router.get(zmq::sockopt::last_endpoint));
    BenchRobot& robot = *served.robots().front();
    std::vector<double> raw, ours;
    // Turn about, so that the disk treats both alike.
    for (int i = 0; i < times; ++i) {
        const std::string body = robot.progress().dump();
        const auto start = Clock::now();
        send_message(dealer, {"", RawClient::header("PROGRESS", "m"), body});
        next_message(dealer, std::chrono::minutes(1));
        raw.push_back(1000.0 * seconds_since(start));
        const auto begin = Clock::now();
        robot.client().ok("PROGRESS", robot.progress());
        ours.push_back(1000.0 * seconds_since(begin));
    }
    send_message(dealer, {"end"});
    server.join();
    const double limit = percentile(raw, 0.99);
    const double mine = percentile(ours, 0.99);
    std::printf("# round trip median: bare %.2f ms, ours %.2f ms\n",
                percentile(raw, 0.5),
                percentile(ours, 0.5));
    return {
        "round trip p99 (bare: echo and one commit)", "ms", limit, mine, mine / limit, 3.0, false};
}

/// Counts messages of one subscriber on a thread of its own.
class Counter {
  public:
    Counter(zmq::context_t& context, const std::string& endpoint)
        : socket_(context, zmq::socket_type::sub) {
        socket_.set(zmq::sockopt::linger, 0);
        socket_.set(zmq::sockopt::subscribe, "c/c/");
        socket_.set(zmq::sockopt::rcvtimeo, 10'000);
        socket_.connect(endpoint);
    }
    /// Something has come, and everything that was on its way is thrown away.
    bool ready() {
        bool any = false;
        while (next_message(socket_, std::chrono::milliseconds(any ? 100 : 10))) {
            any = true;
        }
        return any;
    }
    /// Waits for so many more.
    void take(int count) {
        zmq::message_t frame;
        for (int i = 0; i < count; ++i) {
            do {
                if (!socket_.recv(frame)) {
                    throw std::runtime_error("an event was lost: only " + std::to_string(i) +
                                             " of " + std::to_string(count) + " came");
                }
            } while (frame.more());
        }
    }

  private:
    zmq::socket_t socket_;
};

/// Events a second that reach each of a few subscribers; a window at a time, so that none is lost.
Row fan_out(double seconds) {
    // libzmq hears of what was read by the half queue of 1000, and looks once a millisecond.
    constexpr int kWindow = 100;
    constexpr int kSubscribers = 4;
    Event event;
    event.campaign = "c";
    event.kind = "PROGRESS";
    event.proposal = make_ulid();
    event.cause = make_ulid();
    event.id = make_ulid();
    event.body_json = std::string(298, 'b');
    // Publishes `count` events and lets each of the subscribers take them.
    const auto run = [&](zmq::context_t& context,
                         const std::string& endpoint,
                         const std::function<void(int)>& publish) {
        std::vector<std::unique_ptr<Counter>> counters;
        for (int i = 0; i < kSubscribers; ++i) {
            counters.push_back(std::make_unique<Counter>(context, endpoint));
            do {
                publish(1);  // until the subscription has arrived
            } while (!counters.back()->ready());
        }
        for (auto& counter : counters) {
            counter->ready();
        }
        int events = 0;
        const auto start = Clock::now();
        while (seconds_since(start) < seconds) {
            publish(kWindow);
            for (auto& counter : counters) {
                counter->take(kWindow);
            }
            events += kWindow;
        }
        return events / seconds_since(start);
    };

    zmq::context_t context;
    zmq::socket_t pub(context, zmq::socket_type::xpub);
    pub.bind("tcp://127.0.0.1:*");
    const std::string header = codec::encode(codec::header_of(event, make_ulid()));
    const double limit = run(context, pub.get(zmq::sockopt::last_endpoint), [&](int count) {
        for (int i = 0; i < count; ++i) {
            send_message(pub, {"c/c/PROGRESS", header, event.body_json});
        }
    });

    auto options = BusBench::fast();
    options.heartbeat = std::chrono::hours(1);
    BusBench bench(options);
    {
        RawClient client = bench.hello("bench");
        bench.offers(client);  // the campaign has come to rest: only our events follow
    }
    const double ours = run(bench.context, bench.bus->events_endpoint(), [&](int count) {
        bench.bus->publish(std::vector<Event>(static_cast<std::size_t>(count), event));
    });
    return {"fan-out to 4 subscribers", "events/s", limit, ours, ours / limit, 0.3, true};
}

}  // namespace

int main(int argc, char** argv) {
    const bool quick = argc > 1 && std::strcmp(argv[1], "--quick") == 0;
    const double seconds = quick ? 0.5 : 5.0;
    std::printf("%-44s %12s %12s %-11s %6s\n", "#", "raw limit", "cupeld", "", "share");
    bool met = true;
    const auto show = [&met](const Row& row) {
        print(row);
        met = met && row.met();
    };
    Served served;
    show(durable_commands(served, seconds));
    show_cost_of_metrics(served, seconds);
    show_cost_of_changes(seconds);
    show(round_trips(served, quick ? 50 : 1000));
    show(fan_out(seconds));
    const Json bus = served.robots().front()->client().ok("STATUS")["bus"];
    show({"io thread: longest handler",
          "ms",
          5.0,
          bus["longest_handler_ms"],
          bus["longest_handler_ms"].get<double>() / 5.0,
          1.0,
          false});
    std::printf("# slowest handler: %s\n", bus["slowest_handler"].get<std::string>().c_str());
    return met || quick ? 0 : 1;
}
