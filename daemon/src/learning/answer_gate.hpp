// Answers of a service on their way to the ledger: each once, none after the service stopped.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include "learning_service.hpp"

namespace cupel::controller {

/// Copies share one gate. Thread-safe after attach().
class AnswerGate {
  public:
    void attach(Post post, AlarmSink alarm) {
        post_ = std::move(post);
        alarm_ = std::move(alarm);
    }
    void attach_closer(AlarmCloser closer) { closer_ = std::move(closer); }
    /// Answers that were posted and have not run yet are dropped as well.
    void close() { *closed_ = true; }

    template <typename T>
    void answer(const Done<T>& done, T value) const {
        send(done, Answer<T>{std::move(value), ""});
    }
    template <typename T>
    void refuse(const Done<T>& done, std::string error) const {
        send(done, Answer<T>{std::nullopt, std::move(error)});
    }
    void alarm(const std::string& campaign, const std::string& text) const {
        if (!*closed_ && alarm_) {
            alarm_(campaign, text);
        }
    }

    void close_alarm(const std::string& campaign,
                     const std::string& text,
                     const std::string& note) const {
        if (!*closed_ && closer_) {
            closer_(campaign, text, note);
        }
    }

  private:
    template <typename T>
    void send(const Done<T>& done, Answer<T> answer) const {
        if (*closed_ || !done || !post_) {
            return;
        }
        post_([closed = closed_, done, answer = std::move(answer)]() mutable {
            if (!*closed) {
                done(std::move(answer));
            }
        });
    }

    Post post_;
    AlarmSink alarm_;
    AlarmCloser closer_;
    std::shared_ptr<std::atomic<bool>> closed_ = std::make_shared<std::atomic<bool>>(false);
};

}  // namespace cupel::controller
