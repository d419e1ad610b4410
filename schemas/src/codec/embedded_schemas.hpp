// The schema files as they were when the library was configured.
#pragma once

#include <map>
#include <string>

namespace cupel::codec {

/// "command-claim-1" -> the text of its file.
const std::map<std::string, std::string>& embedded_schemas();

}  // namespace cupel::codec
