// Three-vectors, rotations and reproducible random numbers for building structures.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

namespace cupel::simulator {

using Vec3 = std::array<double, 3>;  ///< angstrom, Cartesian

inline Vec3 operator+(const Vec3& a, const Vec3& b) {
    return {a[0] + b[0], a[1] + b[1], a[2] + b[2]};
}
inline Vec3 operator-(const Vec3& a, const Vec3& b) {
    return {a[0] - b[0], a[1] - b[1], a[2] - b[2]};
}
inline Vec3 operator*(double s, const Vec3& a) {
    return {s * a[0], s * a[1], s * a[2]};
}
inline double dot(const Vec3& a, const Vec3& b) {
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}
inline Vec3 cross(const Vec3& a, const Vec3& b) {
    return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}
inline double norm(const Vec3& a) {
    return std::sqrt(dot(a, a));
}
inline double distance(const Vec3& a, const Vec3& b) {
    return norm(a - b);
}
/// Any unit vector for a vector too short to have a direction.
inline Vec3 unit(const Vec3& a) {
    const double length = norm(a);
    return length < 1e-9 ? Vec3{0.0, 0.0, 1.0} : (1.0 / length) * a;
}
inline Vec3 perpendicular(const Vec3& a) {
    const Vec3 other = std::abs(a[0]) < 0.8 ? Vec3{1.0, 0.0, 0.0} : Vec3{0.0, 1.0, 0.0};
    return unit(cross(a, other));
}
/// `a` turned about the unit vector `axis` by `angle` radians (Rodrigues).
inline Vec3 turned(const Vec3& a, const Vec3& axis, double angle) {
    const double c = std::cos(angle);
    const double s = std::sin(angle);
    return c * a + s * cross(axis, a) + (dot(axis, a) * (1.0 - c)) * axis;
}

/// A small generator whose sequence depends on its seed alone, not on the standard library.
class Random {
  public:
    explicit Random(std::uint64_t seed) : engine_(seed) {}
    /// In [0, 1).
    double uniform() { return static_cast<double>(engine_() >> 11) * 0x1.0p-53; }
    double uniform(double low, double high) { return low + (high - low) * uniform(); }
    /// In [0, size); size must be above 0.
    std::size_t index(std::size_t size) {
        return static_cast<std::size_t>(uniform() * static_cast<double>(size));
    }
    Vec3 direction() {
        const double z = uniform(-1.0, 1.0);
        const double angle = uniform(0.0, 6.283185307179586);
        const double r = std::sqrt(1.0 - z * z);
        return {r * std::cos(angle), r * std::sin(angle), z};
    }
    template <typename T>
    void shuffle(std::vector<T>& items) {
        for (std::size_t i = items.size(); i > 1; --i) {
            std::swap(items[i - 1], items[index(i)]);
        }
    }

  private:
    std::mt19937_64 engine_;
};

}  // namespace cupel::simulator
