// The bodies of tests/data/bodies: SCHEMA/good-*.json and SCHEMA/bad-*.json.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

#include "test_paths.hpp"

namespace cupel::test {

struct Body {
    std::string schema;
    std::string name;  ///< "bad-no-cmd-id"
    std::string text;
    bool good = false;
};

inline std::string read_text(const std::filesystem::path& file) {
    std::ostringstream text;
    text << std::ifstream(file, std::ios::binary).rdbuf();
    return text.str();
}

/// All of them, in a fixed order.
inline const std::vector<Body>& bodies() {
    static const std::vector<Body> all = [] {
        std::vector<Body> found;
        const auto root = source_dir() / "tests" / "data" / "bodies";
        for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
            if (entry.is_regular_file()) {
                const auto& path = entry.path();
                const std::string name = path.stem().string();
                found.push_back({path.parent_path().filename().string(),
                                 name,
                                 read_text(path),
                                 name.rfind("good-", 0) == 0});
            }
        }
        std::sort(found.begin(), found.end(), [](const Body& a, const Body& b) {
            return std::tie(a.schema, a.name) < std::tie(b.schema, b.name);
        });
        return found;
    }();
    return all;
}

/// "command-cancel-ack-1" -> "CANCEL_ACK".
inline std::string kind_of_schema(const std::string& schema) {
    const auto begin = schema.find('-') + 1;
    std::string kind = schema.substr(begin, schema.rfind('-') - begin);
    for (char& c : kind) {
        c = c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - ('a' - 'A') : c);
    }
    return kind;
}

}  // namespace cupel::test
