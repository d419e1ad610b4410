// fork and exec with the output in a file.
#include "process.hpp"

#include <cerrno>
#include <cstring>
#include <deque>
#include <fstream>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cupel/domain/error.hpp>

namespace cupel::simulator {

Process::Process(std::string name,
                 const std::vector<std::string>& arguments,
                 const std::filesystem::path& output)
    : name_(std::move(name)), output_(output) {
    const int file = ::open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (file < 0) {
        throw Error("cannot write " + output.string() + ": " + std::strerror(errno));
    }
    std::vector<char*> argv;
    for (const auto& argument : arguments) {
        argv.push_back(const_cast<char*>(argument.c_str()));
    }
    argv.push_back(nullptr);
    const int parent = ::getpid();
    pid_ = ::fork();
    if (pid_ == 0) {
        // Only async-signal-safe calls from here.
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (::getppid() != parent) {
            ::_exit(127);
        }
        ::dup2(file, STDOUT_FILENO);
        ::dup2(file, STDERR_FILENO);
        ::execv(argv[0], argv.data());
        ::_exit(127);
    }
    ::close(file);
    if (pid_ < 0) {
        throw Error("cannot start " + arguments.front() + ": " + std::strerror(errno));
    }
}

Process::Process(Process&& other) noexcept
    : name_(std::move(other.name_)),
      output_(std::move(other.output_)),
      pid_(std::exchange(other.pid_, -1)),
      status_(other.status_) {}

Process::~Process() {
    if (pid_ > 0 && !status()) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
}

std::optional<int> Process::status() {
    if (!status_ && pid_ > 0) {
        int raw = 0;
        if (::waitpid(pid_, &raw, WNOHANG) == pid_) {
            status_ = WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
        }
    }
    return status_;
}

std::optional<int> Process::wait_for(std::chrono::seconds patience) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!status() && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return status_;
}

void Process::interrupt() {
    if (pid_ > 0 && !status()) {
        ::kill(pid_, SIGTERM);
    }
}

std::string Process::tail(std::size_t lines) const {
    std::ifstream file(output_);
    std::deque<std::string> last;
    for (std::string line; std::getline(file, line);) {
        last.push_back(line);
        if (last.size() > lines) {
            last.pop_front();
        }
    }
    std::string text;
    for (const auto& line : last) {
        text += (text.empty() ? "" : "\n") + line;
    }
    return text;
}

}  // namespace cupel::simulator
