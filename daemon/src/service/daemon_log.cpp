// A queue of lines, and the thread that writes them a handful at a time.
#include "daemon_log.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <iterator>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <unistd.h>

#include "log_stream.hpp"

namespace cupel::controller {
namespace {

constexpr std::size_t kWaiting = 8192;              ///< lines that nobody has read yet
constexpr std::size_t kHandful = 128;               ///< lines that are written at once
constexpr std::chrono::milliseconds kGathering{2};  ///< for a handful; the io thread wakes us less
constexpr std::chrono::milliseconds kPatienceAtEnd{1000};  ///< for the rest, when the daemon ends

LogLevel level_of(const Config& config) {
    for (const LogLevel level : {LogLevel::Debug, LogLevel::Warning, LogLevel::Error}) {
        if (config.log_level == level_word(level)) {
            return level;
        }
    }
    return LogLevel::Info;
}

std::string line_text(const LogFormat& format, const LogLine& line) {
    const auto now =
        std::chrono::time_point_cast<Timestamp::duration>(std::chrono::system_clock::now());
    return log_text(format, line, now) + '\n';
}

}  // namespace

class DaemonLog::Impl {
  public:
    explicit Impl(LogFormat format) : format_(format), thread_([this] { loop(); }) {}
    ~Impl() {
        stream_.hurry(kPatienceAtEnd);
        {
            const std::lock_guard lock(mutex_);
            ended_ = true;
            wake_.notify_one();
        }
        thread_.join();
    }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    void add(const LogLine& line) {
        if (line.level < level_) {
            return;
        }
        std::string text = line_text(format_, line);
        const std::lock_guard lock(mutex_);
        if (waiting_.size() == kWaiting) {
            waiting_.pop_front();
            ++dropped_;
        }
        waiting_.push_back(std::move(text));
        if (waiting_.size() == 1 || waiting_.size() == kHandful) {
            wake_.notify_one();
        }
    }
    void set_level(LogLevel level) noexcept { level_ = level; }

  private:
    /// The oldest lines; none when there will be no more. `missing` counts those dropped before
    /// them.
    std::vector<std::string> take(std::size_t& missing) {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [this] { return ended_ || !waiting_.empty(); });
        wake_.wait_for(lock, kGathering, [this] { return ended_ || waiting_.size() >= kHandful; });
        missing += std::exchange(dropped_, 0);
        const auto end =
            waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(kHandful, waiting_.size()));
        std::vector<std::string> lines(std::make_move_iterator(waiting_.begin()),
                                       std::make_move_iterator(end));
        waiting_.erase(waiting_.begin(), end);
        return lines;
    }

    void loop() {
        std::size_t missing = 0;
        for (auto lines = take(missing); !lines.empty(); lines = take(missing)) {
            std::string text;
            if (missing > 0) {
                text = line_text(
                    format_,
                    {LogLevel::Warning,
                     std::to_string(missing) + " lines of the log are missing here: nobody read "
                                               "standard error",
                     {}});
            }
            const std::size_t notice = text.size();
            for (const auto& line : lines) {
                text += line;
            }
            const std::size_t written = stream_.write(text);
            const std::size_t told = std::min(written, notice);
            missing = (told < notice ? missing : 0) +
                      static_cast<std::size_t>(std::count(
                          text.begin() + static_cast<std::ptrdiff_t>(std::max(written, notice)),
                          text.end(),
                          '\n'));
        }
    }

    const LogFormat format_;
    std::atomic<LogLevel> level_ = LogLevel::Info;
    LogStream stream_{STDERR_FILENO};  ///< of the thread alone, but for its hurry()
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::string> waiting_;
    std::size_t dropped_ = 0;  ///< for want of room, just before the first that waits
    bool ended_ = false;
    std::thread thread_;
};

DaemonLog::DaemonLog(const Config& config)
    : impl_(std::make_unique<Impl>(LogFormat{config.log_format == "json", stderr_is_journal()})) {
    set_level(config);
}

DaemonLog::~DaemonLog() = default;

LogSink DaemonLog::sink() const {
    return [impl = impl_.get()](const LogLine& line) { impl->add(line); };
}

void DaemonLog::set_level(const Config& config) {
    impl_->set_level(level_of(config));
}

}  // namespace cupel::controller
