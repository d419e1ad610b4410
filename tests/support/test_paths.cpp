#include "test_paths.hpp"

namespace cupel::test {

std::filesystem::path source_dir() {
    return CUPEL_SOURCE_DIR;
}

std::filesystem::path bin_dir() {
    return CUPEL_BIN_DIR;
}

}  // namespace cupel::test
