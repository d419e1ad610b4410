// Words to outcomes.
#include "outcome_options.hpp"

#include <cupel/domain/error.hpp>
#include <cupel/domain/vocabulary.hpp>

namespace cupel::cli {
namespace {

constexpr const char* kWords =
    "confirmed, analogue, mass_confirmed, mixture, amorphous, no_reaction, decomposed, "
    "crystals_unsolved, execution_failed, abandoned";

}  // namespace

CLI::Option* add_outcome_options(CLI::App& command,
                                 OutcomeOptions& options,
                                 const std::string& name) {
    auto* option = command.add_option(name, options.word, std::string("one of ") + kWords);
    command.add_option(
        "--target-seen", options.target_seen, "mixture: was the target in it? yes, no or unknown");
    command.add_flag("--after-isolation",
                     options.after_isolation,
                     "decomposed: the cluster had been isolated before");
    return option;
}

std::optional<Outcome> outcome_of(const OutcomeOptions& options) {
    const auto kind = try_parse<OutcomeKind>(options.word);
    if (!options.word.empty() && !kind) {
        throw InputError("bad_outcome",
                         "\"" + options.word + "\" is no outcome; expected one of " + kWords);
    }
    if (!options.target_seen.empty() && kind != OutcomeKind::Mixture) {
        throw InputError("bad_outcome", "--target-seen belongs to --outcome mixture");
    }
    if (options.after_isolation && kind != OutcomeKind::Decomposed) {
        throw InputError("bad_outcome", "--after-isolation belongs to --outcome decomposed");
    }
    if (!kind) {
        return std::nullopt;
    }
    Outcome outcome;
    outcome.kind = *kind;
    outcome.after_isolation = options.after_isolation;
    if (options.target_seen == "yes" || options.target_seen == "no") {
        outcome.target_seen = options.target_seen == "yes";
    } else if (!options.target_seen.empty() && options.target_seen != "unknown") {
        throw InputError("bad_outcome", "--target-seen: expected yes, no or unknown");
    }
    return outcome;
}

std::map<std::string, std::string> pairs_of(const std::vector<std::string>& given,
                                            const std::string& option) {
    std::map<std::string, std::string> pairs;
    for (const auto& text : given) {
        const auto at = text.find('=');
        if (at == 0 || at == std::string::npos) {
            throw InputError("bad_pair", option + ": expected KEY=VALUE, got \"" + text + "\"");
        }
        if (!pairs.emplace(text.substr(0, at), text.substr(at + 1)).second) {
            throw InputError("bad_pair",
                             option + ": " + text.substr(0, at) + " stands there twice");
        }
    }
    return pairs;
}

}  // namespace cupel::cli
