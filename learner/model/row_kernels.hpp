// Loops over rows of floats that the encoders spend their time in, without LibTorch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace cupel::learner {

/// Who gathers from where: entries of a sparse matrix by row, and the same entries by column.
struct RowLinks {
    std::int64_t rows = 0, columns = 0;
    std::vector<std::int64_t> start;      ///< rows + 1
    std::vector<std::int32_t> column;     ///< of each entry
    std::vector<std::int64_t> by_column;  ///< columns + 1
    std::vector<std::int32_t> row;        ///< of each entry, by column
    std::vector<std::int32_t> place;      ///< where that entry stands by row

    std::int64_t size() const noexcept { return static_cast<std::int64_t>(column.size()); }
};

/// Entry i links row `row_of[i]` to column `column_of[i]`; entries of a row keep their order.
/// `order`, where given, receives the entry that stands at each place by row.
/// Throws Error when an index is out of range.
RowLinks row_links(std::int64_t rows,
                   std::int64_t columns,
                   const std::vector<std::int64_t>& row_of,
                   const std::vector<std::int64_t>& column_of,
                   std::vector<std::int64_t>* order = nullptr);

/// out[r] = sum over the entries of row r of scale * in[column]; every row is `width` floats.
void gather_rows(
    const RowLinks& links, const float* scale, const float* in, std::int64_t width, float* out);
/// The transpose: out[c] = sum over the entries of column c of scale * in[row].
void gather_columns(
    const RowLinks& links, const float* scale, const float* in, std::int64_t width, float* out);

/// out[r] = the largest of 0 and in[column] over the entries of row r, and `from` the column it
/// came from, -1 where none is above 0.
void gather_most(
    const RowLinks& links, const float* in, std::int64_t width, float* out, std::int32_t* from);

/// out[r] = in[r] + sum over the entries of row r of max(in[column] + kind[kind_of], 0);
/// `kind_of` by place. Rows and columns are the same atoms.
void gather_messages(const RowLinks& links,
                     const std::int32_t* kind_of,
                     const float* in,
                     const float* kind,
                     std::int64_t width,
                     float* out);
/// Its derivatives: `in_grad` is written, `kind_grad` added to.
void scatter_messages(const RowLinks& links,
                      const std::int32_t* kind_of,
                      const float* in,
                      const float* kind,
                      const float* out_grad,
                      std::int64_t width,
                      float* in_grad,
                      float* kind_grad);

/// The head: a share of products and one of factored ReLU units, with their weights.
struct PairHead {
    std::int64_t dot = 0, rectified = 0;
    const float* dot_weight = nullptr;
    const float* rectified_weight = nullptr;
    std::int64_t width() const noexcept { return dot + rectified; }
};
/// out[n] = head of the pair (core[n], set[n]), the constant left out.
void pair_logits(const PairHead& head,
                 const float* cores,
                 const float* sets,
                 const std::int64_t* core,
                 const std::int64_t* set,
                 std::int64_t pairs,
                 float* out);
/// Its derivatives, all added to.
struct PairHeadGrad {
    float* cores = nullptr;
    float* sets = nullptr;
    float* dot_weight = nullptr;
    float* rectified_weight = nullptr;
};
void pair_logits_backward(const PairHead& head,
                          const float* cores,
                          const float* sets,
                          const std::int64_t* core,
                          const std::int64_t* set,
                          const float* out_grad,
                          std::int64_t pairs,
                          const PairHeadGrad& grad);

/// mask[i] = 0 with probability `rate` (to 1/65536), else `value` or 1 / (1 - rate) times it. One
/// stream of numbers per `seed`, the same on every machine; `seed` moves on.
void fill_dropout(
    std::uint64_t& seed, double rate, const float* value, std::int64_t n, float* mask);

/// One step of AdamW (Loshchilov and Hutter 2019) and of the moving average of the weights.
struct AdamStep {
    double rate = 0.0, decay = 0.0, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;
    std::int64_t count = 1;      ///< this step, from 1
    double average_decay = 0.0;  ///< share of the old average that stays
};
void adam_step(const AdamStep& step,
               const float* grad,
               std::int64_t n,
               float* weight,
               float* first,
               float* second,
               float* average);

}  // namespace cupel::learner
