// SHA-256 (FIPS 180-4), for content addresses, keys and the event chain.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace cupel {

/// Incremental SHA-256.
class Sha256 {
  public:
    void update(const void* data, std::size_t size);
    void update(std::string_view text) { update(text.data(), text.size()); }
    /// Ends the message; the object must not be used afterwards. Returns 32 raw bytes.
    std::array<std::uint8_t, 32> digest();
    /// As digest(), in 64 lower-case hexadecimal characters.
    std::string hex();

  private:
    void blocks(const std::uint8_t* data, std::size_t count);
    std::array<std::uint32_t, 8> state_{0x6a09e667u,
                                        0xbb67ae85u,
                                        0x3c6ef372u,
                                        0xa54ff53au,
                                        0x510e527fu,
                                        0x9b05688cu,
                                        0x1f83d9abu,
                                        0x5be0cd19u};
    std::array<std::uint8_t, 64> buffer_{};
    std::size_t buffered_ = 0;
    std::uint64_t length_ = 0;
};

/// 64 lower-case hexadecimal characters of the SHA-256 of `bytes`.
std::string sha256_hex(std::string_view bytes);

}  // namespace cupel
