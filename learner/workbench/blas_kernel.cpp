// Asks the loaded OpenBLAS for its kernel and restarts with another where it is a poor one.
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>

#include <dlfcn.h>
#include <unistd.h>

#include <cupel/workbench/blas_kernel.hpp>

namespace cupel::workbench {
namespace {

// Looked up at run time: another BLAS may stand in for OpenBLAS.
std::string core_name() {
    using CoreName = char* (*)();
    void* symbol = dlsym(RTLD_DEFAULT, "openblas_get_corename");
    CoreName get = nullptr;
    static_assert(sizeof(get) == sizeof(symbol));
    std::memcpy(&get, &symbol, sizeof(get));
    const char* name = get != nullptr ? get() : nullptr;
    return name != nullptr ? name : "";
}

const char* better_kernel() {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
        return "SKYLAKEX";
    }
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        return "HASWELL";
    }
#endif
    return nullptr;
}

}  // namespace

void use_fast_blas_kernel(char** argv) {
    if (std::getenv("OPENBLAS_CORETYPE") != nullptr || core_name() != "Prescott") {
        return;
    }
    const char* kernel = better_kernel();
    if (kernel == nullptr) {
        return;
    }
    // The variable is also the mark that this happened once; when exec fails, the slow kernel
    // works.
    setenv("OPENBLAS_CORETYPE", kernel, 1);
    // By its own path: started through the link it would be called "exe" by ps and pgrep.
    std::error_code failed;
    const auto program = std::filesystem::read_symlink("/proc/self/exe", failed);
    execv(failed ? "/proc/self/exe" : program.c_str(), argv);
}

std::string blas_kernel() {
    const std::string name = core_name();
    return name.empty() ? "blas unknown" : "openblas " + name;
}

}  // namespace cupel::workbench
