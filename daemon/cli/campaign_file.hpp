// The configuration that `cupel campaign init` writes.
#pragma once

#include <iosfwd>
#include <optional>
#include <string>

namespace cupel::cli {

/// The answers to the five questions; what is missing is asked.
struct CampaignAnswers {
    std::optional<std::string> name, pool, data;
    std::optional<int> budget;
    std::optional<bool> review;
};

/// Fills what is missing with the default, or, when `in` is given, with a line of it after a
/// question on `out`; an empty line takes the default, an answer that cannot be is asked again.
/// Throws InputError when `in` ends early.
void complete(CampaignAnswers& answers, std::istream* in, std::ostream& out);

/// A file that `cupeld --check` accepts, with comments; all answers are there.
std::string campaign_toml(const CampaignAnswers& answers);

}  // namespace cupel::cli
