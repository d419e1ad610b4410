// What the machine can do at most, and what it is.
#pragma once

#include <cstddef>
#include <string>

#include "bench_table.hpp"

namespace cupel::bench {

/// FLOP/s of the matrix product that LibTorch's BLAS offers, or 0 when it has no C interface.
Spread sgemm_rate(int threads);
/// Bytes/s of STREAM's triad, a = b + s c, over arrays that no cache holds.
Spread triad_rate(int threads);

std::string cpu_model();
std::string load_average();
/// Peak resident memory since the last call of forget_peak_memory(), in bytes.
double peak_memory();
/// Starts the peak anew; false where the kernel does not offer it.
bool forget_peak_memory();

}  // namespace cupel::bench
