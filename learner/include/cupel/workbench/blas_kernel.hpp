// The BLAS kernel: which one runs, and a restart with a better one where an old library chose
// badly.
#pragma once

#include <string>

namespace cupel::workbench {

/// OpenBLAS 0.3.21 takes SSE kernels on processors newer than itself. When the processor has AVX2
/// and that happened, sets OPENBLAS_CORETYPE and starts this program again, once. Call first in
/// main.
void use_fast_blas_kernel(char** argv);

/// "openblas Cooperlake", "blas unknown": written into every proposal.
std::string blas_kernel();

}  // namespace cupel::workbench
