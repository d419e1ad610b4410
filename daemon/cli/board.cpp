// cupel board: a page for the browser at the bench, made from what this client may see.
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>

#include <cupel/domain/error.hpp>

#include "../src/bus/endpoint_text.hpp"
#include "../src/http/http_server.hpp"
#include "board_page.hpp"
#include "commands.hpp"
#include "connection.hpp"
#include "event_text.hpp"
#include "unknown_causes.hpp"

namespace cupel::cli {
namespace {

using controller::HttpAnswer;
using controller::HttpReply;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kFresh{2};  ///< several browsers, one question
constexpr double kPatience = 4.0;          ///< seconds; the browser's connection ends after five
constexpr std::size_t kLines = 30;         ///< of the history

struct BoardOptions {
    ConnectOptions connect;
    std::string listen = "127.0.0.1:5880";
};

/// Requests wait here for the one thread that speaks to the daemon.
class Requests {
  public:
    struct Request {
        std::string path;
        HttpAnswer answer;
    };
    void add(std::string path, HttpAnswer answer) {
        {
            const std::lock_guard lock(mutex_);
            waiting_.push_back({std::move(path), std::move(answer)});
        }
        came_.notify_one();
    }
    Request next() {
        std::unique_lock lock(mutex_);
        came_.wait(lock, [this] { return !waiting_.empty(); });
        Request request = std::move(waiting_.front());
        waiting_.pop_front();
        return request;
    }

  private:
    std::mutex mutex_;
    std::condition_variable came_;
    std::deque<Request> waiting_;  ///< as many as the server has connections
};

/// Asks the daemon, at most once in kFresh; a connection of its own each time, as every command
/// has, so a daemon that was away is found again.
class Board {
  public:
    explicit Board(ConnectOptions options) : options_(std::move(options)) {}

    HttpReply reply(const std::string& path) {
        try {
            return answer(path);
        } catch (const std::exception& error) {
            return html(503, trouble_page(error.what()));
        }
    }

  private:
    static HttpReply html(int status, std::string body) {
        return {status, "text/html; charset=utf-8", std::move(body)};
    }

    HttpReply answer(const std::string& path) {
        if (path == "/") {
            return html(200, board_page(view()));
        }
        const std::string kPrefix = "/p/";
        const std::string kPicture = ".svg";
        if (path.rfind(kPrefix, 0) != 0) {
            return html(404, trouble_page("there is no such page; the board is at /"));
        }
        std::string id = path.substr(kPrefix.size());
        const bool picture =
            id.size() > kPicture.size() &&
            id.compare(id.size() - kPicture.size(), kPicture.size(), kPicture) == 0;
        if (picture) {
            id.resize(id.size() - kPicture.size());
        }
        for (const auto& proposal : view().proposals) {
            if (proposal.at("proposal") == id) {
                return picture ? HttpReply{200, "image/svg+xml", ligands_picture(proposal)}
                               : html(200, proposal_page(proposal, path + kPicture));
            }
        }
        return html(404, trouble_page("no proposal has that id; the board is at /"));
    }

    const BoardView& view() {
        if (asked_ && Clock::now() - asked_at_ < kFresh) {
            return view_;
        }
        Connection connection(options_);
        BoardView fresh;
        fresh.endpoint = options_.endpoint;
        fresh.status = connection.ask(Status{});
        fresh.proposals = connection.proposals();
        tell_causes(connection, fresh.status, fresh.proposals);
        fresh.history = lately(connection, fresh.status);
        view_ = std::move(fresh);
        asked_ = true;
        asked_at_ = Clock::now();
        return view_;
    }

    /// The last lines of all campaigns together, newest first.
    static std::vector<std::string> lately(Connection& connection, const Json& status) {
        std::multimap<std::int64_t, std::string, std::greater<>> lines;
        for (const auto& campaign : status.at("campaigns")) {
            const auto name = campaign.at("campaign").get<std::string>();
            const auto seq = campaign.at("seq").get<std::int64_t>();
            for (const auto& event : connection.history(
                     name,
                     std::max<std::int64_t>(1, seq - static_cast<std::int64_t>(kLines) + 1))) {
                lines.emplace(event.at("header").at("gseq").get<std::int64_t>(),
                              event_text(name, event));
            }
        }
        std::vector<std::string> newest;
        for (auto& [gseq, line] : lines) {
            if (newest.size() < kLines) {
                newest.push_back(std::move(line));
            }
        }
        return newest;
    }

    ConnectOptions options_;
    BoardView view_;
    bool asked_ = false;
    Clock::time_point asked_at_;
};

void board(const BoardOptions& options) {
    if (!controller::is_local_address(options.listen)) {
        throw InputError("bad_address",
                         "--listen: expected an address of this machine (127.0.0.1:PORT), got \"" +
                             options.listen + "\"");
    }
    ConnectOptions connect = options.connect;
    connect.timeout_s = std::min(connect.timeout_s, kPatience);
    (void)client_options(connect);  // a key that cannot be read is told now, not in the browser
    Requests requests;
    Board pages(connect);
    const controller::HttpServer server(
        "--listen", options.listen, [&requests](const std::string& path, const HttpAnswer& answer) {
            requests.add(path, answer);
        });
    std::cout << "http://" << server.endpoint() << "/ shows " << connect.endpoint
              << " to this machine; Ctrl-C ends it" << std::endl;
    for (;;) {
        const auto request = requests.next();
        request.answer([reply = pages.reply(request.path)] { return reply; });
    }
}

}  // namespace

void add_board(CLI::App& app) {
    auto options = std::make_shared<BoardOptions>();
    auto* command = app.add_subcommand("board", "a page for the browser: what waits, offers, work");
    command->add_option("--listen",
                        options->listen,
                        "ADDRESS:PORT of this machine alone; port * is any (127.0.0.1:5880)");
    add_connect_options(*command, options->connect);
    command->footer("example: cupel board   (from elsewhere: ssh -L 5880:127.0.0.1:5880 HOST)");
    command->callback([options] { board(*options); });
}

}  // namespace cupel::cli
