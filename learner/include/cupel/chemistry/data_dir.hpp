// Where the starter facts lie.
#pragma once

#include <filesystem>

namespace cupel::chemistry {

/// $CUPEL_DATA_DIR, else ../share/cupel beside the running program, else learner/data of the source
/// tree. Throws InputError("no_data") naming the places looked at.
std::filesystem::path data_dir();

}  // namespace cupel::chemistry
