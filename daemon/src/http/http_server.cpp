// Boost.Beast, one session object a connection.
#include "http_server.hpp"

#include <mutex>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <cupel/controller.hpp>

namespace cupel::controller {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;

constexpr std::uint32_t kLongestHeader = 8192;

/// "[::1]:9470" -> "[::1]"; a host without a port stays.
std::string host_of(const std::string& text) {
    const auto colon = text.rfind(':');
    const bool inside = colon != std::string::npos && text.find(']', colon) != std::string::npos;
    return colon == std::string::npos || inside ? text : text.substr(0, colon);
}

bool names_this_machine(const std::string& host) {
    const std::string name = host_of(host);
    return name == "localhost" || name == "[::1]" ||
           (name.rfind("127.", 0) == 0 &&
            name.find_first_not_of("0123456789.") == std::string::npos);
}

/// The way back to the server's thread, for answers that may come when there is none any more.
class Gate {
  public:
    explicit Gate(asio::io_context& io) : io_(&io) {}
    void post(std::function<void()> work) {
        const std::lock_guard lock(mutex_);
        if (io_ != nullptr) {
            asio::post(*io_, std::move(work));
        }
    }
    void close() {
        const std::lock_guard lock(mutex_);
        io_ = nullptr;
    }

  private:
    std::mutex mutex_;
    asio::io_context* io_;
};

/// One connection: reads a request, asks, writes the answer, ends.
class Session : public std::enable_shared_from_this<Session> {
  public:
    Session(tcp::socket socket, const HttpHandler& handler, std::shared_ptr<Gate> gate, int& open)
        : stream_(std::move(socket)), handler_(handler), gate_(std::move(gate)), open_(open) {
        ++open_;
        parser_.header_limit(kLongestHeader);
        parser_.body_limit(0);
    }
    ~Session() { --open_; }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    void start() {
        stream_.expires_after(std::chrono::seconds(HttpServer::kSeconds));
        http::async_read(stream_,
                         buffer_,
                         parser_,
                         [self = shared_from_this()](beast::error_code error, std::size_t) {
                             if (!error) {
                                 self->ask();
                             } else if (error != http::error::end_of_stream) {
                                 self->reply({400, "text/plain", "not a request for this page\n"});
                             }
                         });
    }

  private:
    void ask() {
        const auto& request = parser_.get();
        head_ = request.method() == http::verb::head;
        if (!names_this_machine(std::string(request[http::field::host]))) {
            reply({403, "text/plain", "ask as localhost or 127.0.0.1\n"});
        } else if (!head_ && request.method() != http::verb::get) {
            reply({405, "text/plain", "only GET and HEAD\n"});
        } else {
            const std::string target(request.target());
            wait();
            // The answer may come from another thread, and after this connection has ended.
            handler_(target.substr(0, target.find('?')),
                     [weak = weak_from_this(), gate = gate_](std::function<HttpReply()> make) {
                         gate->post([weak, make = std::move(make)] {
                             if (const auto session = weak.lock()) {
                                 session->reply(make());
                             }
                         });
                     });
        }
    }

    /// The timer keeps this session alive until the answer or the deadline, whichever is first.
    void wait() {
        timer_.expires_after(std::chrono::seconds(HttpServer::kSeconds));
        timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
            if (!error) {
                self->reply({503, "text/plain", "the daemon does not answer\n"});
            }
        });
    }

    void reply(HttpReply answer) {
        if (std::exchange(replied_, true)) {
            return;
        }
        timer_.cancel();
        response_.result(static_cast<unsigned>(answer.status));
        response_.version(11);
        response_.set(http::field::content_type, answer.type);
        response_.set(http::field::cache_control, "no-store");
        response_.set("X-Content-Type-Options", "nosniff");
        response_.set("Referrer-Policy", "no-referrer");
        // No scripts, no forms, nothing from elsewhere, in nobody's frame.
        response_.set("Content-Security-Policy",
                      "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; "
                      "base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
        response_.keep_alive(false);
        response_.content_length(answer.body.size());
        if (!head_) {
            response_.body() = std::move(answer.body);
        }
        stream_.expires_after(std::chrono::seconds(HttpServer::kSeconds));
        http::async_write(
            stream_, response_, [self = shared_from_this()](beast::error_code, std::size_t) {
                beast::error_code ignored;
                self->stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
            });
    }

    beast::tcp_stream stream_;
    const HttpHandler& handler_;
    std::shared_ptr<Gate> gate_;
    int& open_;
    asio::steady_timer timer_{stream_.get_executor()};
    beast::flat_buffer buffer_{2 * kLongestHeader};
    http::request_parser<http::empty_body> parser_;
    http::response<http::string_body> response_;
    bool head_ = false;
    bool replied_ = false;
};

}  // namespace

struct HttpServer::Impl {
    Impl(const std::string& key, const std::string& wanted, HttpHandler given)
        : handler(std::move(given)) {
        const std::string host = host_of(wanted);
        const std::string port = wanted.substr(host.size() + 1);
        const std::string bare = host == "localhost"   ? "127.0.0.1"
                                 : host.front() == '[' ? host.substr(1, host.size() - 2)
                                                       : host;
        try {
            const auto number = port == "*" ? 0 : std::stoi(port);
            const tcp::endpoint at(asio::ip::make_address(bare),
                                   static_cast<unsigned short>(number));
            acceptor.open(at.protocol());
            acceptor.set_option(asio::socket_base::reuse_address(true));
            acceptor.bind(at);
            acceptor.listen(kConnections);
        } catch (const std::exception& error) {
            throw BusError(key + ": cannot listen at " + wanted + ": " + error.what() +
                           "; another program may hold that port");
        }
        endpoint = host + ":" + std::to_string(acceptor.local_endpoint().port());
        accept();
        thread = std::thread([this] { run(); });
    }

    ~Impl() {
        gate->close();
        asio::post(io, [this] { io.stop(); });
        thread.join();
    }

    void run() {
        for (bool running = true; running;) {
            try {
                io.run();
                running = false;
            } catch (const std::exception&) {
                // One request that went wrong must not take the others with it.
            }
        }
    }

    void accept() {
        acceptor.async_accept([this](const boost::system::error_code& error, tcp::socket socket) {
            if (error == asio::error::operation_aborted) {
                return;
            }
            if (!error && open < kConnections) {
                std::make_shared<Session>(std::move(socket), handler, gate, open)->start();
            }
            if (!error) {
                accept();
                return;
            }
            // Out of descriptors: asking again at once would spin.
            pause.expires_after(std::chrono::milliseconds(200));
            pause.async_wait([this](const boost::system::error_code& stopped) {
                if (!stopped) {
                    accept();
                }
            });
        });
    }

    HttpHandler handler;
    int open = 0;  ///< sessions; outlives the loop that holds them
    asio::io_context io{1};
    std::shared_ptr<Gate> gate = std::make_shared<Gate>(io);
    tcp::acceptor acceptor{io};
    asio::steady_timer pause{io};
    std::string endpoint;
    std::thread thread;
};

HttpServer::HttpServer(const std::string& key, const std::string& endpoint, HttpHandler handler)
    : impl_(std::make_unique<Impl>(key, endpoint, std::move(handler))) {}

HttpServer::~HttpServer() = default;

const std::string& HttpServer::endpoint() const noexcept {
    return impl_->endpoint;
}

}  // namespace cupel::controller
