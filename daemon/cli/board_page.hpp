// The page of `cupel board`: what a daemon says, as HTML. Pure functions; whatever a client, a
// chemist or a file wrote is text in it, never markup.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace cupel::cli {

/// A daemon as one client sees it.
struct BoardView {
    std::string endpoint;                   ///< where it was asked
    nlohmann::json status;                  ///< `result` of STATUS
    std::vector<nlohmann::json> proposals;  ///< of every campaign, as SNAPSHOT gives them
    std::vector<std::string> history;       ///< the last events as lines, newest first
};

/// Campaigns, what waits for a person and what to type, what is on offer and in work. Asks to be
/// loaded again every kBoardRefresh seconds.
std::string board_page(const BoardView& view);
constexpr int kBoardRefresh = 10;

/// One proposal: its ligands (drawn by `picture`, a path), why it was made, what can be typed.
std::string proposal_page(const nlohmann::json& proposal, const std::string& picture);

/// Said in place of a page, as one line; loaded again as the board is.
std::string trouble_page(const std::string& text);

/// The ligands of a proposal side by side, as SVG. Throws InputError where RDKit cannot draw one.
std::string ligands_picture(const nlohmann::json& proposal);

}  // namespace cupel::cli
