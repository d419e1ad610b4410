// So many a second, a second's worth at once: what one connection may ask.
#pragma once

#include <algorithm>
#include <chrono>

namespace cupel::controller {

class Allowance {
  public:
    using Instant = std::chrono::steady_clock::time_point;

    /// Takes one; false when this second's are used up. `per_second` 0: always true.
    bool take(int per_second, Instant now) {
        if (per_second == 0) {
            return true;
        }
        const double most = per_second;
        const std::chrono::duration<double> passed = now - last_;
        left_ = last_ == Instant{} ? most : std::min(most, left_ + passed.count() * most);
        last_ = now;
        if (left_ < 1.0) {
            return false;
        }
        left_ -= 1.0;
        return true;
    }

  private:
    double left_ = 0.0;
    Instant last_{};
};

}  // namespace cupel::controller
