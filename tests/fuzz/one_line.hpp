// What a decoder may do with any bytes: answer, or refuse with one line.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include <cupel/domain/error.hpp>

namespace cupel::test {

/// Anything but an InputError of one line ends the process.
template <typename Decode>
int answers_or_refuses(const std::uint8_t* bytes, std::size_t count, Decode&& decode) {
    try {
        decode(std::string_view(reinterpret_cast<const char*>(bytes), count));
    } catch (const InputError& error) {
        const std::string_view line = error.what();
        if (line.empty() || line.find('\n') != std::string_view::npos) {
            std::fprintf(stderr, "not one line: %s\n", error.what());
            std::abort();
        }
    }
    return 0;
}

}  // namespace cupel::test
