// One loop, compiled for what the processor has.
#pragma once

namespace cupel::learner {

#if defined(__x86_64__)
#define CUPEL_AVX2 __attribute__((target("avx2,fma")))
#define CUPEL_AVX512 \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,fma,prefer-vector-width=512")))
#define CUPEL_HAS_X86 1
#else
#define CUPEL_AVX2
#define CUPEL_AVX512
#define CUPEL_HAS_X86 0
#endif
#define CUPEL_INLINE __attribute__((always_inline)) inline

enum class VectorTarget { Plain, Avx2, Avx512 };

inline VectorTarget vector_target() {
#if CUPEL_HAS_X86
    static const VectorTarget target = [] {
        if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
            __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
            return VectorTarget::Avx512;
        }
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")
                   ? VectorTarget::Avx2
                   : VectorTarget::Plain;
    }();
    return target;
#else
    return VectorTarget::Plain;
#endif
}

// Runs Body::run(args...), an always_inline function, compiled for the best target.
template <typename Body, typename... Args>
CUPEL_AVX512 void run_avx512(Args... args) {
    Body::run(args...);
}
template <typename Body, typename... Args>
CUPEL_AVX2 void run_avx2(Args... args) {
    Body::run(args...);
}
template <typename Body, typename... Args>
void run_vectorised(Args... args) {
    switch (vector_target()) {
        case VectorTarget::Avx512:
            run_avx512<Body>(args...);
            return;
        case VectorTarget::Avx2:
            run_avx2<Body>(args...);
            return;
        case VectorTarget::Plain:
            Body::run(args...);
            return;
    }
}

}  // namespace cupel::learner
