// cupel log: the history, and what happens next.
#include <algorithm>
#include <deque>
#include <functional>
#include <iostream>
#include <map>
#include <memory>

#include <cupel/client/subscriber.hpp>
#include <cupel/codec/envelope.hpp>

#include "commands.hpp"
#include "connection.hpp"
#include "event_text.hpp"

namespace cupel::cli {
namespace {

struct LogOptions {
    ConnectOptions connect;
    std::string campaign, events;
    bool follow = false;
    std::int64_t last = 0;
};

/// What one campaign still has to say, read page by page.
struct Course {
    std::string campaign;
    std::int64_t from, head;  ///< seq of what is not read yet
    std::deque<Json> page;    ///< read, and not shown yet

    std::int64_t gseq() const { return page.front().at("header").at("gseq").get<std::int64_t>(); }
};

/// Reads every campaign on from where it stopped; campaigns that are new are read from the start.
class HistoryReader {
  public:
    using Show = std::function<void(const std::string& campaign, const Json& event)>;

    HistoryReader(Connection& connection, const LogOptions& options)
        : connection_(connection), options_(options) {}

    /// Shows what came since the last call, in order of gseq: all of it, or the last `most`. A
    /// history can be longer than memory: one page of each campaign is held, and an event that was
    /// shown before an error is not shown again.
    void more(const Show& show, std::int64_t most = 0) {
        std::vector<Course> courses = begin();
        std::int64_t skip = most > 0 ? -most : 0;
        for (const auto& course : courses) {
            skip += most > 0 ? course.head - course.from + 1 : 0;
        }
        while (Course* first = next_of(courses)) {
            const Json event = std::move(first->page.front());
            first->page.pop_front();
            next_[first->campaign] = event.at("header").at("seq").get<std::int64_t>() + 1;
            if (skip > 0) {
                --skip;
            } else {
                show(first->campaign, event);
            }
        }
    }

    /// Counts an event as read. False for one that was read before.
    bool is_next(const Event& event) {
        std::int64_t& next = next_.try_emplace(event.campaign, 1).first->second;
        const bool fresh = event.seq >= next;
        next = fresh ? event.seq + 1 : next;
        return fresh;
    }
    /// Another store: what was read is no measure any more. Goes on behind its heads.
    void start_over() {
        next_.clear();
        const Json status = connection_.ask(Status{});
        for (const auto& campaign : status.at("campaigns")) {
            next_[campaign.at("campaign").get<std::string>()] =
                campaign.at("seq").get<std::int64_t>() + 1;
        }
    }

  private:
    /// Those with something new up to now.
    std::vector<Course> begin() {
        std::vector<Course> courses;
        const Json status = connection_.ask(Status{});
        bool known = options_.campaign.empty();
        for (const auto& campaign : status.at("campaigns")) {
            const auto name = campaign.at("campaign").get<std::string>();
            if (!options_.campaign.empty() && options_.campaign != name) {
                continue;
            }
            known = true;
            const auto head = campaign.at("seq").get<std::int64_t>();
            const std::int64_t next = next_.try_emplace(name, first_of(head)).first->second;
            if (next <= head) {
                courses.push_back({name, next, head, {}});
            }
        }
        if (!known) {
            throw no_campaign(options_.campaign);
        }
        return courses;
    }

    /// The one whose event is next; null when all was read.
    Course* next_of(std::vector<Course>& courses) {
        Course* first = nullptr;
        for (auto& course : courses) {
            if (course.page.empty() && course.from <= course.head) {
                read_page(course);
            }
            if (!course.page.empty() && (first == nullptr || course.gseq() < first->gseq())) {
                first = &course;
            }
        }
        return first;
    }

    void read_page(Course& course) {
        constexpr int kPage = 500;
        Json page = connection_.ask(Replay{course.campaign, course.from, course.head, kPage});
        Json& events = page.at("events");
        // An empty one: the store was replaced by a shorter one meanwhile.
        course.from = events.empty() ? course.head + 1 : page.at("next").get<std::int64_t>();
        for (auto& event : events) {
            course.page.push_back(std::move(event));
        }
    }

    /// The last `--last` events of each campaign hold the last ones of all.
    std::int64_t first_of(std::int64_t head) const {
        return options_.last > 0 ? std::max<std::int64_t>(1, head - options_.last + 1) : 1;
    }

