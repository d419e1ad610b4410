// ULIDs; the random part comes from the system, and grows by one within a millisecond.
#include <algorithm>
#include <chrono>
#include <mutex>
#include <random>

#include <cupel/domain/ulid.hpp>

namespace cupel {
namespace {

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

}  // namespace

std::string make_ulid(std::uint64_t unix_ms, std::uint64_t random_high, std::uint64_t random_low) {
    // 128 bits = 48 time + 80 random (16 high, 64 low), read five bits at a time from the end.
    std::string text(26, '0');
    std::uint64_t high = (unix_ms << 16) | (random_high & 0xffff);
    std::uint64_t low = random_low;
    for (std::size_t i = 26; i-- > 0;) {
        text[i] = kAlphabet[low & 31];
        low = (low >> 5) | (high << 59);
        high >>= 5;
    }
    return text;
}

std::string make_ulid() {
    static std::mutex mutex;
    static std::random_device source;  // kept: a new one asks for the processor's features first
    static std::uint64_t last_ms = 0;
    static std::uint64_t high = 0;
    static std::uint64_t low = 0;
    const std::lock_guard lock(mutex);
    const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::system_clock::now().time_since_epoch());
    const auto ms = static_cast<std::uint64_t>(now.count());
    if (ms > last_ms) {
        last_ms = ms;
        // The top bit stays free so that counting up within a millisecond cannot overflow 80 bits.
        high = source() & 0x7fff;
        low = (static_cast<std::uint64_t>(source()) << 32) | source();
    } else if (++low == 0) {
        ++high;
    }
    return make_ulid(last_ms, high, low);
}

bool is_ulid(std::string_view text) noexcept {
    return text.size() == 26 && text[0] <= '7' && std::all_of(text.begin(), text.end(), [](char c) {
               return kAlphabet.find(c) != std::string_view::npos;
           });
}

}  // namespace cupel
