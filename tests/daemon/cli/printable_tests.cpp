// Nobody's note steers the reader's terminal.
#include "catch.hpp"
#include "event_text.hpp"
#include "printable.hpp"

using cupel::cli::printable;

TEST_CASE("control characters are shown as a question mark, other characters as they are",
          "[cli]") {
    CHECK(printable("Au25 \xC3\xA9 \xE7\xB5\x90") == "Au25 \xC3\xA9 \xE7\xB5\x90");
    CHECK(printable("a\x1b[2Jb\x07\x7f") == "a?[2Jb??");
    CHECK(printable("a\xC2\x9B"
                    "2Jb\xC2") == "a?2Jb\xC2");
    CHECK(printable("a\nb") == "a?b");
    CHECK(printable("a\nb\r", true) == "a\nb?");
}

TEST_CASE("an event is one line, whatever its note holds", "[cli]") {
    const std::string line = cupel::cli::event_text(
        "gold",
        {{"header", {{"time", "2026-01-01T00:00:00.000Z"}, {"seq", 3}, {"kind", "PROGRESS"}}},
         {"body", {{"note", "boil\nWed gold #4 LABELLED\x1b[31m"}}}});
    CHECK(line.find('\n') == std::string::npos);
    CHECK(line.find('\x1b') == std::string::npos);
}