    Connection& connection_;
    const LogOptions& options_;
    std::map<std::string, std::int64_t> next_;
};

void show(const std::string& campaign, const Json& event, bool json) {
    std::cout << (json ? event.dump() : event_text(campaign, event)) << "\n";
}

/// Shows what is there now.
void show_past(HistoryReader& reader, const LogOptions& options, std::int64_t most = 0) {
    reader.more([&](const std::string& campaign,
                    const Json& event) { show(campaign, event, options.connect.json); },
                most);
    std::cout.flush();
}

/// Where the events socket is to be found: the daemon says where it bound it, its host is the one
/// we reached it at when it listens everywhere.
std::string events_endpoint(const LogOptions& options, Connection& connection) {
    if (!options.events.empty()) {
        return options.events;
    }
    const Json status = connection.ask(Status{});
    std::string said = status.value("bus", Json::object()).value("events", "");
    if (said.empty()) {
        return client::kDefaultEvents;
    }
    for (const char* anywhere : {"tcp://0.0.0.0:", "tcp://[::]:", "tcp://*:"}) {
        if (said.rfind(anywhere, 0) == 0) {
            const std::string& reached = options.connect.endpoint;
            return reached.substr(0, reached.rfind(':')) + said.substr(said.rfind(':'));
        }
    }
    return said;
}

/// Events as they come, until interrupted; a daemon that goes away is waited for.
class Follower {
  public:
    Follower(const LogOptions& options, HistoryReader& reader, const std::string& events)
        : options_(options),
          reader_(reader),
          subscriber_(subscriber_options(options, events)),
          events_(events) {}

    void run() {
        while (std::cout) {
            if (!epoch_due_.empty() && !try_begin()) {
                continue;
            }
            const auto heard = subscriber_.next(kPatience);
            say_whether_in_touch();
            if (heard && heard->snapshot_json.empty()) {
                show_event(heard->event, heard->epoch);
            } else if (heard) {
                epoch_due_ = heard->epoch;
            }
        }
    }

  private:
    static constexpr std::chrono::milliseconds kPatience{500};

    static client::SubscriberOptions subscriber_options(const LogOptions& options,
                                                        const std::string& events) {
        client::SubscriberOptions wanted;
        wanted.client = client_options(options.connect);
        wanted.events = events;
        if (!options.campaign.empty()) {
            wanted.campaigns = {options.campaign};
        }
        return wanted;
    }

    /// People read this beside the events, programs do not.
    static void note(const std::string& line) {
        std::cout.flush();
        std::cerr << "cupel: " << line << std::endl;
    }

    void say_whether_in_touch() {
        const bool joined = subscriber_.joined();
        if (first_ && !joined && subscriber_.counts().reconnects > 0) {
            note("no events come from " + events_ + "; --events names another endpoint");
            first_ = false;
        } else if (joined && !in_touch_ && !first_) {
            note("cupeld is back");
        } else if (!joined && in_touch_) {
            note("cupeld is gone, or lets this client in no more; waiting for it");
        }
        first_ = first_ && !joined;
        in_touch_ = joined;
    }

    /// Goes on from the state that was heard: what came before it is in the history. False when the
    /// daemon went away meanwhile.
    bool try_begin() {
        try {
            if (!epoch_.empty() && epoch_due_ != epoch_) {
                note("its store is another one now: a restored copy, or a new one");
                reader_.start_over();
            }
            epoch_ = epoch_due_;
            show_past(reader_, options_);
            epoch_due_.clear();
            return true;
        } catch (const InputError&) {
            throw;
        } catch (const Error&) {
            return false;
        }
    }

    void show_event(const Event& event, const std::string& epoch) {
        if (!reader_.is_next(event)) {
            return;
        }
        show(event.campaign, Json::parse(codec::encode(event, epoch)), options_.connect.json);
        std::cout.flush();
    }

    const LogOptions& options_;
    HistoryReader& reader_;
    client::Subscriber subscriber_;
    std::string events_;
    std::string epoch_;
    std::string epoch_due_;  ///< of a state that was heard and not gone on from yet
    bool in_touch_ = false;
    bool first_ = true;  ///< it never joined, and nothing was said about that
};

void log(const LogOptions& options) {
    Connection connection(options.connect);
    HistoryReader reader(connection, options);
    show_past(reader, options, options.last);
    if (options.follow) {
        Follower(options, reader, events_endpoint(options, connection)).run();
    }
}

}  // namespace

void add_log(CLI::App& app) {
    auto options = std::make_shared<LogOptions>();
    auto* command = app.add_subcommand("log", "the history, one event a line");
    command->add_option("--campaign", options->campaign, "of one campaign");
    command->add_option("-n,--last", options->last, "only the last N events")
        ->check(CLI::Range(1, 1'000'000'000));
    command->add_flag(
        "-f,--follow", options->follow, "go on until interrupted, also while cupeld restarts");
    command
        ->add_option(
            "--events", options->events, "events endpoint, where cupeld's own word is not enough")
        ->envname("CUPEL_EVENTS");
    add_connect_options(*command, options->connect);
    command->footer("example: cupel log --campaign gold --last 20 --follow");
    command->callback([options] { log(*options); });
}

}  // namespace cupel::cli
