// fork and exec: between the two only what is safe after fork in a program with threads.
#include "child.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <stdexcept>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cupel/domain/error.hpp>

namespace cupel::controller {
namespace {

constexpr std::size_t kReadAtOnce = 1u << 18;  // per stream and wait()
constexpr std::size_t kReadAtEnd = 1u << 22;   // a child of the child may write on for ever
constexpr int kLookAgain = 50;                 // milliseconds, where there is no pidfd
constexpr int kStandard = 3;                   // descriptors 0..2

[[noreturn]] void cannot_start(const std::string& what, int code) {
    const std::string text = what + ": " + std::strerror(code);
    if (code == EMFILE || code == ENFILE || code == EAGAIN || code == ENOMEM) {
        throw NoRoomForChild(text);
    }
    throw Error(text);
}

/// Closes what is left open when the constructor throws.
struct Descriptor {
    int value = -1;
    Descriptor() = default;
    ~Descriptor() { reset(); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    void reset() noexcept {
        if (value >= 0) {
            ::close(value);
            value = -1;
        }
    }
    int release() noexcept { return std::exchange(value, -1); }
};

/// Descriptors of a program that was started without standard streams may be 0..2; those are
/// replaced in the child, so nothing of ours may live there.
void lift(Descriptor& descriptor) {
    if (descriptor.value < kStandard) {
        const int higher = ::fcntl(descriptor.value, F_DUPFD_CLOEXEC, kStandard);
        const int code = errno;
        descriptor.reset();
        if (higher < 0) {
            errno = code;
            cannot_start("no descriptor for a child", code);
        }
        descriptor.value = higher;
    }
}

void make_pipe(Descriptor& read_end, Descriptor& write_end) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) {
        cannot_start("no pipe for a child", errno);
    }
    read_end.value = ends[0];
    write_end.value = ends[1];
    lift(read_end);
    lift(write_end);
}

void make_sockets(Descriptor& ours, Descriptor& theirs) {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        cannot_start("no socket pair for a child", errno);
    }
    ours.value = ends[0];
    theirs.value = ends[1];
    lift(ours);
    lift(theirs);
}

void do_not_block(int descriptor) {
    ::fcntl(descriptor, F_SETFL, ::fcntl(descriptor, F_GETFL) | O_NONBLOCK);
}

/// Everything the child needs, made before the fork: it must not allocate.
struct Plan {
    std::vector<char*> arguments;
    std::vector<char*> environment;
    pid_t parent = 0;
    int input = -1, output = -1, errors = -1, report = -1;
    bool limit_memory = false, limit_time = false, limit_core = false;
    rlimit memory{}, time{}, core{};
};

[[noreturn]] void fail(const Plan& plan) {
    const int code = errno;
    [[maybe_unused]] const auto told = ::write(plan.report, &code, sizeof code);
    ::_exit(127);
}

[[noreturn]] void become(const Plan& plan) {
    ::setpgid(0, 0);
    if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) {
        fail(plan);
    }
    if (::getppid() != plan.parent) {
        ::_exit(127);  // the parent died before the line above
    }
    struct sigaction usual {};
    usual.sa_handler = SIG_DFL;
    for (int number = 1; number < NSIG; ++number) {
        ::sigaction(number, &usual, nullptr);
    }
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    if (::dup2(plan.input, 0) < 0 || ::dup2(plan.output, 1) < 0 || ::dup2(plan.errors, 2) < 0) {
        fail(plan);
    }
#ifdef SYS_close_range
    // What another part of the program opened without close-on-exec stays here as well.
    if (plan.report > kStandard) {
        ::syscall(SYS_close_range, kStandard, plan.report - 1, 0);
    }
    ::syscall(SYS_close_range, plan.report + 1, ~0U, 0);
#endif
    if ((plan.limit_memory && ::setrlimit(RLIMIT_AS, &plan.memory) != 0) ||
        (plan.limit_time && ::setrlimit(RLIMIT_CPU, &plan.time) != 0) ||
        (plan.limit_core && ::setrlimit(RLIMIT_CORE, &plan.core) != 0)) {
        fail(plan);
    }
    ::execve(plan.arguments.front(), plan.arguments.data(), plan.environment.data());
    fail(plan);
}

Plan plan_of(const ChildOptions& options) {
    if (options.arguments.empty() || options.arguments.front().empty()) {
        throw std::logic_error("a child needs a program");
    }
    Plan plan;
    for (const auto& argument : options.arguments) {
        plan.arguments.push_back(const_cast<char*>(argument.c_str()));
    }
    plan.arguments.push_back(nullptr);
    // The first of two equal names counts.
    for (const auto& variable : options.environment) {
        plan.environment.push_back(const_cast<char*>(variable.c_str()));
    }
    for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
        plan.environment.push_back(*variable);
    }
    plan.environment.push_back(nullptr);
    plan.parent = ::getpid();
    if (options.address_space) {
        plan.limit_memory = true;
        plan.memory.rlim_cur = plan.memory.rlim_max = *options.address_space;
    }
    if (options.processor_time) {
        plan.limit_time = true;
        plan.time.rlim_cur = static_cast<rlim_t>(options.processor_time->count());
        plan.time.rlim_max = plan.time.rlim_cur + 1;
    }
    plan.limit_core = !options.core_dumps;
    return plan;
}

