// A pool file: one candidate a line, as encode(Candidate) writes it, with what the pool knows of
// it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <cupel/domain/candidate.hpp>

namespace cupel::codec {

struct PoolLine {
    Candidate candidate;
    std::string key;  ///< identity key: the file's, else worked out
    double cost = 1.0;
    std::optional<std::vector<std::string>> flags;  ///< hazard rules; none where the file is silent
    std::string json;                               ///< the line itself
};

/// Gives each candidate to `take`, in the order of the file; a key that stands there again counts
/// as named again and is left out. How many were. Throws InputError "bad_pool" with file and line
/// for what cannot be read, and for what `take` throws.
std::size_t read_pool_file(const std::filesystem::path& file,
                           const std::function<void(PoolLine)>& take);

}  // namespace cupel::codec
