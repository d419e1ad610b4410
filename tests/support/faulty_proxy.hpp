// A bad network between a ZeroMQ client and its server: loses, repeats, reorders, delays, cuts,
// stalls.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace cupel::test {

enum class Way { ToServer, ToClient };

/// What becomes of one message.
struct Fault {
    enum class Kind {
        Pass,
        Drop,
        Twice,
        Late,  ///< lets the next ones pass before it; goes after `delay` at the latest
        Slow,  ///< goes after `delay`, and whatever comes after it goes later
        Cut,   ///< the connection ends instead
        PassThenCut,
    };
    Kind kind = Kind::Pass;
    std::chrono::milliseconds delay{0};
};

/// Listens on a free port of the loopback and forwards to one endpoint. Understands as much of ZMTP
/// 3 as it takes to see whole messages (without CURVE: those are sealed); greetings and commands
/// pass untouched.
class FaultyProxy {
  public:
    /// Asked for every message, on the proxy's thread, with the frames of the message.
    using Judge = std::function<Fault(Way, const std::vector<std::string>& frames)>;

    /// `server`: "tcp://127.0.0.1:PORT". `narrow`: buffers of the kernel as small as they go.
    explicit FaultyProxy(const std::string& server, Judge judge = {}, bool narrow = false);
    ~FaultyProxy();
    FaultyProxy(const FaultyProxy&) = delete;
    FaultyProxy& operator=(const FaultyProxy&) = delete;

    const std::string& endpoint() const;
    /// Reads nothing more from the server, so that its queue to the client fills; or again.
    void stall(bool on);
    /// Ends every connection now.
    void cut();
    /// Messages that did not simply pass, since the start.
    long faults() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace cupel::test
