// SHA-256 after FIPS 180-4, section 6.2.
#include <algorithm>
#include <cstring>

#include <cupel/domain/sha256.hpp>

#include "sha256_blocks.hpp"

namespace cupel {

void Sha256::blocks(const std::uint8_t* data, std::size_t count) {
    static const sha256::Blocks mix = sha256::blocks_of_processor() != nullptr
                                          ? sha256::blocks_of_processor()
                                          : sha256::blocks_portable;
    mix(state_, data, count);
}

void Sha256::update(const void* data, std::size_t size) {
    const auto* bytes = static_cast<const std::uint8_t*>(data);
    length_ += size;
    while (size > 0) {
        if (buffered_ == 0 && size >= 64) {
            blocks(bytes, size / 64);
            bytes += size / 64 * 64;
            size %= 64;
            continue;
        }
        const std::size_t n = std::min(size, 64 - buffered_);
        std::memcpy(buffer_.data() + buffered_, bytes, n);
        buffered_ += n;
        bytes += n;
        size -= n;
        if (buffered_ == 64) {
            blocks(buffer_.data(), 1);
            buffered_ = 0;
        }
    }
}

std::array<std::uint8_t, 32> Sha256::digest() {
    const std::uint64_t bits = length_ * 8;
    constexpr std::array<std::uint8_t, 64> kPadding{0x80};
    update(kPadding.data(), buffered_ < 56 ? 56 - buffered_ : 120 - buffered_);
    std::array<std::uint8_t, 8> tail;
    for (int i = 0; i < 8; ++i) {
        tail[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(bits >> (56 - 8 * i));
    }
    update(tail.data(), tail.size());
    std::array<std::uint8_t, 32> out;
    for (std::size_t i = 0; i < 32; ++i) {
        out[i] = static_cast<std::uint8_t>(state_[i / 4] >> (24 - 8 * (i % 4)));
    }
    return out;
}

std::string Sha256::hex() {
    constexpr char kDigits[] = "0123456789abcdef";
    std::string text(64, '0');
    auto digit = text.begin();
    for (const std::uint8_t byte : digest()) {
        *digit++ = kDigits[byte >> 4];
        *digit++ = kDigits[byte & 15];
    }
    return text;
}

std::string sha256_hex(std::string_view bytes) {
    Sha256 hash;
    hash.update(bytes);
    return hash.hex();
}

}  // namespace cupel
