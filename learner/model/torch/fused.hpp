// What the encoders and the head do to rows, with derivatives: one pass over memory on the CPU, the
// same in LibTorch's own operators elsewhere.
#pragma once

#include <memory>
#include <vector>

#include <torch/torch.h>

#include "../row_kernels.hpp"

namespace cupel::learner {

/// Links as the CPU walks them, and as index tensors for other devices.
struct Links {
    std::shared_ptr<const RowLinks> by_row;
    torch::Tensor row, column;  ///< of each entry, by place
    torch::Tensor kind;         ///< 32-bit number of each entry's kind, by place; or undefined
    torch::Tensor scale;        ///< by place; undefined = 1
    torch::Tensor padded;       ///< rows x widest columns, on other devices than the CPU
    std::int64_t rows = 0;
};

/// Entry i links `row_of[i]` to `column_of[i]`; `scale` and `kind`, where given, go with it.
Links make_links(std::int64_t rows,
                 std::int64_t columns,
                 const std::vector<std::int64_t>& row_of,
                 const std::vector<std::int64_t>& column_of,
                 const torch::Device& device,
                 const std::vector<float>* scale = nullptr,
                 const std::vector<std::int64_t>* kind = nullptr);

/// rows x width: the sum over each row's links of scale * x[column]; the scale is no variable.
torch::Tensor gather_scatter(const torch::Tensor& x, const Links& links);

/// rows x width: the largest x[column] of each row's links, 0 where none is above 0. The derivative
/// goes to the first of equals.
torch::Tensor gather_largest(const torch::Tensor& x, const Links& links);

/// x + the sum over each row's links of relu(x[column] + kinds[kind]).
torch::Tensor pass_messages(const torch::Tensor& x, const torch::Tensor& kinds, const Links& links);

/// Logits of pairs of rows: products weighted by `dot`, factored ReLU units by `rectified`.
torch::Tensor pair_logits(const torch::Tensor& core_side,
                          const torch::Tensor& set_side,
                          const torch::Tensor& dot,
                          const torch::Tensor& rectified,
                          const torch::Tensor& core,
                          const torch::Tensor& set);

}  // namespace cupel::learner
