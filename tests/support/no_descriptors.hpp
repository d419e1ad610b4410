// A process that can open nothing more, for a while.
#pragma once

#include <sys/resource.h>

#include "skip.hpp"

// The sanitizer itself opens a pipe to look at memory, and without one takes objects for damaged.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define NEEDS_NO_SANITIZER() CUPEL_SKIP("a sanitizer needs descriptors of its own")
#else
#define NEEDS_NO_SANITIZER() static_cast<void>(0)
#endif

namespace cupel::test {

/// What is open stays open.
class NoDescriptors {
  public:
    NoDescriptors() {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        rlimit none = before_;
        none.rlim_cur = 3;
        ::setrlimit(RLIMIT_NOFILE, &none);
    }
    ~NoDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
    NoDescriptors(const NoDescriptors&) = delete;
    NoDescriptors& operator=(const NoDescriptors&) = delete;

  private:
    rlimit before_{};
};

}  // namespace cupel::test
