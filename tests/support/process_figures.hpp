// What the kernel says of a running process.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

namespace cupel::test {

/// Resident memory in KiB.
inline long resident_kib(int pid) {
    std::ifstream status("/proc/" + std::to_string(pid) + "/status");
    for (std::string word; status >> word;) {
        if (word == "VmRSS:") {
            long kib = 0;
            status >> kib;
            return kib;
        }
    }
    return 0;
}

/// Open files of all kinds.
inline long open_files(int pid) {
    long count = 0;
    std::error_code error;
    std::filesystem::directory_iterator entry("/proc/" + std::to_string(pid) + "/fd", error), end;
    for (; !error && entry != end; entry.increment(error)) {
        ++count;
    }
    return count;
}

}  // namespace cupel::test
