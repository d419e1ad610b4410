// A device of LibTorch that is not the CPU, for machines that have no other: memory that the CPU
// may not touch, and operators that refuse tensors of two devices, as a GPU's do.
#pragma once

namespace cupel::test {

/// How LibTorch calls it; the numbers it computes are the CPU's own.
inline constexpr const char* kOtherDevice = "privateuseone";

/// Operators that ran there since the program started.
long operators_on_other_device();

}  // namespace cupel::test
