// spdlog's asynchronous logger; what stands in a line is ours.
#include "daemon_log.hpp"

#include <spdlog/async.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

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

}  // namespace

struct DaemonLog::Impl {
    LogFormat format;
    std::shared_ptr<spdlog::logger> log;
};

DaemonLog::DaemonLog(const Config& config) : impl_(std::make_unique<Impl>()) {
    impl_->format = {config.log_format == "json", stderr_is_journal()};
    spdlog::init_thread_pool(8192, 1);
    impl_->log =
        std::make_shared<spdlog::async_logger>("cupeld",
                                               std::make_shared<spdlog::sinks::stderr_sink_mt>(),
                                               spdlog::thread_pool(),
                                               spdlog::async_overflow_policy::overrun_oldest);
    impl_->log->set_pattern("%v");
    impl_->log->flush_on(spdlog::level::info);
    set_level(config);
}

DaemonLog::~DaemonLog() {
    impl_->log.reset();
    spdlog::shutdown();
}

LogSink DaemonLog::sink() const {
    return [impl = impl_.get()](const LogLine& line) {
        const auto level = level_of(line.level);
        if (impl->log->should_log(level)) {
            const auto now =
                std::chrono::time_point_cast<Timestamp::duration>(std::chrono::system_clock::now());
            impl->log->log(level, "{}", log_text(impl->format, line, now));
        }
    };
}

void DaemonLog::set_level(const Config& config) {
    impl_->log->set_level(spdlog::level::from_str(config.log_level));
}

}  // namespace cupel::controller
