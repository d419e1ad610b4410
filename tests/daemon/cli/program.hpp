// The real `cupel` as a child process: what it printed and how it ended.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "child_process.hpp"
#include "test_paths.hpp"

namespace cupel::test {

struct Ran {
    int status = 0;
    std::string output;  ///< standard output and error, as they came
};

inline Ran run_cupel(std::vector<std::string> arguments,
                     const std::map<std::string, std::string>& environment = {}) {
    arguments.insert(arguments.begin(), (bin_dir() / "cupel").string());
    ChildProcess child(arguments, environment);
    Ran ran;
    ran.status = child.finish(ran.output);
    return ran;
}

}  // namespace cupel::test
