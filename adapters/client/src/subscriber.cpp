// subscribe, welcome, HELLO, SNAPSHOT, apply > N; REPLAY on a gap; start over after silence.
#include <algorithm>
#include <deque>
#include <random>
#include <set>
#include <thread>

#include <nlohmann/json.hpp>

#include <cupel/client/subscriber.hpp>
#include <cupel/codec/envelope.hpp>

#include "line.hpp"

namespace cupel::client {
namespace {

using Clock = std::chrono::steady_clock;
using Json = nlohmann::json;
using std::chrono::milliseconds;

constexpr std::size_t kMostTold = 256;  ///< campaigns in one PING: what the daemon reads
constexpr int kBeatsBehind = 2;  ///< heartbeats ahead of us before we ask: one may overtake events

/// "c/demo/CLAIMED" -> "demo".
std::string campaign_of_topic(const std::string& topic) {
    const auto end = topic.rfind('/');
    return topic.rfind("c/", 0) == 0 && end > 2 ? topic.substr(2, end - 2) : "";
}

ClientOptions catching_up(ClientOptions options) {
    // next() repeats by itself, so one command need not wait longer than one answer takes.
    options.give_up = options.patience;
    return options;
}

}  // namespace

struct Subscriber::Impl {
    explicit Impl(SubscriberOptions given)
        : options(std::move(given)), client(catching_up(options.client)) {}

    // -- joining

    void open() {
        socket = zmq::socket_t(context, zmq::socket_type::sub);
        socket.set(zmq::sockopt::linger, 0);
        const ClientOptions& own = options.client;
        secure(socket, {own.server_key, own.public_key, own.secret_key});
        socket.set(zmq::sockopt::subscribe, "h/");
        for (const auto& campaign : options.campaigns) {
            socket.set(zmq::sockopt::subscribe, "c/" + campaign + "/");
        }
        if (options.campaigns.empty() && own.server_key.empty()) {
            socket.set(zmq::sockopt::subscribe, "c/");  // with keys join() asks for each
        }
        connect_to(socket, options.events);
        last_word = Clock::now();
    }

    void start_over() {
        ++counts.reconnects;
        socket.close();
        welcomed = joined = false;
        behind.clear();
        missing.clear();
    }

    /// Events that come before the snapshot wait here; most are dropped, none is missed.
    bool await_welcome(Clock::time_point deadline) {
        while (!welcomed && wait_for_message(socket, std::min(deadline, silence_ends()))) {
            const auto frames = receive_frames(socket);
            welcomed = frames.size() == 1 && frames.front() == "h/welcome";
        }
        last_word = welcomed ? Clock::now() : last_word;
        return welcomed;
    }

    void join() {
        const Json hello = Json::parse(client.ask(greeting()).result_json);
        if (options.heartbeat.count() == 0) {
            interval = milliseconds(
                static_cast<long>(1000.0 * std::max(0.001, hello.at("heartbeat_s").get<double>())));
        }
        visible.clear();
        finished.clear();
        for (const auto& each : hello.at("campaigns")) {
            const auto campaign = each.at("campaign").get<std::string>();
            visible.insert(campaign);
            if (each.value("state", "") == "FINISHED") {
                finished.insert(campaign);
            }
        }
        // Whole prefixes are for admins; each campaign of ours is granted by its name. The daemon
        // bounds their number: of a finished one the heartbeat tells when something still happens.
        if (options.campaigns.empty() && !options.client.server_key.empty()) {
            for (const auto& campaign : visible) {
                if (finished.count(campaign) == 0) {
                    socket.set(zmq::sockopt::subscribe, "c/" + campaign + "/");
                }
            }
        }
        const auto said = hello.at("epoch").get<std::string>();
        if (said != epoch) {
            begin(said);
        } else {
            // The same store: what was missed is in its history.
            for (const auto& each : hello.at("campaigns")) {
                catch_up(each.at("campaign").get<std::string>(),
                         each.at("seq").get<std::int64_t>());
            }
        }
        joined = true;
        told_at = Clock::now();
    }

    Hello greeting() const {
        const ClientOptions& c = options.client;
        return {c.name, c.software, c.version, c.capabilities};
    }

    bool wanted(const std::string& campaign) const {
        return options.campaigns.empty() ||
               std::find(options.campaigns.begin(), options.campaigns.end(), campaign) !=
                   options.campaigns.end();
    }

