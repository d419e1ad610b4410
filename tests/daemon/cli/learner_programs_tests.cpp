// The verbs that hand over to cupel-learner, with a stand-in that tells what it was given.
#include <filesystem>
#include <fstream>

#include "catch.hpp"
#include "program.hpp"
#include "temp_dir.hpp"

using namespace cupel::test;
namespace fs = std::filesystem;

namespace {

/// A copy of cupel alone in a folder, so that only this folder's learner is found.
class LonelyCupel {
  public:
    LonelyCupel() { fs::copy_file(bin_dir() / "cupel", dir_ / "cupel"); }

    void install_learner() {
        std::ofstream(dir_ / "cupel-learner") << "#!/bin/sh\necho \"got: $*\"\nexit 7\n";
        fs::permissions(dir_ / "cupel-learner", fs::perms::owner_all);
    }
    Ran run(std::vector<std::string> arguments, const std::string& path = "/nowhere") {
        arguments.insert(arguments.begin(), (dir_ / "cupel").string());
        ChildProcess child(arguments, {{"PATH", path}});
        Ran ran;
        ran.status = child.finish(ran.output);
        return ran;
    }
    const fs::path& folder() const { return dir_.path(); }

  private:
    TempDir dir_;
};

}  // namespace

TEST_CASE("the learner's verbs pass everything on, the exit code too", "[cli]") {
    LonelyCupel cupel;
    cupel.install_learner();
    for (const std::string verb :
         {"train", "pretrain", "evaluate", "score", "replay", "campaign-replay"}) {
        const Ran ran = cupel.run({verb, "table.csv", "--seeds", "3", "--help", "-x=-1"}, "/bin");
        CHECK(ran.output == "got: " + verb + " table.csv --seeds 3 --help -x=-1\n");
        CHECK(ran.status == 7);
    }
}

TEST_CASE("a learner that is not installed is one clear line", "[cli]") {
    LonelyCupel cupel;
    const Ran ran = cupel.run({"train", "table.csv"});
    CHECK(ran.status == 1);
    CHECK(ran.output ==
          "cupel: cupel train needs cupel-learner, which is neither beside cupel nor on $PATH; "
          "build with LibTorch to have it\n");
}
