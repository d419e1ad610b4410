// Tells systemd how we are: sd_notify(3) and its watchdog.
#pragma once

#include <chrono>
#include <string>

namespace cupel::controller {

/// One datagram to $NOTIFY_SOCKET, ours since systemd's manual promises the format for ever; a
/// library for it would bring five others. Without that variable nothing is sent.
class Notify {
  public:
    /// Reads $NOTIFY_SOCKET and, where it is meant for this process, $WATCHDOG_USEC.
    Notify();
    ~Notify();
    Notify(const Notify&) = delete;
    Notify& operator=(const Notify&) = delete;

    void ready(const std::string& status) const;
    void status(const std::string& text) const;
    void reloading() const;
    void stopping() const;
    void alive() const;
    /// How long it may be without alive() before we are killed; zero: nobody watches.
    std::chrono::milliseconds watchdog() const noexcept { return watchdog_; }

  private:
    void send(const std::string& state) const noexcept;

    int socket_ = -1;
    std::string address_;
    std::chrono::milliseconds watchdog_{0};
};

}  // namespace cupel::controller
