// Files that a command leaves behind.
#pragma once

#include <string>

namespace cupel::workbench {

/// Writes a text and a newline in the place of what stands there, whole or not at all; throws Error
/// naming the file.
void write_file(const std::string& file, const std::string& text);

}  // namespace cupel::workbench
