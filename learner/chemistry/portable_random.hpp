// Random choices that are the same on every machine and library.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace cupel::chemistry {

/// SplitMix64 (Steele, Lea & Flood, OOPSLA 2014).
class PortableRandom {
  public:
    explicit PortableRandom(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next() {
        state_ += 0x9e3779b97f4a7c15u;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        return z ^ (z >> 31);
    }

    /// Uniform over 0 .. size - 1; `size` at least 1.
    std::size_t below(std::size_t size) {
        const std::uint64_t limit = UINT64_MAX - UINT64_MAX % size;
        std::uint64_t draw = next();
        while (draw >= limit) {
            draw = next();
        }
        return static_cast<std::size_t>(draw % size);
    }

    template <typename T>
    void shuffle(std::vector<T>& values) {
        for (std::size_t i = values.size(); i > 1; --i) {
            std::swap(values[i - 1], values[below(i)]);
        }
    }

  private:
    std::uint64_t state_;
};

}  // namespace cupel::chemistry
