// The compression function of SHA-256, in C++ and with the instructions that processors have for
// it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace cupel::sha256 {

using State = std::array<std::uint32_t, 8>;

/// Mixes `count` blocks of 64 bytes into the state.
using Blocks = void (*)(State& state, const std::uint8_t* data, std::size_t count);

void blocks_portable(State& state, const std::uint8_t* data, std::size_t count);
/// Null where this processor has no such instructions.
Blocks blocks_of_processor();

}  // namespace cupel::sha256
