// A child process with pipes and limits, started safely from a program with many threads.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include <cupel/domain/error.hpp>

#include "wake.hpp"

namespace cupel::controller {

/// No process, descriptor or memory is left for a child now; later there may be.
class NoRoomForChild : public Error {
  public:
    using Error::Error;
};

struct ChildOptions {
    /// The program's path and its arguments; no shell, no search along PATH.
    std::vector<std::string> arguments;
    std::vector<std::string> environment;                ///< NAME=VALUE, beside ours
    std::optional<std::uint64_t> address_space;          ///< bytes
    std::optional<std::chrono::seconds> processor_time;  ///< then SIGXCPU, a second later SIGKILL
    bool core_dumps = false;
};

/// How a child ended.
struct ChildEnd {
    int exit_status = 0;
    int signal = 0;  ///< 0: it ended by itself
    std::chrono::milliseconds processor_time{0};
    /// "exit status 3", "signal 9 (Killed)".
    std::string words() const;
};

/// What wait() brought.
struct ChildNews {
    std::string output;           ///< standard output since the last call
    std::string errors;           ///< standard error since the last call
    bool woken = false;           ///< the Wake was notified; it is cleared
    std::optional<ChildEnd> end;  ///< it is over and everything it wrote was handed out
};

/// Belongs to one thread. The child ends with the thread that started it, in whatever way that one
/// ends; it has a process group of its own, so that a terminal's Ctrl-C does not reach it.
class Child {
  public:
    /// Throws Error: "cannot run PROGRAM: No such file or directory".
    explicit Child(const ChildOptions& options);
    /// Kills what still runs.
    ~Child();
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    /// Queues bytes for the child's standard input; wait() sends them. What a child that closed its
    /// input does not take is dropped.
    void send(const std::string& bytes);
    /// The end of its standard input; what is queued and not sent is dropped.
    void close_input() noexcept;
    /// Waits until something is there, the deadline at the latest.
    ChildNews wait(std::chrono::steady_clock::time_point deadline, Wake& wake);
    /// To the child and what it started. Nothing once it ended.
    void signal(int number) noexcept;
    pid_t pid() const noexcept { return pid_; }

  private:
    void flush() noexcept;
    bool reap(bool block) noexcept;

    pid_t pid_ = -1;
    int input_ = -1;   ///< a socket, so that a write to a dead child raises no SIGPIPE
    int output_ = -1;  ///< -1 once at its end
    int errors_ = -1;
    int exit_ = -1;  ///< pidfd; -1 where the system has none
    std::string to_send_;
    std::optional<ChildEnd> end_;
};

}  // namespace cupel::controller
