// Lines to a descriptor that somebody may have stopped reading.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "supervision/wake.hpp"

namespace cupel::controller {

/// Writes without ever being caught in write(): pipes and terminals through a description of its
/// own that does not block (other processes share the one they gave us), sockets likewise. Files
/// are written as they are. write() is for one thread, hurry() for any.
class LogStream {
  public:
    /// Borrows the descriptor. Throws Error when the system has none left.
    explicit LogStream(int descriptor);
    ~LogStream();
    LogStream(const LogStream&) = delete;
    LogStream& operator=(const LogStream&) = delete;

    /// Lines, each with its end. Waits for a reader until hurry() says for how long; the bytes that
    /// were written, fewer than all when the rest was given up or nobody can read any more.
    std::size_t write(std::string_view lines);
    /// From now on nobody is waited for longer than `patience` in all.
    void hurry(std::chrono::milliseconds patience) noexcept;

  private:
    enum class Kind { Ours, Socket, Borrowed, File };
    /// As much as goes at once, at least a byte; 0 when it was given up.
    std::size_t send(const char* bytes, std::size_t count);
    /// Of one attempt, as write(2).
    std::int64_t attempt(const char* bytes, std::size_t count) noexcept;
    /// Until there is room; false when the time is up.
    bool wait_for_room() noexcept;

    int descriptor_;
    Kind kind_ = Kind::Borrowed;
    bool torn_ = false;  ///< a line was given up in its middle
    Wake hurried_;
    std::atomic<std::chrono::steady_clock::time_point> deadline_{
        std::chrono::steady_clock::time_point::max()};
};

/// A last word of a program on standard error, which may be lost where nobody reads it.
void say(const std::string& line, std::chrono::milliseconds patience) noexcept;

}  // namespace cupel::controller
