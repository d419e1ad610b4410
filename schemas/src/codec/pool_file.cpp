// Lines in order, each key once.
#include <fstream>
#include <unordered_set>

#include <cupel/codec/pool_file.hpp>
#include <cupel/domain/error.hpp>

#include "json_values.hpp"

namespace cupel::codec {
namespace {

PoolLine decode_line(std::string line) {
    const Parsed parsed = parse(line);
    const Field field(parsed, "");
    PoolLine out;
    out.candidate = read_candidate(field);
    out.key = field.text_or("key");
    if (out.key.empty()) {
        out.key = identity_key(out.candidate);
    }
    out.cost = field.optional_number("cost").value_or(1.0);
    if (const auto flags = field.find("flags")) {
        out.flags = read_list(*flags);
    }
    out.json = std::move(line);
    return out;
}

}  // namespace

std::size_t read_pool_file(const std::filesystem::path& file,
                           const std::function<void(PoolLine)>& take) {
    std::ifstream in(file);
    if (!in || std::filesystem::is_directory(file)) {
        throw InputError(
            "bad_pool", file.string() + ": cannot read the pool; make one with `cupel pool build`");
    }
    std::unordered_set<std::string> seen;
    std::size_t again = 0;
    std::string line;
    for (std::size_t number = 1; std::getline(in, line); ++number) {
        if (line.find_first_not_of(" \t\r") == std::string::npos) {
            continue;
        }
        try {
            PoolLine entry = decode_line(line);
            if (seen.insert(entry.key).second) {
                take(std::move(entry));
            } else {
                ++again;
            }
        } catch (const std::exception& error) {
            throw InputError("bad_pool",
                             file.string() + ":" + std::to_string(number) + ": " + error.what());
        }
    }
    return again;
}

}  // namespace cupel::codec
