// For a while this process is nobody, where it may be: root is kept out of nothing.
#pragma once

#include <unistd.h>

namespace cupel::test {

inline bool is_root() {
    return ::geteuid() == 0;
}

class AsNobody {
  public:
    AsNobody() {
        if (root_ && ::seteuid(kNobody) != 0) {
            root_ = false;  // a container without such users: what follows is done as root
        }
    }
    ~AsNobody() {
        if (root_ && ::seteuid(0) != 0) {
            ::_exit(1);
        }
    }
    AsNobody(const AsNobody&) = delete;
    AsNobody& operator=(const AsNobody&) = delete;

    static constexpr uid_t kNobody = 65534;

  private:
    bool root_ = is_root();
};

}  // namespace cupel::test
