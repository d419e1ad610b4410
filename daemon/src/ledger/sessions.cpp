// A quarter at a time, so that a flood of names costs each of them little.
#include "sessions.hpp"

#include <algorithm>
#include <vector>

namespace cupel::controller {

Session& Sessions::hear(const std::string& client, Instant now) {
    if (sessions_.size() >= most_ && sessions_.count(client) == 0) {
        forget_silent();
    }
    Session& session = sessions_[client];
    session.heard_at = now;
    return session;
}

const Session* Sessions::find(const std::string& client, Instant now) {
    const auto found = sessions_.find(client);
    if (found == sessions_.end()) {
        return nullptr;
    }
    found->second.heard_at = now;
    return &found->second;
}

void Sessions::forget_silent() {
    std::vector<Instant> heard;
    for (const auto& [client, session] : sessions_) {
        heard.push_back(session.heard_at);
    }
    const auto quarter = heard.begin() + static_cast<std::ptrdiff_t>(heard.size() / 4);
    std::nth_element(heard.begin(), quarter, heard.end());
    std::size_t left = heard.size() / 4 + 1;  // many may have been heard at the same time
    std::erase_if(sessions_, [&](const auto& session) {
        const bool silent = left > 0 && session.second.heard_at <= *quarter;
        left -= silent ? 1 : 0;
        return silent;
    });
}

}  // namespace cupel::controller
