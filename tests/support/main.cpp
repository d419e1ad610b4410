// The one main() of every test program.
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_session.hpp>
#else
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>
#endif

#include <optional>

#include "long_run.hpp"
#include "stuck_watch.hpp"

int main(int argc, char** argv) {
    std::optional<cupel::test::StuckWatch> watch;
    if (!cupel::test::long_run()) {
        // A minute before ctest gives up (TIMEOUT in tests/CMakeLists.txt).
        watch.emplace(std::chrono::minutes(4));
    }
    return Catch::Session().run(argc, argv);
}
