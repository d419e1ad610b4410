// A real process under test: started, read from, killed, waited for; never outlives its test.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace cupel::test {

class ChildProcess {
  public:
    /// Starts `arguments[0]`; standard output and error of the child come through read_line().
    explicit ChildProcess(const std::vector<std::string>& arguments,
                          const std::map<std::string, std::string>& environment = {}) {
        // Everything is laid out before the fork: in the child of a process with other threads a
        // lock of the allocator may be held by nobody, so only async-signal-safe calls follow it.
        std::vector<char*> argv = pointers(arguments);
        std::vector<std::string> variables;
        for (const auto& [name, value] : environment) {
            variables.push_back(name + "=" + value);
        }
        for (char** variable = environ; *variable != nullptr; ++variable) {
            const std::string text = *variable;
            if (environment.count(text.substr(0, text.find('='))) == 0) {
                variables.push_back(text);
            }
        }
        std::vector<char*> envp = pointers(variables);
        int ends[2];
        if (pipe2(ends, O_CLOEXEC) != 0) {
            throw std::runtime_error("no pipe");
        }
        pid_ = fork();
        if (pid_ == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            dup2(ends[1], STDOUT_FILENO);
            dup2(ends[1], STDERR_FILENO);
            execvpe(argv[0], argv.data(), envp.data());
            _exit(127);
        }
        close(ends[1]);
        output_ = ends[0];
    }
    ~ChildProcess() {
        if (!status_) {
            ::kill(pid_, SIGKILL);
            wait();
        }
        close(output_);
    }
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    void send(int signal) const { ::kill(pid_, signal); }
    void kill() {
        ::kill(pid_, SIGKILL);
        wait();
    }
    /// Exit status; 128 + signal when a signal ended the child.
    int wait() {
        if (!status_) {
            int status = 0;
            waitpid(pid_, &status, 0);
            status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        }
        return *status_;
    }
    /// Whether it has ended, and then how; waits for nothing.
    bool ended(int& status) {
        int raw = 0;
        if (!status_ && waitpid(pid_, &raw, WNOHANG) == pid_) {
            status_ = WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
        }
        status = status_.value_or(0);
        return status_.has_value();
    }
    /// Fills the pipe that the child writes to: until somebody reads, it has no room for a byte.
    void fill_output() const {
        const std::string path = "/proc/self/fd/" + std::to_string(output_);
        const int writer = open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
        const std::string line = std::string(63, '.') + "\n";
        while (write(writer, line.data(), line.size()) > 0) {
        }
        while (write(writer, "\n", 1) > 0) {
        }
        close(writer);
    }
    /// Whether the child closes its output within `patience`, by its end at the latest; reads
    /// nothing of it.
    bool closes_output(std::chrono::milliseconds patience) const {
        pollfd entry{output_, 0, 0};
        return poll(&entry, 1, static_cast<int>(patience.count())) == 1 &&
               (entry.revents & POLLHUP) != 0;
    }
    /// The next line of output; nothing at its end or when none came within `patience`.
    std::optional<std::string> read_line(std::chrono::milliseconds patience) {
        const auto deadline = std::chrono::steady_clock::now() + patience;
        for (;;) {
            const auto end = buffer_.find('\n');
            if (end != std::string::npos) {
                std::string line = buffer_.substr(0, end);
                buffer_.erase(0, end + 1);
                transcript_ += line + "\n";
                return line;
            }
            const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
                deadline - std::chrono::steady_clock::now());
            pollfd poll_entry{output_, POLLIN, 0};
            if (left.count() <= 0 || poll(&poll_entry, 1, static_cast<int>(left.count())) <= 0) {
                return std::nullopt;
            }
            char bytes[4096];
            const ssize_t n = read(output_, bytes, sizeof bytes);
            if (n <= 0) {
                return std::nullopt;
            }
            buffer_.append(bytes, static_cast<std::size_t>(n));
        }
    }
    /// Reads what the child says meanwhile and forgets it; false at its end.
    bool ignore_output(std::chrono::milliseconds patience) {
        pollfd poll_entry{output_, POLLIN, 0};
        if (poll(&poll_entry, 1, static_cast<int>(patience.count())) <= 0) {
            return true;
        }
        std::array<char, 65536> bytes;
        return read(output_, bytes.data(), bytes.size()) > 0;
    }
    /// The first line that holds `text`; throws with everything read so far when it does not come.
    std::string expect_line(const std::string& text, std::chrono::milliseconds patience) {
        const auto deadline = std::chrono::steady_clock::now() + patience;
        for (;;) {
            const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
                deadline - std::chrono::steady_clock::now());
            const auto line = read_line(left);
            if (!line) {
                throw std::runtime_error("no line with '" + text + "' in:\n" + transcript_);
            }
            if (line->find(text) != std::string::npos) {
                return *line;
            }
        }
    }
    /// Everything until the child closes its output, then its exit status. Throws with what it said
    /// when it does not end.
    int finish(std::string& output) {
        constexpr std::chrono::minutes kEnough{3};
        const auto deadline = std::chrono::steady_clock::now() + kEnough;
        const auto left = [&] {
            return std::chrono::duration_cast<std::chrono::milliseconds>(
                deadline - std::chrono::steady_clock::now());
        };
        while (const auto line = read_line(left())) {
        }
        output = transcript_ + buffer_;
        if (!closes_output(std::max(left(), std::chrono::milliseconds(1)))) {
            kill();
            throw std::runtime_error("did not end within 3 minutes, having said:\n" + output);
        }
        return wait();
    }
    int pid() const { return pid_; }

  private:
    static std::vector<char*> pointers(const std::vector<std::string>& texts) {
        std::vector<char*> all;
        for (const auto& text : texts) {
            all.push_back(const_cast<char*>(text.c_str()));
        }
        all.push_back(nullptr);
        return all;
    }

    int pid_ = -1;
    int output_ = -1;
    std::string buffer_;
    std::string transcript_;
    std::optional<int> status_;
};

}  // namespace cupel::test
