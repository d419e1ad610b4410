// AdamW (Loshchilov and Hutter 2019) with an exponential moving average of the weights.
#include "optimiser.hpp"

#include <cmath>

namespace cupel::learner {

Optimiser::Optimiser(std::map<std::string, torch::Tensor>& parameters, double weight_decay) {
    step_.decay = weight_decay;
    step_.count = 0;
    for (auto& [name, tensor] : parameters) {
        states_.push_back({tensor,
                           torch::zeros_like(tensor.detach()),
                           torch::zeros_like(tensor.detach()),
                           tensor.detach().clone()});
    }
}

void Optimiser::clear() {
    for (auto& state : states_) {
        state.weight.mutable_grad().reset();
    }
}

void Optimiser::step(double rate, double average_decay) {
    const torch::NoGradGuard no_grad;
    step_.rate = rate;
    step_.average_decay = average_decay;
    ++step_.count;
    const double first_share = 1.0 - std::pow(step_.beta1, static_cast<double>(step_.count));
    const double second_share = 1.0 - std::pow(step_.beta2, static_cast<double>(step_.count));
    for (auto& s : states_) {
        if (!s.weight.grad().defined()) {
            continue;
        }
        const auto grad = s.weight.grad().contiguous();
        if (grad.device().is_cpu()) {
            adam_step(step_,
                      grad.data_ptr<float>(),
                      grad.numel(),
                      s.weight.data_ptr<float>(),
                      s.first.data_ptr<float>(),
                      s.second.data_ptr<float>(),
                      s.average.data_ptr<float>());
            continue;
        }
        s.first.mul_(step_.beta1).add_(grad, 1.0 - step_.beta1);
        s.second.mul_(step_.beta2).addcmul_(grad, grad, 1.0 - step_.beta2);
        const auto spread = (s.second.sqrt() / std::sqrt(second_share)).add_(step_.epsilon);
        s.weight.mul_(1.0 - rate * step_.decay).addcdiv_(s.first, spread, -rate / first_share);
        s.average.mul_(average_decay).add_(s.weight, 1.0 - average_decay);
    }
}

void Optimiser::finish() {
    const torch::NoGradGuard no_grad;
    for (auto& state : states_) {
        state.weight.copy_(state.average);
    }
}

}  // namespace cupel::learner
