// spdlog's asynchronous logger; what stands in a line is ours.
#include "daemon_log.hpp"

#include <spdlog/async.h>
#include <spdlog/details/null_mutex.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include "log_stream.hpp"

namespace cupel::controller {
namespace {

spdlog::level::level_enum level_of(LogLevel level) {
    switch (level) {
        case LogLevel::Debug:
            return spdlog::level::debug;
        case LogLevel::Info:
            return spdlog::level::info;
        case LogLevel::Warning:
            return spdlog::level::warn;
        case LogLevel::Error:
            return spdlog::level::err;
    }
    return spdlog::level::info;
}

constexpr std::size_t kWaiting = 8192;             ///< lines that nobody has read yet
constexpr std::chrono::seconds kPatienceAtEnd{1};  ///< for them, when the daemon ends

std::string line_text(const LogFormat& format, const LogLine& line) {
    const auto now =
        std::chrono::time_point_cast<Timestamp::duration>(std::chrono::system_clock::now());
    return log_text(format, line, now);
}

/// Used by the thread of the log alone.
class StreamSink : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
  public:
    explicit StreamSink(LogFormat format) : format_(format) {}

    /// Before the first line. `pool` outlives the last one.
    void count_overruns_of(spdlog::details::thread_pool& pool) { pool_ = &pool; }
    void hurry() noexcept { stream_.hurry(kPatienceAtEnd); }

  private:
    void sink_it_(const spdlog::details::log_msg& message) override {
        // The queue drops its oldest lines, which are those just before this one.
        const std::size_t lost = pool_->overrun_counter() + given_up_;
        if (lost > told_ && stream_.write(line_text(format_,
                                                    {LogLevel::Warning,
                                                     std::to_string(lost - told_) +
                                                         " lines of the log are missing here: "
                                                         "nobody read standard error",
                                                     {}}))) {
            told_ = lost;
        }
        if (!stream_.write(std::string(message.payload.data(), message.payload.size()))) {
            ++given_up_;
        }
    }
    void flush_() override {}  // nothing is kept back

    LogFormat format_;
    LogStream stream_{STDERR_FILENO};
    spdlog::details::thread_pool* pool_ = nullptr;
    std::size_t given_up_ = 0, told_ = 0;
};

}  // namespace

struct DaemonLog::Impl {
    LogFormat format;
    std::shared_ptr<StreamSink> sink;
    std::shared_ptr<spdlog::details::thread_pool> pool;
    std::shared_ptr<spdlog::logger> log;
};

DaemonLog::DaemonLog(const Config& config) : impl_(std::make_unique<Impl>()) {
    impl_->format = {config.log_format == "json", stderr_is_journal()};
    impl_->sink = std::make_shared<StreamSink>(impl_->format);
    impl_->pool = std::make_shared<spdlog::details::thread_pool>(kWaiting, 1);
    impl_->sink->count_overruns_of(*impl_->pool);
    impl_->log = std::make_shared<spdlog::async_logger>(
        "cupeld", impl_->sink, impl_->pool, spdlog::async_overflow_policy::overrun_oldest);
    set_level(config);
}

DaemonLog::~DaemonLog() {
    impl_->sink->hurry();
    impl_->log.reset();
    impl_->pool.reset();  // joins its thread, when that has been through what waits
}

LogSink DaemonLog::sink() const {
    return [impl = impl_.get()](const LogLine& line) {
        const auto level = level_of(line.level);
        if (impl->log->should_log(level)) {
            impl->log->log(level, "{}", line_text(impl->format, line));
        }
    };
}

void DaemonLog::set_level(const Config& config) {
    impl_->log->set_level(spdlog::level::from_str(config.log_level));
}

}  // namespace cupel::controller
