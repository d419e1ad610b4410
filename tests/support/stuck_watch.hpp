// Says where every thread of a test stands when the test seems to hang, before ctest ends it.
#pragma once

#include <array>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <mutex>
#include <string>
#include <thread>

#include <dirent.h>
#include <execinfo.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace cupel::test {

/// Prints once, then lets the test go on: a slow one may still pass.
class StuckWatch {
  public:
    explicit StuckWatch(std::chrono::seconds patience)
        : thread_([this, patience] { watch(patience); }) {
        void* frame = nullptr;
        backtrace(&frame, 1);  // loads its library now: a signal handler must not
    }
    ~StuckWatch() {
        {
            const std::lock_guard lock(mutex_);
            over_ = true;
        }
        wake_.notify_one();
        thread_.join();
    }
    StuckWatch(const StuckWatch&) = delete;
    StuckWatch& operator=(const StuckWatch&) = delete;

  private:
    static void say(const std::string& text) {
        [[maybe_unused]] const auto written = write(STDERR_FILENO, text.data(), text.size());
    }
    static void print_own_stack(int) {
        const int before = errno;
        std::array<void*, 48> frames;
        const int depth = backtrace(frames.data(), static_cast<int>(frames.size()));
        backtrace_symbols_fd(frames.data(), depth, STDERR_FILENO);
        errno = before;
    }
    void watch(std::chrono::seconds patience) {
        // The test's own signals are not for this thread.
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, nullptr);
        std::unique_lock lock(mutex_);
        if (wake_.wait_for(lock, patience, [this] { return over_; })) {
            return;
        }
        say("still running after " + std::to_string(patience.count()) + " s; its threads:\n");
        struct sigaction action {};
        action.sa_handler = print_own_stack;
        action.sa_flags = SA_RESTART;
        sigaction(SIGUSR2, &action, nullptr);
        DIR* const tasks = opendir("/proc/self/task");
        const auto own = syscall(SYS_gettid);
        for (const dirent* task = nullptr; (task = readdir(tasks)) != nullptr;) {
            const int id = std::atoi(task->d_name);
            if (id > 0 && id != own) {
                say("thread " + std::to_string(id) + ":\n");
                syscall(SYS_tgkill, getpid(), id, SIGUSR2);
                // One after the other, as far as a signal can be waited for.
                const timespec moment{0, 200'000'000};
                nanosleep(&moment, nullptr);
            }
        }
        closedir(tasks);
    }

    std::mutex mutex_;
    std::condition_variable wake_;
    bool over_ = false;
    std::thread thread_;  // last: it uses the others
};

}  // namespace cupel::test
