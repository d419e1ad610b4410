// CURVE keys on disk: a secret is readable by its owner alone, and never printed.
#pragma once

#include <filesystem>
#include <string>

namespace cupel {

struct KeyPair {
    std::string public_key;  ///< 40 characters of Z85
    std::string secret_key;
};

/// 40 characters of the Z85 alphabet.
bool is_curve_key(const std::string& text) noexcept;

/// Makes `file` with mode 0600. Throws InputError when it is there already or cannot be made.
void write_key_file(const std::filesystem::path& file, const KeyPair& keys);
/// Throws InputError: no such file, readable by others, damaged. No message holds a key.
KeyPair read_key_file(const std::filesystem::path& file);

}  // namespace cupel
