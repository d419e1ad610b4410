// cupel.h over Controller: exceptions become a status and a line.
#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include <cupel.h>

#include <cupel/controller.hpp>

struct cupel_controller {
    cupel_controller(cupel::controller::Config config, cupel::controller::LogSink log)
        : controller(std::move(config), std::move(log)) {}
    cupel::controller::Controller controller;
    std::string control, events;
};

namespace {

using namespace cupel::controller;

void say(const char* what, char* error, std::size_t size) noexcept {
    if (error != nullptr && size > 0) {
        const std::size_t length = std::min(std::strlen(what), size - 1);
        std::memcpy(error, what, length);
        error[length] = '\0';
    }
}

/// Runs `body`; nothing that it throws leaves.
template <typename Body>
cupel_status guarded(char* error, std::size_t size, const Body& body) noexcept {
    try {
        body();
        say("", error, size);
        return CUPEL_OK;
    } catch (const cupel::InputError& bad) {
        say(bad.what(), error, size);
        return CUPEL_BAD_INPUT;
    } catch (const std::exception& failure) {
        say(failure.what(), error, size);
    } catch (...) {
        say("an unknown failure", error, size);
    }
    return CUPEL_FAILURE;
}

LogSink sink_of(cupel_log log, void* user) {
    if (log == nullptr) {
        return {};
    }
    return [log, user](const LogLine& line) {
        log(static_cast<cupel_log_level>(line.level), to_string(line).c_str(), user);
    };
}

}  // namespace

const char* cupel_version(void) {
    static const std::string text = version();
    return text.c_str();
}

cupel_status cupel_controller_new(const char* config_file,
                                  cupel_log log,
                                  void* user,
                                  cupel_controller** made,
                                  char* error,
                                  size_t error_size) {
    return guarded(error, error_size, [&] {
        if (made == nullptr) {
            throw cupel::InputError("no_place",
                                    "made is NULL: there is no place for the controller");
        }
        *made = nullptr;
        Config config = config_file == nullptr ? Config::isolated() : Config::load(config_file);
        *made = new cupel_controller(std::move(config), sink_of(log, user));
    });
}

cupel_status cupel_controller_start(cupel_controller* controller, char* error, size_t error_size) {
    return guarded(error, error_size, [&] {
        if (controller == nullptr) {
            throw cupel::InputError("no_controller", "the controller is NULL");
        }
        controller->controller.start();
        controller->control = controller->controller.control_endpoint();
        controller->events = controller->controller.events_endpoint();
    });
}

const char* cupel_controller_control_endpoint(const cupel_controller* controller) {
    return controller == nullptr ? "" : controller->control.c_str();
}

const char* cupel_controller_events_endpoint(const cupel_controller* controller) {
    return controller == nullptr ? "" : controller->events.c_str();
}

void cupel_controller_request_stop(cupel_controller* controller) {
    if (controller != nullptr) {
        guarded(nullptr, 0, [&] { controller->controller.request_stop(); });
    }
}

void cupel_controller_stop(cupel_controller* controller) {
    if (controller != nullptr) {
        guarded(nullptr, 0, [&] { controller->controller.stop(); });
    }
}

void cupel_controller_free(cupel_controller* controller) {
    guarded(nullptr, 0, [&] { delete controller; });
}
