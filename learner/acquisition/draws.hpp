// Random draws that are the same on every machine and with every library.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <utility>
#include <vector>

namespace cupel::acquisition {

/// The engine is fixed by the standard; the distributions of <random> are not, hence our own.
class Draws {
  public:
    explicit Draws(std::uint64_t seed) : engine_(seed) {}

    /// Uniform over 0 .. size - 1; `size` at least 1.
    std::size_t below(std::size_t size) {
        const std::uint64_t limit = UINT64_MAX - UINT64_MAX % size;
        std::uint64_t draw = engine_();
        while (draw >= limit) {
            draw = engine_();
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
    std::mt19937_64 engine_;
};

}  // namespace cupel::acquisition