    /// Forgets what an earlier store said and begins with the state of this one.
    void begin(const std::string& new_epoch) {
        Snapshot question;
        if (options.campaigns.size() == 1) {
            question.campaign = options.campaigns.front();
        }
        Json state = Json::parse(client.ask(question).result_json);
        Json kept = Json::array();
        for (auto& each : state.at("campaigns")) {
            if (wanted(each.at("campaign").get<std::string>())) {
                kept.push_back(std::move(each));
            }
        }
        state["campaigns"] = std::move(kept);
        counts.epochs += epoch.empty() ? 0 : 1;
        ++counts.snapshots;
        // A restore between HELLO and SNAPSHOT shows here; the snapshot's own epoch is the true
        // one.
        epoch = state.value("epoch", new_epoch);
        applied.clear();
        behind.clear();
        missing.clear();
        met.clear();
        ready.clear();
        if (options.from_first) {
            for (const auto& each : state.at("campaigns")) {
                catch_up(each.at("campaign").get<std::string>(),
                         each.at("seq").get<std::int64_t>());
            }
            return;
        }
        for (const auto& each : state.at("campaigns")) {
            applied[each.at("campaign").get<std::string>()] = each.at("seq").get<std::int64_t>();
        }
        ready.push_back({state.dump(), {}, epoch});
    }

    // -- events

    void apply(Event event) {
        applied[event.campaign] = event.seq;
        ++counts.applied;
        ready.push_back({"", std::move(event), epoch});
    }

    /// Everything after what is applied, at least up to `head`, is to be read before anything else.
    void catch_up(const std::string& campaign, std::int64_t head) {
        behind.erase(campaign);
        if (!wanted(campaign) || applied[campaign] >= head) {
            return;
        }
        if (missing.empty()) {
            std::this_thread::sleep_for(milliseconds(std::uniform_int_distribution<long>(
                0, static_cast<long>(options.jitter.count()))(random)));
        }
        counts.replays += missing.count(campaign) == 0 ? 1 : 0;
        missing[campaign] = head;
    }

    /// False when its events are those of another store.
    bool apply_page(const std::string& campaign, const Json& page) {
        for (const auto& each : page.at("events")) {
            const std::string header = each.at("header").dump();
            if (codec::decode_header(header).epoch != epoch) {
                return false;
            }
            Event event = codec::decode_event(header, each.at("body").dump());
            event.campaign = campaign;
            if (event.seq == applied[campaign] + 1) {
                apply(std::move(event));
            }
        }
        return true;
    }

    /// One page and no more: a history can be longer than patience and memory. The next is asked
    /// for when this one was heard.
    void read_page() {
        const auto [campaign, head] = *missing.begin();
        const std::int64_t from = applied[campaign] + 1;
        bool same_store = true;
        try {
            const std::string page =
                client.ask(Replay{campaign, from, std::nullopt, options.page}).result_json;
            same_store = apply_page(campaign, Json::parse(page));
        } catch (const Json::exception& error) {
            missing.erase(campaign);  // told once; what else happens is heard
            throw InputError("bad_history",
                             "the history of " + campaign + " cannot be read: " + error.what());
        } catch (const InputError&) {
            missing.erase(campaign);
            throw;
        } catch (const Refused& refused) {
            if (!refused.retryable()) {
                missing.erase(campaign);
            }
            throw;
        }
        if (!same_store) {
            join();  // it was replaced between two pages
            return;
        }
        if (applied[campaign] < from) {
            // The daemon spoke of events that it does not have: begin with its state.
            epoch.clear();
            throw NoAnswer("the history of " + campaign + " ends early");
        }
        if (applied[campaign] >= head) {
            missing.erase(campaign);
        }
        // Nothing else is heard meanwhile: neither is it silent, nor are we.
        last_word = Clock::now();
        if (last_word - told_at >= interval) {
            tell();
        }
    }

    /// The daemon shows how far behind we are, and takes who says nothing for gone.
    void tell() {
        told_at = Clock::now();
        std::map<std::string, std::int64_t> told;
        for (const auto& [campaign, seq] : applied) {
            if (told.size() < kMostTold && finished.count(campaign) == 0) {
                told.emplace(campaign, seq);
            }
        }
        try {
            client.ask(Ping{told});
        } catch (const NoAnswer&) {
            // Whether the line of events is dead, its own silence says.
        } catch (const Refused& refused) {
            if (!refused.retryable()) {
                throw;
            }
        }
    }

    void hear_event(const std::vector<std::string>& frames) {
        Event event = codec::decode_event(frames[1], frames[2]);
        event.campaign = campaign_of_topic(frames[0]);
        if (codec::decode_header(frames[1]).epoch != epoch) {
            join();
            return;
        }
        std::int64_t& last = applied[event.campaign];
        if (event.seq > last + 1) {
            catch_up(event.campaign, event.seq);  // in its turn it comes once more
        } else if (event.seq == last + 1) {
            apply(std::move(event));
        } else {
            ++counts.dropped;
        }
    }

