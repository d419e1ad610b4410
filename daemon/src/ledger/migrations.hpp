// The numbered SQL files of schemas/sql, embedded when the program is built.
#pragma once

#include <string_view>
#include <vector>

namespace cupel::controller {

/// Migration n brings a database from version n - 1 to n; forward only.
const std::vector<std::string_view>& migrations();

}  // namespace cupel::controller