/// False at the end of the stream.
bool read_some(int descriptor, std::string& to, std::size_t most) {
    std::array<char, 65536> bytes;
    for (std::size_t got = 0; got < most;) {
        const ssize_t n = ::read(descriptor, bytes.data(), bytes.size());
        if (n > 0) {
            to.append(bytes.data(), static_cast<std::size_t>(n));
            got += static_cast<std::size_t>(n);
        } else if (n < 0 && errno == EINTR) {
            continue;
        } else {
            return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
        }
    }
    return true;
}

void close_stream(int& descriptor) noexcept {
    if (descriptor >= 0) {
        ::close(std::exchange(descriptor, -1));
    }
}

}  // namespace

std::string ChildEnd::words() const {
    if (signal == 0) {
        return "exit status " + std::to_string(exit_status);
    }
    const char* name = ::strsignal(signal);
    return "signal " + std::to_string(signal) +
           (name != nullptr ? " (" + std::string(name) + ")" : "");
}

Child::Child(const ChildOptions& options) {
    Plan plan = plan_of(options);
    Descriptor ours_in, theirs_in, out_read, out_write, err_read, err_write, told, tell;
    make_sockets(ours_in, theirs_in);
    make_pipe(out_read, out_write);
    make_pipe(err_read, err_write);
    make_pipe(told, tell);
    plan.input = theirs_in.value;
    plan.output = out_write.value;
    plan.errors = err_write.value;
    plan.report = tell.value;
    // No handler of ours may run in the child before it has its own signals.
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_ = ::fork();
    if (pid_ == 0) {
        become(plan);
    }
    const int code = errno;
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    if (pid_ < 0) {
        cannot_start("cannot start " + options.arguments.front(), code);
    }
    tell.reset();
    int problem = 0;
    ssize_t n = 0;
    do {
        n = ::read(told.value, &problem, sizeof problem);
    } while (n < 0 && errno == EINTR);
    if (n == static_cast<ssize_t>(sizeof problem)) {
        reap(true);
        throw Error("cannot run " + options.arguments.front() + ": " + std::strerror(problem));
    }
    input_ = ours_in.release();
    output_ = out_read.release();
    errors_ = err_read.release();
    for (const int descriptor : {input_, output_, errors_}) {
        do_not_block(descriptor);
    }
#ifdef SYS_pidfd_open
    exit_ = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
#endif
}

Child::~Child() {
    if (!end_) {
        signal(SIGKILL);
        reap(true);
    }
    close_input();
    close_stream(output_);
    close_stream(errors_);
    close_stream(exit_);
}

void Child::send(const std::string& bytes) {
    if (input_ >= 0) {
        to_send_ += bytes;
        flush();
    }
}

void Child::close_input() noexcept {
    close_stream(input_);
    to_send_.clear();
}

void Child::flush() noexcept {
    while (input_ >= 0 && !to_send_.empty()) {
        const ssize_t n = ::send(input_, to_send_.data(), to_send_.size(), MSG_NOSIGNAL);
        if (n > 0) {
            to_send_.erase(0, static_cast<std::size_t>(n));
        } else if (n < 0 && errno == EINTR) {
            continue;
        } else if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            return;
        } else {
            close_input();  // it reads no more
        }
    }
}

bool Child::reap(bool block) noexcept {
    int status = 0;
    pid_t got = 0;
    rusage used{};
    do {
        got = ::wait4(pid_, &status, block ? 0 : WNOHANG, &used);
    } while (got < 0 && errno == EINTR);
    if (got == 0) {
        return false;
    }
    ChildEnd end;
    for (const timeval& part : {used.ru_utime, used.ru_stime}) {
        end.processor_time +=
            std::chrono::seconds(part.tv_sec) + std::chrono::milliseconds(part.tv_usec / 1000);
    }
    if (got > 0 && WIFSIGNALED(status)) {
        end.signal = WTERMSIG(status);
    } else if (got > 0) {
        end.exit_status = WEXITSTATUS(status);
    } else {
        end.exit_status = 127;  // someone else waited for it
    }
    end_ = end;
    return true;
}

ChildNews Child::wait(std::chrono::steady_clock::time_point deadline, Wake& wake) {
    ChildNews news;
    if (end_) {
        news.end = end_;
        return news;
    }
    std::array<pollfd, 5> entries{{{wake.descriptor(), POLLIN, 0},
                                   {output_, POLLIN, 0},
                                   {errors_, POLLIN, 0},
                                   {exit_, POLLIN, 0},
                                   {to_send_.empty() ? -1 : input_, POLLOUT, 0}}};
    for (;;) {
        const int left = poll_time(deadline);
        const bool slice = exit_ < 0 && left > kLookAgain;
        const int ready = ::poll(entries.data(), entries.size(), slice ? kLookAgain : left);
        if (reap(false) || ready > 0 || (ready == 0 && !slice) || (ready < 0 && errno != EINTR)) {
            break;
        }
    }
    if (entries[0].revents != 0) {
        wake.clear();
        news.woken = true;
    }
    if (entries[4].revents != 0) {
        flush();
    }
    // Of a child that is over everything is taken that it left behind.
    const std::size_t most = end_ ? kReadAtEnd : kReadAtOnce;
    if (output_ >= 0 && !read_some(output_, news.output, most)) {
        close_stream(output_);
    }
    if (errors_ >= 0 && !read_some(errors_, news.errors, most)) {
        close_stream(errors_);
    }
    news.end = end_;
    return news;
}

void Child::signal(int number) noexcept {
    if (!end_ && pid_ > 0) {
        // Before the child made its group there is only itself.
        if (::kill(-pid_, number) != 0) {
            ::kill(pid_, number);
        }
    }
}

}  // namespace cupel::controller
