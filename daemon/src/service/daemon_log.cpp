// The thread that writes lines, a handful at a time.
#include "daemon_log.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <string>
#include <thread>
#include <utility>

#include <unistd.h>

#include "line_queue.hpp"
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
        queue_.close();
        thread_.join();
    }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    void add(const LogLine& line) {
        if (line.level >= level_) {
            queue_.add(line_text(format_, line));
        }
    }
    void set_level(LogLevel level) noexcept { level_ = level; }

  private:
    void loop() {
        for (auto lines = queue_.take(); !lines.empty(); lines = queue_.take()) {
            std::string text;
            std::size_t of_text = 0;
            for (auto& line : lines) {
                missing_ += line.dropped_before;
                text += notice();
                text += line.text;
                if (++of_text == kHandful) {
                    write(std::exchange(text, {}), std::exchange(of_text, 0));
                }
            }
            missing_ += queue_.take_dropped();
            write(text + notice(), of_text);
            std::this_thread::sleep_for(kGathering);
        }
    }

    /// Of the lines that are missing, if any are; they count as told.
    std::string notice() {
        return missing_ == 0 ? ""
                             : line_text(format_,
                                         {LogLevel::Warning,
                                          std::to_string(std::exchange(missing_, 0)) +
                                              " lines of the log are missing here: nobody read "
                                              "standard error",
                                          {}});
    }

    void write(const std::string& text, std::size_t lines) {
        const auto written = static_cast<std::ptrdiff_t>(stream_.write(text));
        missing_ += static_cast<std::size_t>(std::count(text.begin() + written, text.end(), '\n'));
        queue_.make_room(lines);
    }

    const LogFormat format_;
    std::atomic<LogLevel> level_ = LogLevel::Info;
    LineQueue queue_{kWaiting};
    // Of the thread alone, but for the stream's hurry().
    LogStream stream_{STDERR_FILENO};
    std::size_t missing_ = 0;  ///< behind the last line that was written
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
