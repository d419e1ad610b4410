// Autograd over the row kernels.
#include "fused.hpp"

namespace cupel::learner {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::tensor_list;
using Holder = std::shared_ptr<const RowLinks>;

bool is_plain(const torch::Tensor& x) {
    return x.device().is_cpu() && x.scalar_type() == torch::kFloat;
}

const float* data_of(const torch::Tensor& x) {
    return x.defined() ? x.data_ptr<float>() : nullptr;
}

// The links go with the graph and live as long as it does.
struct Carried : torch::CustomClassHolder {
    explicit Carried(Holder l) : links(std::move(l)) {}
    Holder links;
};

void carry(AutogradContext* context, const Holder& links) {
    context->saved_data["links"] = at::IValue::make_capsule(c10::make_intrusive<Carried>(links));
}

Holder carried(AutogradContext* context) {
    return static_cast<Carried*>(context->saved_data["links"].toCapsule().get())->links;
}

struct GatherScatter : Function<GatherScatter> {
    static torch::Tensor forward(AutogradContext* context,
                                 const torch::Tensor& x,
                                 const Links& links) {
        carry(context, links.by_row);
        context->save_for_backward({links.scale});
        const auto plain = x.contiguous();
        auto out = torch::empty({links.rows, x.size(1)}, x.options());
        gather_rows(*links.by_row,
                    data_of(links.scale),
                    plain.data_ptr<float>(),
                    x.size(1),
                    out.data_ptr<float>());
        return out;
    }
    static tensor_list backward(AutogradContext* context, tensor_list grads) {
        const auto links = carried(context);
        const auto scale = context->get_saved_variables()[0];
        const auto grad = grads[0].contiguous();
        auto x = torch::empty({links->columns, grad.size(1)}, grad.options());
        gather_columns(
            *links, data_of(scale), grad.data_ptr<float>(), grad.size(1), x.data_ptr<float>());
        return {x, torch::Tensor()};
    }
};

struct GatherLargest : Function<GatherLargest> {
    static torch::Tensor forward(AutogradContext* context,
                                 const torch::Tensor& x,
                                 const Links& links) {
        const auto plain = x.contiguous();
        auto out = torch::empty({links.rows, x.size(1)}, x.options());
        auto from = torch::empty(out.sizes(), torch::TensorOptions().dtype(torch::kInt));
        gather_most(*links.by_row,
                    plain.data_ptr<float>(),
                    x.size(1),
                    out.data_ptr<float>(),
                    from.data_ptr<std::int32_t>());
        context->save_for_backward({from});
        context->saved_data["rows"] = x.size(0);
        return out;
    }
    static tensor_list backward(AutogradContext* context, tensor_list grads) {
        const auto grad = grads[0].contiguous();
        const auto from = context->get_saved_variables()[0];
        const std::int64_t width = grad.size(1);
        auto x = torch::zeros({context->saved_data["rows"].toInt(), width}, grad.options());
        const float* g = grad.data_ptr<float>();
        const std::int32_t* row = from.data_ptr<std::int32_t>();
        float* out = x.data_ptr<float>();
        for (std::int64_t i = 0; i < grad.numel(); ++i) {
            if (row[i] >= 0) {
                out[row[i] * width + i % width] += g[i];
            }
        }
        return {x, torch::Tensor()};
    }
};

struct PassMessages : Function<PassMessages> {
    static torch::Tensor forward(AutogradContext* context,
                                 const torch::Tensor& x,
                                 const torch::Tensor& kinds,
                                 const Links& links) {
        carry(context, links.by_row);
        const auto plain = x.contiguous();
        const auto kind = kinds.contiguous();
        context->save_for_backward({plain, kind, links.kind});
        auto out = torch::empty_like(plain);
        gather_messages(*links.by_row,
                        links.kind.data_ptr<std::int32_t>(),
                        plain.data_ptr<float>(),
                        kind.data_ptr<float>(),
                        x.size(1),
                        out.data_ptr<float>());
        return out;
    }
    static tensor_list backward(AutogradContext* context, tensor_list grads) {
        const auto links = carried(context);
        const auto saved = context->get_saved_variables();
        const auto grad = grads[0].contiguous();
        auto x = torch::empty_like(saved[0]);
        auto kinds = torch::zeros_like(saved[1]);
        scatter_messages(*links,
                         saved[2].data_ptr<std::int32_t>(),
                         saved[0].data_ptr<float>(),
                         saved[1].data_ptr<float>(),
                         grad.data_ptr<float>(),
                         grad.size(1),
                         x.data_ptr<float>(),
                         kinds.data_ptr<float>());
        return {x, kinds, torch::Tensor()};
    }
};

PairHead head_of(const torch::Tensor& dot, const torch::Tensor& rectified) {
    return {dot.numel(), rectified.numel(), dot.data_ptr<float>(), rectified.data_ptr<float>()};
}

struct PairLogits : Function<PairLogits> {
    static torch::Tensor forward(AutogradContext* context,
                                 const torch::Tensor& core_side,
                                 const torch::Tensor& set_side,
                                 const torch::Tensor& dot,
                                 const torch::Tensor& rectified,
                                 const torch::Tensor& core,
                                 const torch::Tensor& set) {
        const auto cores = core_side.contiguous();
        const auto sets = set_side.contiguous();
        context->save_for_backward({cores, sets, dot, rectified, core, set});
        auto out = torch::empty({core.numel()}, cores.options());
        pair_logits(head_of(dot, rectified),
                    cores.data_ptr<float>(),
                    sets.data_ptr<float>(),
                    core.data_ptr<std::int64_t>(),
                    set.data_ptr<std::int64_t>(),
                    core.numel(),
                    out.data_ptr<float>());
        return out;
    }
    static tensor_list backward(AutogradContext* context, tensor_list grads) {
        const auto saved = context->get_saved_variables();
        const auto grad = grads[0].contiguous();
        auto cores = torch::zeros_like(saved[0]);
        auto sets = torch::zeros_like(saved[1]);
        auto dot = torch::zeros_like(saved[2]);
        auto rectified = torch::zeros_like(saved[3]);
        pair_logits_backward(head_of(saved[2], saved[3]),
                             saved[0].data_ptr<float>(),
                             saved[1].data_ptr<float>(),
                             saved[4].data_ptr<std::int64_t>(),
                             saved[5].data_ptr<std::int64_t>(),
                             grad.data_ptr<float>(),
                             grad.numel(),
                             {cores.data_ptr<float>(),
                              sets.data_ptr<float>(),
                              dot.data_ptr<float>(),
                              rectified.data_ptr<float>()});
        return {cores, sets, dot, rectified, torch::Tensor(), torch::Tensor()};
    }
};

template <typename To, typename From>
torch::Tensor tensor_of(const std::vector<From>& values,
                        const std::vector<std::int64_t>& order,
                        torch::ScalarType type,
                        const torch::Device& device) {
    auto tensor =
        torch::empty({static_cast<std::int64_t>(order.size())}, torch::TensorOptions().dtype(type));
    To* out = tensor.template data_ptr<To>();
    for (std::size_t i = 0; i < order.size(); ++i) {
        out[i] = static_cast<To>(values[static_cast<std::size_t>(order[i])]);
    }
    return tensor.to(device);
}

}  // namespace

