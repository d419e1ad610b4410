// Being somebody else for a moment, which root alone can be.
#pragma once

#include <sys/types.h>
#include <unistd.h>

namespace cupel::test {

inline bool is_root() {
    return ::geteuid() == 0;
}

/// The whole process is the user nobody for as long as it lives. For root only.
class AsNobody {
  public:
    static constexpr uid_t kNobody = 65534;

    AsNobody() : is_(::seteuid(kNobody) == 0) {}
    ~AsNobody() { (void)!::seteuid(0); }
    AsNobody(const AsNobody&) = delete;
    AsNobody& operator=(const AsNobody&) = delete;
    bool is() const { return is_; }

  private:
    bool is_;
};

}  // namespace cupel::test
