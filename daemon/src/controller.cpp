// The public face of the daemon.
#include <cupel/controller.hpp>

#include "daemon.hpp"
#include "daemon_config.hpp"

namespace cupel::controller {

struct Controller::Impl {
    Config config;
    LogSink log;
    std::unique_ptr<Daemon> daemon;
    std::string control, events;
};

Config Config::isolated() {
    Config config;
    config.store.path.clear();
    config.bus.control = "tcp://127.0.0.1:*";
    config.bus.events = "tcp://127.0.0.1:*";
    config.learner.kind = "popularity";
    return config;
}

Config Config::load(const std::filesystem::path& file) {
    return load_config(file);
}

Controller::Controller(Config config, LogSink log)
    : impl_(std::make_unique<Impl>(Impl{std::move(config), std::move(log), {}, {}, {}})) {}

Controller::~Controller() = default;

void Controller::start() {
    if (impl_->daemon) {
        throw std::logic_error("a Controller is started once");
    }
    check_config(impl_->config);
    impl_->daemon = std::make_unique<Daemon>(
        impl_->config, make_services(impl_->config, impl_->log), Log(impl_->log));
    impl_->control = impl_->daemon->bus().control_endpoint();
    impl_->events = impl_->daemon->bus().events_endpoint();
}

void Controller::request_stop() {
    if (impl_->daemon) {
        impl_->daemon->request_stop();
    }
}

void Controller::stop() {
    if (impl_->daemon) {
        impl_->daemon->stop();
    }
}

std::string Controller::control_endpoint() const {
    return impl_->control;
}

std::string Controller::events_endpoint() const {
    return impl_->events;
}

std::string Controller::metrics_endpoint() const {
    return impl_->daemon ? impl_->daemon->metrics_endpoint() : "";
}

std::chrono::milliseconds Controller::silent_for() const {
    return impl_->daemon ? impl_->daemon->silent_for() : std::chrono::milliseconds(0);
}

std::vector<std::string> Controller::reload(const Config& config) {
    if (!impl_->daemon) {
        throw std::logic_error("a Controller is reloaded while it runs");
    }
    return impl_->daemon->reload(config);
}

std::string version() {
    return CUPEL_VERSION;
}

}  // namespace cupel::controller
