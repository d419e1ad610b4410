// The file beside a store: what was written is read, whatever stood there before.
#include <cerrno>
#include <fstream>

#include "catch.hpp"
#include "ledger/epoch_file.hpp"
#include "temp_dir.hpp"

using cupel::controller::EpochFile;
using cupel::test::TempDir;

TEST_CASE("a mark is read as it was written, over a longer one too", "[epoch_file]") {
    const TempDir dir;
    const auto store = dir / "cupel.db";
    const EpochFile file(store);
    CHECK(file.read().epoch.empty());
    CHECK(file.read().gseq == 0);

    for (const auto& mark : {EpochFile::Mark{"01JD0000000000000000000001", 9223372036854775807},
                             EpochFile::Mark{"01JD0000000000000000000002", 7}}) {
        file.write(mark);
        CHECK(EpochFile(store).read().epoch == mark.epoch);
        CHECK(EpochFile(store).read().gseq == mark.gseq);
    }
}

TEST_CASE("a mark that cannot be written changes nothing", "[epoch_file]") {
    const TempDir dir;
    const EpochFile nowhere(dir / "missing" / "cupel.db");
    CHECK(nowhere.write({"01JD0000000000000000000001", 1}) == ENOENT);
    CHECK(nowhere.read().epoch.empty());
    CHECK_FALSE(std::filesystem::exists(dir / "missing"));
}
