// The best pairs on a device of LibTorch: a block of scores at a time, of which few are kept.
#include <algorithm>

#include <torch/torch.h>

#include <cupel/domain/error.hpp>
#include <cupel/learner/scoring.hpp>

namespace cupel::learner {
namespace {

constexpr std::int64_t kFirstRows = 64;     ///< cores whose best scores set the first bar
constexpr std::int64_t kBlock = 1LL << 27;  ///< scores held at a time: half a gigabyte
constexpr std::int64_t kKept = 1LL << 22;   ///< candidates before the best of them are taken

torch::Tensor moved(const std::vector<float>& values,
                    std::size_t rows,
                    const torch::Device& device) {
    auto tensor = torch::empty({static_cast<std::int64_t>(values.size())}, torch::kFloat);
    std::copy(values.begin(), values.end(), tensor.data_ptr<float>());
    return tensor.view({static_cast<std::int64_t>(rows), -1}).to(device);
}

/// Sides on the device; ReLU units by column, so that one is contiguous.
struct Sides {
    torch::Tensor core_dot, set_dot, core_units, set_units;
    std::vector<float> weights;

    torch::Tensor scores(std::int64_t first, std::int64_t count) const {
        auto scores = core_dot.narrow(0, first, count).matmul(set_dot);
        for (std::size_t j = 0; j < weights.size(); ++j) {
            const auto unit = static_cast<std::int64_t>(j);
            scores.add_((core_units[unit].narrow(0, first, count).unsqueeze(1) +
                         set_units[unit].unsqueeze(0))
                            .relu_(),
                        weights[j]);
        }
        return scores;
    }
};

/// The k best so far: scores and places (core * sets + set).
class Best {
  public:
    explicit Best(std::int64_t k) : k_(k) {}
    void add(const torch::Tensor& scores, std::int64_t first_place) {
        const auto flat = scores.view({-1});
        torch::Tensor place;
        if (has_bar_) {
            place = flat.ge(bar_).nonzero().view({-1});
        } else {
            place = std::get<1>(flat.topk(std::min(k_, flat.numel())));
        }
        values_.push_back(flat.index_select(0, place));
        places_.push_back(place + first_place);
        held_ += place.numel();
        if (!has_bar_ || held_ > kKept) {
            prune();
        }
    }
    void prune() {
        auto values = torch::cat(values_);
        auto places = torch::cat(places_);
        if (values.numel() > k_) {
            const auto best = values.topk(k_);
            values = std::get<0>(best);
            places = places.index_select(0, std::get<1>(best));
        }
        if (values.numel() == k_) {
            bar_ = values.min().item<float>();
            has_bar_ = true;
        }
        values_ = {values};
        places_ = {places};
        held_ = values.numel();
    }
    torch::Tensor values() const { return values_.front().cpu(); }
    torch::Tensor places() const { return places_.front().cpu(); }

  private:
    std::int64_t k_, held_ = 0;
    bool has_bar_ = false;
    float bar_ = 0.0F;
    std::vector<torch::Tensor> values_, places_;
};

}  // namespace

std::vector<ScoredPair> top_pairs_on(const std::string& device_name,
                                     const ScoringSide& cores,
                                     const ScoringSide& sets,
                                     const std::vector<float>& rectified_weights,
                                     std::size_t k) {
    if (k == 0 || cores.count == 0 || sets.count == 0) {
        return {};
    }
    if (cores.dot.size() * sets.count != sets.dot.size() * cores.count ||
        cores.rectified.size() != cores.count * rectified_weights.size() ||
        sets.rectified.size() != sets.count * rectified_weights.size()) {
        throw Error("the sides of the cores and of the ligand sets do not have the same width");
    }
    const torch::NoGradGuard no_grad;
    const torch::Device device(device_name);
    Sides sides;
    sides.core_dot = moved(cores.dot, cores.count, device);
    sides.set_dot = moved(sets.dot, sets.count, device).t();
    sides.weights = rectified_weights;
    if (!rectified_weights.empty()) {
        sides.core_units = moved(cores.rectified, cores.count, device).t().contiguous();
        sides.set_units = moved(sets.rectified, sets.count, device).t().contiguous();
    }
    const auto rows = static_cast<std::int64_t>(cores.count);
    const auto columns = static_cast<std::int64_t>(sets.count);
    Best best(static_cast<std::int64_t>(k));
    for (std::int64_t first = 0; first < rows;) {
        const std::int64_t most =
            first == 0 ? kFirstRows : std::max<std::int64_t>(1, kBlock / columns);
        const std::int64_t count = std::min(most, rows - first);
        best.add(sides.scores(first, count).contiguous(), first * columns);
        first += count;
    }
    best.prune();
    const auto values = best.values().contiguous();
    const auto places = best.places().contiguous();
    std::vector<ScoredPair> result;
    for (std::int64_t i = 0; i < values.numel(); ++i) {
        const auto place = static_cast<std::size_t>(places.data_ptr<std::int64_t>()[i]);
        result.push_back({values.data_ptr<float>()[i], place / sets.count, place % sets.count});
    }
    std::sort(result.begin(), result.end(), [](const ScoredPair& a, const ScoredPair& b) {
        return a.score != b.score ? a.score > b.score
                                  : (a.core != b.core ? a.core < b.core : a.set < b.set);
    });
    return result;
}

std::string cuda_device() {
    return torch::cuda::is_available() ? "cuda" : "";
}

}  // namespace cupel::learner
