// The known prefixes of topics.
#include "subscriptions.hpp"

#include "../campaign/campaign_config.hpp"

namespace cupel::controller {

bool may_subscribe(std::string_view topic, bool admin) noexcept {
    constexpr std::size_t kLongest = 128;  // two characters, a campaign's name, an event's kind
    if (topic.size() > kLongest || topic.size() < 2) {
        return false;
    }
    const std::string_view root = topic.substr(0, 2);
    if (root == "h/") {
        // libzmq keeps each of them: there are few to keep.
        constexpr std::string_view kBeat = "h/beat";
        constexpr std::string_view kWelcome = "h/welcome";
        return kBeat.substr(0, topic.size()) == topic || kWelcome.substr(0, topic.size()) == topic;
    }
    if (root != "c/") {
        return false;
    }
    const std::string_view rest = topic.substr(2);
    const auto slash = rest.find('/');
    if (slash == std::string_view::npos) {
        return admin;  // `c/demo` would also match another campaign `c/demo2/`
    }
    constexpr std::string_view kKind = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_";
    return is_campaign_name(rest.substr(0, slash)) &&
           rest.find_first_not_of(kKind, slash + 1) == std::string_view::npos;
}

bool may_subscribe(std::string_view topic, const Access& access) {
    if (!may_subscribe(topic, access.has(Role::Admin) && access.sees_all())) {
        return false;
    }
    if (topic.substr(0, 2) != "c/" || access.sees_all()) {
        return true;
    }
    const std::string_view rest = topic.substr(2);
    return access.sees(std::string(rest.substr(0, rest.find('/'))));
}

}  // namespace cupel::controller
