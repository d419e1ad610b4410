// Where a bare name is looked for.
#include <fstream>

#include <sys/stat.h>

#include "catch.hpp"
#include "supervision/find_program.hpp"
#include "temp_dir.hpp"

using cupel::controller::find_program;

TEST_CASE("a program is found beside us, then on PATH; a path stands for itself", "[supervision]") {
    CHECK(find_program("daemon_tests").value_or("").find("/daemon_tests") != std::string::npos);
    CHECK(find_program("sh").value_or("").find("/sh") != std::string::npos);
    CHECK(find_program("/bin/sh") == "/bin/sh");
    CHECK_FALSE(find_program("no-such-program-anywhere"));
    const cupel::test::TempDir dir;
    std::ofstream(dir / "text") << "no program";
    CHECK_FALSE(find_program((dir / "text").string()));
    ::chmod((dir / "text").c_str(), 0755);
    CHECK(find_program((dir / "text").string()) == (dir / "text").string());
    CHECK_FALSE(find_program(dir.path().string() + "/"));
}
