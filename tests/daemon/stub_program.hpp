// A program for a service to run, written by the test: a Python script in a folder of its own.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include "temp_dir.hpp"

namespace cupel::test {

inline bool has_python() {
    return std::filesystem::exists("/usr/bin/python3");
}

/// Writes an executable script; `folder` and `run` (1 for the first start) are known to it.
inline std::string write_stub(const TempDir& folder, const std::string& body) {
    const auto path = folder / "stub";
    {
        std::ofstream out(path);
        out << "#!/usr/bin/python3\n"
               "import json, os, signal, sys, time\n"
               "folder = os.path.dirname(os.path.abspath(__file__))\n"
               "with open(folder + '/starts', 'a') as f: f.write('x')\n"
               "run = os.path.getsize(folder + '/starts')\n"
            << body;
    }
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    return path.string();
}

/// How often it was started.
inline int starts_of(const TempDir& folder) {
    std::error_code none;
    const auto size = std::filesystem::file_size(folder / "starts", none);
    return none ? 0 : static_cast<int>(size);
}

}  // namespace cupel::test
