// A small HTTP server on loopback: one request a connection, answered from what it is given.
#pragma once

#include <functional>
#include <memory>
#include <string>

namespace cupel::controller {

struct HttpReply {
    int status = 200;
    std::string type = "text/plain; charset=utf-8";
    std::string body;
};
/// To be called once, from any thread; `make` runs on the server's.
using HttpAnswer = std::function<void(std::function<HttpReply()> make)>;
/// Takes the path of a GET; on the server's thread, must return at once.
using HttpHandler = std::function<void(const std::string& path, HttpAnswer answer)>;

/// Runs a thread of its own: a scraper that is slow or hostile holds up nobody. At most
/// kConnections at a time, kSeconds for one; more and longer are closed. Requests that name another
/// host than this machine are refused, so that no page in somebody's browser reads from here.
class HttpServer {
  public:
    static constexpr int kConnections = 16;
    static constexpr int kSeconds = 5;

    /// `endpoint` is ADDRESS:PORT, a loopback address; `*` is any free port. Throws BusError with
    /// one clear line that begins with `key`.
    HttpServer(const std::string& key, const std::string& endpoint, HttpHandler handler);
    /// Ends the thread; an answer that comes later goes nowhere.
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    /// "127.0.0.1:9470", with the port that was bound.
    const std::string& endpoint() const noexcept;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace cupel::controller