Links make_links(std::int64_t rows,
                 std::int64_t columns,
                 const std::vector<std::int64_t>& row_of,
                 const std::vector<std::int64_t>& column_of,
                 const torch::Device& device,
                 const std::vector<float>* scale,
                 const std::vector<std::int64_t>* kind) {
    std::vector<std::int64_t> order;
    Links links;
    links.rows = rows;
    links.by_row =
        std::make_shared<const RowLinks>(row_links(rows, columns, row_of, column_of, &order));
    links.row = tensor_of<std::int64_t>(row_of, order, torch::kLong, device);
    links.column = tensor_of<std::int64_t>(column_of, order, torch::kLong, device);
    if (kind != nullptr) {
        links.kind = tensor_of<std::int32_t>(*kind, order, torch::kInt, device);
    }
    const auto& by_row = *links.by_row;
    std::int64_t widest = 1;
    for (std::size_t r = 0; r < static_cast<std::size_t>(rows); ++r) {
        widest = std::max(widest, by_row.start[r + 1] - by_row.start[r]);
    }
    if (!device.is_cpu()) {
        std::vector<std::int64_t> padded;
        for (std::size_t r = 0; r < static_cast<std::size_t>(rows); ++r) {
            for (std::int64_t i = 0; i < widest; ++i) {
                const std::int64_t e = by_row.start[r] + i;
                padded.push_back(
                    e < by_row.start[r + 1] ? by_row.column[static_cast<std::size_t>(e)] : columns);
            }
        }
        links.padded = torch::tensor(padded, torch::kLong).to(device);
    }
    if (scale != nullptr) {
        links.scale = tensor_of<float>(*scale, order, torch::kFloat, device);
    }
    return links;
}

torch::Tensor gather_scatter(const torch::Tensor& x, const Links& links) {
    if (is_plain(x)) {
        return GatherScatter::apply(x, links);
    }
    auto entries = x.index_select(0, links.column);
    if (links.scale.defined()) {
        entries = entries * links.scale.unsqueeze(1);
    }
    return torch::zeros({links.rows, x.size(1)}, x.options()).index_add(0, links.row, entries);
}

torch::Tensor gather_largest(const torch::Tensor& x, const Links& links) {
    if (is_plain(x)) {
        return GatherLargest::apply(x, links);
    }
    // A row of zeros pads the rows with fewer links.
    const auto wide = torch::cat({x, torch::zeros({1, x.size(1)}, x.options())}, 0);
    return wide.index_select(0, links.padded).view({links.rows, -1, x.size(1)}).amax(1);
}

torch::Tensor pass_messages(const torch::Tensor& x,
                            const torch::Tensor& kinds,
                            const Links& links) {
    if (is_plain(x)) {
        return PassMessages::apply(x, kinds, links);
    }
    const auto message =
        torch::relu(x.index_select(0, links.column) + kinds.index_select(0, links.kind));
    return x.index_add(0, links.row, message);
}

torch::Tensor pair_logits(const torch::Tensor& core_side,
                          const torch::Tensor& set_side,
                          const torch::Tensor& dot,
                          const torch::Tensor& rectified,
                          const torch::Tensor& core,
                          const torch::Tensor& set) {
    if (is_plain(core_side)) {
        return PairLogits::apply(core_side, set_side, dot, rectified, core, set);
    }
    const auto cores = core_side.index_select(0, core);
    const auto sets = set_side.index_select(0, set);
    const auto e = dot.numel();
    const auto units =
        torch::relu(cores.narrow(1, e, rectified.numel()) + sets.narrow(1, e, rectified.numel()));
    return (cores.narrow(1, 0, e) * sets.narrow(1, 0, e)).matmul(dot) + units.matmul(rectified);
}

}  // namespace cupel::learner
