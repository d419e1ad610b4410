// LibTorch keeps a place for devices of others ("PrivateUse1"). Ours has its operators computed by
// the CPU on copies; every other look at its memory ends the program.
#include "other_device.hpp"

#include <atomic>
#include <cstring>
#include <mutex>

#include <ATen/EmptyTensor.h>
#include <ATen/native/CPUFallback.h>
#include <ATen/ops/_reshape_alias_native.h>
#include <ATen/ops/as_strided_native.h>
#include <ATen/ops/view_native.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <sys/mman.h>
#include <torch/library.h>
#include <torch/torch.h>

namespace cupel::test {
namespace {

std::atomic<long> operators{0};

constexpr auto kType = c10::DeviceType::PrivateUse1;

struct Block {
    void* at;
    std::size_t bytes;
};

void release(void* context) {
    auto* block = static_cast<Block*>(context);
    ::munmap(block->at, block->bytes);
    delete block;
}

struct Memory final : c10::Allocator {
    c10::DataPtr allocate(std::size_t bytes) const override {
        const std::size_t size = std::max<std::size_t>(bytes, 1);
        void* at = ::mmap(nullptr, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        TORCH_CHECK(at != MAP_FAILED, "no memory for the other device");
        return {at, new Block{at, size}, &release, c10::Device(kType, 0)};
    }
};

Memory& memory() {
    static Memory only;
    return only;
}

/// Whole storage of a tensor, opened for as long as this lives.
class Opened {
  public:
    explicit Opened(const at::Tensor& tensor)
        : lock_(mutex()),
          storage_(tensor.storage()),
          bytes_(std::max<std::size_t>(storage_.nbytes(), 1)) {
        TORCH_CHECK(::mprotect(storage_.data(), bytes_, PROT_READ | PROT_WRITE) == 0);
    }
    ~Opened() { ::mprotect(storage_.data(), bytes_, PROT_NONE); }
    Opened(const Opened&) = delete;
    Opened& operator=(const Opened&) = delete;
    void* data() const { return storage_.data(); }

  private:
    static std::mutex& mutex() {
        static std::mutex only;
        return only;
    }
    std::lock_guard<std::mutex> lock_;
    c10::Storage storage_;
    std::size_t bytes_;
};

/// The bytes behind a tensor in a storage of the CPU, seen as the tensor sees them.
at::Tensor on_cpu(const at::Tensor& tensor) {
    const auto bytes = static_cast<std::int64_t>(tensor.storage().nbytes());
    const auto item = static_cast<std::int64_t>(tensor.element_size());
    auto whole = at::empty({bytes / item}, at::TensorOptions().dtype(tensor.scalar_type()));
    const Opened opened(tensor);
    std::memcpy(whole.data_ptr(), opened.data(), static_cast<std::size_t>(bytes / item * item));
    return whole.as_strided(tensor.sizes(), tensor.strides(), tensor.storage_offset());
}

at::Tensor empty(at::IntArrayRef size,
                 c10::optional<at::ScalarType> dtype,
                 c10::optional<at::Layout>,
                 c10::optional<at::Device>,
                 c10::optional<bool>,
                 c10::optional<at::MemoryFormat> format) {
    return at::detail::empty_generic(size,
                                     &memory(),
                                     c10::DispatchKeySet(c10::DispatchKey::PrivateUse1),
                                     c10::dtype_or_default(dtype),
                                     format);
}

at::Tensor empty_strided(at::IntArrayRef size,
                         at::IntArrayRef stride,
                         c10::optional<at::ScalarType> dtype,
                         c10::optional<at::Layout>,
                         c10::optional<at::Device>,
                         c10::optional<bool>) {
    return at::detail::empty_strided_generic(size,
                                             stride,
                                             &memory(),
                                             c10::DispatchKeySet(c10::DispatchKey::PrivateUse1),
                                             c10::dtype_or_default(dtype));
}

at::Tensor copy_from(const at::Tensor& from, const at::Tensor& to, bool) {
    const at::Tensor source = from.device().is_cpu() ? from : on_cpu(from);
    if (to.device().is_cpu()) {
        at::Tensor target = to;
        target.copy_(source);
        return to;
    }
    at::Tensor target = on_cpu(to);
    target.copy_(source);
    const Opened opened(to);
    std::memcpy(opened.data(), target.storage().data(), target.storage().nbytes());
    return to;
}

const at::Tensor& resize_there(const at::Tensor& tensor,
                               at::IntArrayRef size,
                               c10::optional<at::MemoryFormat>) {
    auto* self = tensor.unsafeGetTensorImpl();
    self->set_sizes_contiguous(size);
    const auto bytes = static_cast<std::size_t>(self->numel()) * tensor.element_size();
    if (bytes > tensor.storage().nbytes()) {
        tensor.storage().set_data_ptr(memory().allocate(bytes));
        tensor.storage().set_nbytes(bytes);
    }
    return tensor;
}

at::Tensor copy_from_and_resize(const at::Tensor& from, const at::Tensor& to) {
    resize_there(to, from.sizes(), c10::nullopt);
    return copy_from(from, to, false);
}

// Every other operator: on copies, once it is sure that a GPU would take its tensors too.
void compute(const c10::OperatorHandle& op, torch::jit::Stack* stack) {
    ++operators;
    const auto given = torch::jit::last(*stack, op.schema().arguments().size());
    for (const auto& value : given) {
        const auto is_here = [&](const at::Tensor& tensor) {
            TORCH_CHECK(!tensor.defined() || tensor.dim() == 0 || tensor.device().type() == kType,
                        op.schema().name(),
                        ": a tensor of the CPU among those of another device");
        };
        if (value.isTensor()) {
            is_here(value.toTensor());
        } else if (value.isTensorList()) {
            for (const at::Tensor& tensor : value.toTensorVector()) {
                is_here(tensor);
            }
        }
    }
    at::native::cpu_fallback(op, stack);
}

C10_REGISTER_GUARD_IMPL(PrivateUse1, c10::impl::NoOpDeviceGuardImpl<kType>);

TORCH_LIBRARY_IMPL(aten, PrivateUse1, library) {
    library.impl("empty.memory_format", &empty);
    library.impl("empty_strided", &empty_strided);
    library.impl("_copy_from", &copy_from);
    library.impl("_copy_from_and_resize", &copy_from_and_resize);
    library.impl("resize_", &resize_there);
    library.impl("as_strided", &at::native::as_strided_tensorimpl);
    library.impl("view", &at::native::view);
    library.impl("_reshape_alias", &at::native::_reshape_alias);
}

TORCH_LIBRARY_IMPL(_, PrivateUse1, library) {
    library.fallback(torch::CppFunction::makeFromBoxedFunction<&compute>());
}

}  // namespace

long operators_on_other_device() {
    return operators;
}

}  // namespace cupel::test
