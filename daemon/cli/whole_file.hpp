// A file that a reader finds whole or not at all.
#pragma once

#include <filesystem>
#include <string>

namespace cupel::cli {

/// Written beside its place and then moved there. Throws InputError `cannot_write`.
void write_whole(const std::filesystem::path& path, const std::string& text);

}  // namespace cupel::cli
