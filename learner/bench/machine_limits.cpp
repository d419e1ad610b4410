// sgemm, STREAM and the files under /proc.
#include "machine_limits.hpp"

#include <cstring>
#include <fstream>
#include <sstream>
#include <thread>
#include <vector>

#include <dlfcn.h>

namespace cupel::bench {
namespace {

using Sgemm = void (*)(
    int, int, int, int, int, int, float, const float*, int, const float*, int, float, float*, int);
using SetThreads = void (*)(int);

template <typename Function>
Function looked_up(const char* name) {
    void* symbol = dlsym(RTLD_DEFAULT, name);
    Function function = nullptr;
    static_assert(sizeof(function) == sizeof(symbol));
    std::memcpy(&function, &symbol, sizeof(function));
    return function;
}

// The value of a `name: value` line of a file.
std::string field(const char* file, const std::string& name) {
    std::ifstream in(file);
    std::string line;
    while (std::getline(in, line)) {
        const auto colon = line.find(':');
        if (line.rfind(name, 0) == 0 && colon != std::string::npos) {
            const auto first = line.find_first_not_of(" \t", colon + 1);
            return first == std::string::npos ? "" : line.substr(first);
        }
    }
    return "unknown";
}

}  // namespace

Spread sgemm_rate(int threads) {
    const auto sgemm = looked_up<Sgemm>("cblas_sgemm");
    if (sgemm == nullptr) {
        return {};
    }
    const auto set_threads = looked_up<SetThreads>("openblas_set_num_threads");
    if (set_threads != nullptr) {
        set_threads(threads);
    }
    constexpr int kSize = 1536;
    const std::vector<float> a(kSize * kSize, 0.5F);
    const std::vector<float> b(kSize * kSize, 0.25F);
    std::vector<float> c(kSize * kSize, 0.0F);
    const Spread took = seconds(7, [&] {
        sgemm(101,
              111,
              111,
              kSize,
              kSize,
              kSize,
              1.0F,
              a.data(),
              kSize,
              b.data(),
              kSize,
              0.0F,
              c.data(),
              kSize);
    });
    if (set_threads != nullptr) {
        set_threads(1);
    }
    return rate(2.0 * kSize * kSize * kSize, took);
}

Spread triad_rate(int threads) {
    constexpr std::size_t kLength = 16 << 20;
    std::vector<double> a(kLength, 0.0);
    const std::vector<double> b(kLength, 1.0);
    const std::vector<double> c(kLength, 2.0);
    const auto part = [&](std::size_t first, std::size_t last) {
        for (std::size_t i = first; i < last; ++i) {
            a[i] = b[i] + 3.0 * c[i];
        }
    };
    const auto workers = static_cast<std::size_t>(threads);
    const Spread took = seconds(7, [&] {
        std::vector<std::thread> others;
        for (std::size_t w = 1; w < workers; ++w) {
            others.emplace_back(part, w * kLength / workers, (w + 1) * kLength / workers);
        }
        part(0, kLength / workers);
        for (auto& worker : others) {
            worker.join();
        }
    });
    return rate(3.0 * sizeof(double) * static_cast<double>(kLength), took);
}

std::string cpu_model() {
    return field("/proc/cpuinfo", "model name");
}

std::string load_average() {
    std::ifstream in("/proc/loadavg");
    std::string one;
    in >> one;
    return one;
}

double peak_memory() {
    std::istringstream in(field("/proc/self/status", "VmHWM"));
    double kilobytes = 0.0;
    in >> kilobytes;
    return 1024.0 * kilobytes;
}

bool forget_peak_memory() {
    std::ofstream out("/proc/self/clear_refs");
    out << "5" << std::flush;
    return static_cast<bool>(out);
}

}  // namespace cupel::bench
