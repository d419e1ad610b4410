// Where tests find the source tree, the built programs and the optional material beside the
// project.
#pragma once

#include <filesystem>

namespace cupel::test {

std::filesystem::path source_dir();
std::filesystem::path bin_dir();
/// Test material that is not carried into the project; tests that use it skip where it is absent.
inline std::filesystem::path shared_data() {
    return source_dir().parent_path() / "shared" / "data";
}
inline bool has_shared_data() {
    return std::filesystem::is_directory(shared_data());
}

}  // namespace cupel::test
