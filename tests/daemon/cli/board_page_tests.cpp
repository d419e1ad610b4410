// What the page says, and that nobody's text becomes markup.
#include "board_page.hpp"
#include "catch.hpp"

using Json = nlohmann::json;
using cupel::cli::board_page;
using cupel::cli::BoardView;
using cupel::cli::proposal_page;

namespace {

const std::string kId = "01J9Z0000000000000000K7Q2Z";

Json proposal(const std::string& state) {
    return {{"proposal", kId},
            {"name", "[Au25(S<b>)18]"},
            {"campaign", "gold"},
            {"state", state},
            {"attempt", 1},
            {"candidate",
             {{"core", {{"formula", "Au25"}}},
              {"ligands", {{{"smiles", "CC[S-]"}, {"count", 18}, {"donor_class", "thiolate"}}}},
              {"charge", -1},
              {"conditions", {{"solvent", "<script>alert(1)</script>"}}}}},
            {"p", 0.417},
            {"reason",
             {{"text", "likely & \"near\""},
              {"nearest",
               {{{"similarity", 0.9}, {"name", "Au25(PET)18"}, {"source", "10.1021/ja800561b"}}}}}},
            {"model", "0123456789abcdef"},
            {"created", "2026-11-24T13:15:00Z"}};
}

BoardView view() {
    BoardView view;
    view.endpoint = "tcp://127.0.0.1:5870";
    view.status = {{"server", "cupeld"},
                   {"version", "0.1.0"},
                   {"time", "2026-11-24T13:15:00Z"},
                   {"authenticated", false},
                   {"alarms", Json::array()},
                   {"campaigns",
                    {{{"campaign", "gold"},
                      {"state", "RUNNING"},
                      {"reason", ""},
                      {"budget", 96},
                      {"spent", 12},
                      {"labels", 11},
                      {"hits", 1},
                      {"policy", "ucb"},
                      {"model", ""},
                      {"training", false},
                      {"learner_ready", true},
                      {"proposals", {{"OFFERED", 1}}}}}}};
    return view;
}

bool has(const std::string& page, const std::string& text) {
    UNSCOPED_INFO("expected " << text << " in: " << page);
    return page.find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("the board says how a campaign goes and what is on offer", "[cli][board]") {
    BoardView shown = view();
    shown.proposals = {proposal("OFFERED")};
    shown.history = {"CLAIMED K7Q2ZD  by <robot>"};
    const std::string page = board_page(shown);
    CHECK(has(page, "http-equiv=\"refresh\" content=\"10\""));
    CHECK(
        has(page, "<progress max=\"96\" value=\"12\"></progress> 12 of 96 experiments, 11 labels"));
    CHECK(has(page, "<strong>1 hit</strong>"));
    CHECK(has(page, "model none yet"));
    CHECK(has(page, "Nothing waits for a person."));
    CHECK(has(page, "<h2>On offer</h2>"));
    CHECK(has(page, "<a class=\"id\" href=\"/p/" + kId + "\">0K7Q2Z</a>"));
    CHECK(has(page, "<td class=\"number\">0.42</td>"));
    CHECK(has(page, "likely &amp; &quot;near&quot;"));
    CHECK(has(page, "by &lt;robot&gt;"));
    CHECK(has(page, "not authenticated"));
    CHECK(page.find("In work") == std::string::npos);
    CHECK(page.find("<b>") == std::string::npos);
}

TEST_CASE("what waits for a person stands first, with its command", "[cli][board]") {
    BoardView shown = view();
    shown.proposals = {proposal("UNKNOWN"), proposal("STARTED")};
    const std::string page = board_page(shown);
    CHECK(has(page, "cupel resolve 0K7Q2Z"));
    CHECK(page.find("To do") < page.find("gold &middot; RUNNING"));
    CHECK(has(page, "<h2>In work</h2>"));
    CHECK(has(page, "<td>STARTED</td>"));
    CHECK(has(page, "<h2>Waiting</h2>"));
    CHECK(page.find("On offer") == std::string::npos);
}

TEST_CASE("a board without campaigns says how to make one", "[cli][board]") {
    BoardView empty = view();
    empty.status["campaigns"] = Json::array();
    CHECK(has(board_page(empty), "<code>cupel campaign new</code>"));
}

TEST_CASE("a proposal's page has its ligands, its papers and what to type", "[cli][board]") {
    const std::string page = proposal_page(proposal("STARTED"), "/p/x.svg");
    CHECK(has(page, "<img src=\"/p/x.svg\""));
    CHECK(has(page, "18 &times; <code>CC[S-]</code> thiolate"));
    CHECK(has(page, "solvent &lt;script&gt;alert(1)&lt;/script&gt;"));
    CHECK(has(page, "href=\"https://doi.org/10.1021/ja800561b\""));
    CHECK(has(page, "<code>cupel result 0K7Q2Z --cif FILE</code>"));
    CHECK(page.find("<script") == std::string::npos);
    CHECK(page.find("http-equiv") == std::string::npos);  // whoever reads is not interrupted
    Json unknown = proposal("OFFERED");
    Json& nearest = unknown["reason"]["nearest"][0];
    nearest["source"] = "javascript:alert(1)";
    CHECK(proposal_page(unknown, "/p/x.svg").find("href=\"javascript") == std::string::npos);
    nearest["source"] = "https://example.org/a?b=1&c=\"";
    CHECK(
        has(proposal_page(unknown, "/p/x.svg"), "href=\"https://example.org/a?b=1&amp;c=&quot;\""));
    unknown["p"] = nullptr;
    unknown["candidate"]["charge"] = nullptr;
    CHECK(has(proposal_page(unknown, "/p/x.svg"), "<dt>p</dt><dd>?</dd>"));
}

TEST_CASE("each state has its own commands", "[cli][board]") {
    const std::pair<const char*, const char*> expected[] = {
        {"OFFERED", "cupel claim 0K7Q2Z"},
        {"IN_REVIEW", "cupel approve 0K7Q2Z"},
        {"CLAIMED", "cupel start 0K7Q2Z --expected 3d"},
        {"CANCEL_REQUESTED", "cupel cancel-ack 0K7Q2Z --stopped"},
        {"UNKNOWN", "cupel resolve 0K7Q2Z --reoffer"},
        {"LABELLED", "cupel overrule 0K7Q2Z --outcome"},
        {"WITHDRAWN", "cupel why 0K7Q2Z"}};
    for (const auto& [state, command] : expected) {
        CHECK(has(proposal_page(proposal(state), "/p/x.svg"), command));
    }
}

TEST_CASE("ligands are drawn side by side, without colours", "[cli][board]") {
    const std::string picture = cupel::cli::ligands_picture(proposal("OFFERED"));
    CHECK(has(picture, "<svg"));
    Json odd = proposal("OFFERED");
    odd["candidate"]["ligands"][0]["smiles"] = "no smiles";
    CHECK_THROWS(cupel::cli::ligands_picture(odd));
}
