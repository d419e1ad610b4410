// Finds the starter facts for an installed program and for one in its build tree.
#include <cstdlib>

#include <cupel/chemistry/data_dir.hpp>
#include <cupel/domain/error.hpp>

namespace cupel::chemistry {

std::filesystem::path data_dir() {
    namespace fs = std::filesystem;
    if (const char* stated = std::getenv("CUPEL_DATA_DIR")) {
        return stated;
    }
    std::error_code ignored;
    const fs::path program = fs::read_symlink("/proc/self/exe", ignored);
    const fs::path installed = program.parent_path().parent_path() / "share" / "cupel";
    const fs::path source = CUPEL_SOURCE_DATA_DIR;
    for (const auto& place : {installed, source}) {
        if (fs::exists(place / "abbreviations.csv", ignored)) {
            return place;
        }
    }
    throw InputError("no_data",
                     "the starter data are neither in " + installed.string() + " nor in " +
                         source.string() + "; set CUPEL_DATA_DIR");
}

}  // namespace cupel::chemistry
