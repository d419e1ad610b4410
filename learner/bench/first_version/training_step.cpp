// The first version's training step (commit 0af7dab), kept as it was: the yardstick of the training
// step. Not to be edited, but for what makes it compile beside the present one.
#include "training_step.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <set>

#include "network.hpp"

namespace cupel::first_version {
namespace {

std::vector<std::int64_t> column(const std::vector<Pair>& pairs, bool cores) {
    std::vector<std::int64_t> result;
    for (const auto& pair : pairs) {
        result.push_back(static_cast<std::int64_t>(cores ? pair.core : pair.set));
    }
    return result;
}

torch::Tensor long_tensor(const std::vector<std::int64_t>& values) {
    return torch::tensor(values, torch::kLong);
}

void shuffle(std::vector<std::size_t>& values, std::mt19937_64& random) {
    for (std::size_t i = values.size(); i > 1; --i) {
        std::swap(values[i - 1], values[random() % i]);
    }
}

// Draws degree-preserving swaps of the known pairs, `times` per pair.
void draw_negatives(const TrainingSet& data,
                    const std::set<Pair>& taken,
                    int times,
                    std::mt19937_64& random,
                    std::vector<Pair>& pairs) {
    std::vector<std::size_t> order(data.known.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (int time = 0; time < times; ++time) {
        shuffle(order, random);
        for (std::size_t i = 0; i < order.size(); ++i) {
            const Pair swapped{data.known[i].core, data.known[order[i]].set};
            if (taken.count(swapped) == 0) {
                pairs.push_back(swapped);
            }
        }
    }
}

struct Sides {
    torch::Tensor cores, sets;
};

torch::Tensor select(const torch::Tensor& sides, const std::vector<Pair>& pairs, bool cores) {
    return sides.index_select(0, long_tensor(column(pairs, cores)).to(sides.device()));
}

// Symmetric InfoNCE over a sample of known pairs; other known pairs in the square are left out.
torch::Tensor contrast_loss(const Network& network,
                            const Sides& sides,
                            const TrainingSet& data,
                            const std::set<Pair>& taken,
                            std::mt19937_64& random) {
    std::vector<std::size_t> order(data.known.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    shuffle(order, random);
    order.resize(std::min<std::size_t>(order.size(), 96));
    std::vector<Pair> sample;
    for (const std::size_t i : order) {
        sample.push_back(data.known[i]);
    }
    const auto n = static_cast<std::int64_t>(sample.size());
    auto mask = torch::zeros({n, n});
    auto* cell = mask.data_ptr<float>();
    for (std::int64_t i = 0; i < n; ++i) {
        for (std::int64_t j = 0; j < n; ++j) {
            if (i != j && taken.count({sample[static_cast<std::size_t>(i)].core,
                                       sample[static_cast<std::size_t>(j)].set}) != 0) {
                cell[i * n + j] = -30.0F;
            }
        }
    }
    const auto logits =
        network.logit_matrix(select(sides.cores, sample, true), select(sides.sets, sample, false)) +
        mask.to(sides.cores.device());
    const auto truth = torch::arange(n, torch::kLong).to(sides.cores.device());
    return 0.5 * (torch::nn::functional::cross_entropy(logits, truth) +
                  torch::nn::functional::cross_entropy(logits.transpose(0, 1), truth));
}

torch::Tensor step_loss(const Network& network,
                        const Sides& sides,
                        const TrainingSet& data,
                        const std::set<Pair>& taken,
                        const LearnerOptions& options,
                        std::mt19937_64& random) {
    std::vector<Pair> pairs = data.known;
    draw_negatives(data, taken, 6, random, pairs);
    const std::size_t negatives = pairs.size() - data.known.size();
    std::vector<float> labels(pairs.size(), static_cast<float>(options.smoothing));
    std::vector<float> weights(pairs.size(),
                               static_cast<float>(data.known.size()) /
                                   static_cast<float>(std::max<std::size_t>(negatives, 1)));
    std::fill_n(labels.begin(), data.known.size(), static_cast<float>(1.0 - options.smoothing));
    std::fill_n(weights.begin(), data.known.size(), 1.0F);
    for (const auto& trial : data.trials) {
        pairs.push_back(trial.pair);
        labels.push_back(
            static_cast<float>(trial.label * (1 - 2 * options.smoothing) + options.smoothing));
        weights.push_back(static_cast<float>(trial.weight));
    }
    const auto logits =
        network.logits(select(sides.cores, pairs, true), select(sides.sets, pairs, false));
    const auto device = logits.device();
    const auto weight = torch::tensor(weights).to(device);
    const auto loss = torch::binary_cross_entropy_with_logits(
        logits, torch::tensor(labels).to(device), weight, {}, at::Reduction::Sum);
    auto total = loss / weight.sum();
    if (options.contrast > 0.0) {
        total = total + options.contrast * contrast_loss(network, sides, data, taken, random);
    }
    return total;
}

// Exponential moving average of the weights, used in place of the last step's.
class MovingAverage {
  public:
    explicit MovingAverage(const std::map<std::string, torch::Tensor>& parameters) {
        for (const auto& [name, tensor] : parameters) {
            average_[name] = tensor.detach().clone();
        }
    }
    void update(const std::map<std::string, torch::Tensor>& parameters, double decay) {
        for (const auto& [name, tensor] : parameters) {
            average_[name].mul_(decay).add_(tensor.detach(), 1.0 - decay);
        }
    }
    void copy_to(std::map<std::string, torch::Tensor>& parameters) const {
        const torch::NoGradGuard no_grad;
        for (auto& [name, tensor] : parameters) {
            tensor.copy_(average_.at(name));
        }
    }

  private:
    std::map<std::string, torch::Tensor> average_;
};

}  // namespace

void train(const Catalogue& catalogue,
           const TrainingSet& data,
           const LearnerOptions& options,
           int epochs,
           std::uint64_t seed,
           int operator_threads,
           const std::function<void()>& tick) {
    torch::set_num_threads(operator_threads);
    Network network(options, seed, torch::kCPU);
    std::mt19937_64 random(seed);
    network.seed_dropout(random());
    std::vector<const CoreGraph*> cores;
    for (const std::size_t core : data.cores) {
        cores.push_back(&catalogue.cores()[core]);
    }
    const CoreTensors core_tensors = tensors_of(core_batch(cores), torch::Device(torch::kCPU));
    const SetTensors set_tensors =
        tensors_of(set_inputs(catalogue, data.sets), torch::Device(torch::kCPU));
    std::set<Pair> taken(data.known.begin(), data.known.end());
    for (const auto& trial : data.trials) {
        taken.insert(trial.pair);
    }
    std::vector<torch::Tensor> weights;
    for (auto& [name, tensor] : network.parameters()) {
        weights.push_back(tensor);
    }
    torch::optim::AdamW optimizer(
        weights,
        torch::optim::AdamWOptions(options.learning_rate).weight_decay(options.weight_decay));
    MovingAverage average(network.parameters());
    network.set_training(true);
    for (int epoch = 0; epoch < epochs; ++epoch) {
        // One warm-up tenth, then a cosine down to a twentieth.
        const double done = static_cast<double>(epoch) / std::max(epochs, 1);
        const double scale = done < 0.1
                                 ? 0.1 + 9.0 * done
                                 : 0.05 + 0.475 * (1.0 + std::cos(3.14159265 * (done - 0.1) / 0.9));
        static_cast<torch::optim::AdamWOptions&>(optimizer.param_groups()[0].options())
            .lr(options.learning_rate * scale);
        optimizer.zero_grad();
        const Sides sides{network.encode_cores(core_tensors), network.encode_sets(set_tensors)};
        step_loss(network, sides, data, taken, options, random).backward();
        optimizer.step();
        average.update(network.parameters(), std::min(0.95, (1.0 + epoch) / (10.0 + epoch)));
        if (tick) {
            tick();
        }
    }
    network.set_training(false);
    average.copy_to(network.parameters());
}

}  // namespace cupel::first_version