    /// A heartbeat names every campaign, also those that are not ours to see.
    bool foreign(const std::string& campaign) const {
        return !options.client.server_key.empty() && visible.count(campaign) == 0;
    }

    /// Is one of them perhaps ours, made after we joined? HELLO says so, but it is asked once only:
    /// what is not ours stays in each heartbeat.
    bool names_a_new_one(const Json& heads) {
        bool found = false;
        for (const auto& [campaign, seq] : heads.items()) {
            if (wanted(campaign) && foreign(campaign)) {
                found = met.insert(campaign).second || found;
            }
        }
        return found;
    }

    void hear_beat(const std::vector<std::string>& frames) {
        const Json body = Json::parse(frames[2]);
        if (body.at("epoch") != epoch) {
            join();
            return;
        }
        const Json& heads = body.at("heads");
        if (names_a_new_one(heads)) {
            join();
            return;
        }
        for (const auto& [campaign, seq] : heads.items()) {
            const auto head = seq.get<std::int64_t>();
            if (foreign(campaign) || !wanted(campaign) || head <= applied[campaign]) {
                behind.erase(campaign);
            } else if (++behind[campaign] >= kBeatsBehind) {
                catch_up(campaign, head);
            }
        }
        tell();
    }

    void hear(const std::vector<std::string>& frames) {
        last_word = Clock::now();
        if (frames.size() != 3) {
            return;  // a welcome, or nothing of ours
        }
        try {
            frames[0] == "h/beat" ? hear_beat(frames) : hear_event(frames);
        } catch (const InputError&) {
            // Not ours: the history will show what it should have been.
        } catch (const Json::exception&) {
        }
    }

    Clock::time_point silence_ends() const {
        return last_word + interval * std::max(1, options.silent_intervals);
    }

    /// One step: joins, or takes one message. False when there was none before `deadline`.
    bool step(Clock::time_point deadline) {
        if (!socket.handle()) {
            open();
        }
        if (!joined) {
            if (await_welcome(deadline)) {
                join();
                return true;
            }
        } else if (wait_for_message(socket, std::min(deadline, silence_ends()))) {
            hear(receive_frames(socket));
            return true;
        }
        if (Clock::now() >= silence_ends()) {
            start_over();
            return true;
        }
        return false;
    }

    std::optional<Heard> next(Clock::time_point deadline) {
        while (ready.empty()) {
            try {
                if (!missing.empty()) {
                    read_page();
                } else if (!step(deadline)) {
                    return std::nullopt;
                }
            } catch (const NoAnswer&) {
                start_over();
            } catch (const Refused& refused) {
                if (!refused.retryable()) {
                    throw;
                }
                start_over();
            }
            if (ready.empty() && Clock::now() >= deadline) {
                return std::nullopt;
            }
        }
        Heard heard = std::move(ready.front());
        ready.pop_front();
        return heard;
    }

    SubscriberOptions options;
    Client client;
    zmq::context_t context{1};
    zmq::socket_t socket;
    bool welcomed = false;
    bool joined = false;
    milliseconds interval{options.heartbeat.count() > 0 ? options.heartbeat : milliseconds(5000)};
    Clock::time_point last_word{};  ///< of the daemon
    Clock::time_point told_at{};    ///< our last word to it
    std::string epoch;
    std::map<std::string, std::int64_t> applied;
    std::set<std::string> visible;      ///< campaigns that HELLO named
    std::set<std::string> finished;     ///< of those
    std::set<std::string> met;          ///< campaigns of heartbeats that HELLO was asked about
    std::map<std::string, int> behind;  ///< campaign -> heartbeats in a row that were ahead of us
    std::map<std::string, std::int64_t> missing;  ///< campaign -> seq to read its history up to
    std::deque<Heard> ready;
    SubscriberCounts counts;
    std::minstd_rand random{std::random_device{}()};
};

Subscriber::Subscriber(SubscriberOptions options)
    : impl_(std::make_unique<Impl>(std::move(options))) {}
Subscriber::~Subscriber() = default;
Subscriber::Subscriber(Subscriber&&) noexcept = default;
Subscriber& Subscriber::operator=(Subscriber&&) noexcept = default;

std::optional<Heard> Subscriber::next(milliseconds timeout) {
    return impl_->next(Clock::now() + timeout);
}

bool Subscriber::joined() const noexcept {
    return impl_->joined;
}

const std::map<std::string, std::int64_t>& Subscriber::applied() const noexcept {
    return impl_->applied;
}

const SubscriberCounts& Subscriber::counts() const noexcept {
    return impl_->counts;
}

}  // namespace cupel::client
