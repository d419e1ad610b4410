// What came of it, said by options.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <cupel/domain/outcome.hpp>

namespace cupel::cli {

/// --outcome WORD with the details that change its label.
struct OutcomeOptions {
    std::string word, target_seen;
    bool after_isolation = false;
};

/// `name`: "--outcome" or "--result".
CLI::Option* add_outcome_options(CLI::App& command,
                                 OutcomeOptions& options,
                                 const std::string& name = "--outcome");

/// Nothing when no word was given. Throws InputError for a word that is none, and for a detail that
/// does not belong to it.
std::optional<Outcome> outcome_of(const OutcomeOptions& options);

/// {"solvent": "CH2Cl2"} of "solvent=CH2Cl2"; `option` is named when one is no KEY=VALUE.
std::map<std::string, std::string> pairs_of(const std::vector<std::string>& given,
                                            const std::string& option);

}  // namespace cupel::cli
