// An event of the history as one line for people.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace cupel::cli {

/// "Tue 24 Nov 13:15  demo #12  CLAIMED K7Q2ZD  by robot-1 as robot": of a REPLAY entry
/// {"header","body"} of `campaign`.
std::string event_text(const std::string& campaign, const nlohmann::json& event);

}  // namespace cupel::cli
