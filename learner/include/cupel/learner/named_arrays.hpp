// Arrays with names: how a model's numbers are hashed, stored and checked.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace cupel::learner {

/// A dense array in row order, little endian. dtype: "f32", "f64", "i64" or "u8".
struct NamedArray {
    std::string dtype;
    std::vector<std::int64_t> shape;
    std::string bytes;
};
using NamedArrays = std::map<std::string, NamedArray>;

NamedArray make_array(const std::vector<double>& values);
NamedArray make_array(const std::string& text);
std::vector<double> doubles_of(const NamedArray& array);  ///< throws Error unless it is "f64"

/// SHA-256 over (name, dtype, shape, bytes) in order of name; 64 hexadecimal characters.
std::string hash_arrays(const NamedArrays& arrays);

/// Writes `folder`/HASH.blob unless it is there; returns the hash. Written whole or not at all.
std::string save_blob(const NamedArrays& arrays, const std::filesystem::path& folder);
/// Reads `folder`/HASH.blob and checks that its content has that hash.
/// Throws InputError ("no_model", "bad_model") in one line that names the file.
NamedArrays load_blob(const std::filesystem::path& folder, const std::string& hash);

}  // namespace cupel::learner
