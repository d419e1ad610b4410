// Promises held against outcomes.
#include "campaign_promises.hpp"

#include <algorithm>
#include <cstdio>
#include <functional>
#include <numeric>

#include <cupel/learner/laplace_head.hpp>

namespace cupel::workbench {
namespace {

/// Alike are pairs of alike cores, of alike sets, of both, and those that the head's features say.
acquisition::OutcomeProcess process_of(const learner::PoolPosterior& trained,
                                       const learner::PairSimilarity& alike) {
    const auto& variances = trained.variance();
    const double typical = std::accumulate(variances.begin(), variances.end(), 1e-12) /
                           static_cast<double>(std::max<std::size_t>(variances.size(), 1));
    const auto cores = [&](std::size_t a, std::size_t b) { return alike.cores(a, b); };
    const auto sets = [&](std::size_t a, std::size_t b) { return alike.sets(a, b); };
    const auto both = [&](std::size_t a, std::size_t b) {
        return alike.cores(a, b) * alike.sets(a, b);
    };
    const auto features = [&, typical](std::size_t a, std::size_t b) {
        return trained.covariance(a, b) / typical;
    };
    return {trained.mean(), {cores, sets, both, features}};
}

void append(std::vector<double>& to, const std::vector<double>& from) {
    to.insert(to.end(), from.begin(), from.end());
}

}  // namespace

CampaignPromises::CampaignPromises(const learner::PoolPosterior& trained,
                                   const learner::PairSimilarity* alike)
    : trained_(&trained) {
    if (alike != nullptr) {
        process_ = process_of(trained, *alike);
    }
}

void CampaignPromises::take(const learner::PoolPosterior& posterior,
                            const std::vector<Choice>& choices,
                            const std::vector<char>& is_true) {
    const auto scale = calibration_.scale();
    if (process_) {
        std::vector<std::size_t> picked;
        for (const auto& choice : choices) {
            picked.push_back(choice.candidate);
        }
        append(by_process_, process_->probabilities(picked));
    }
    for (const auto& choice : choices) {
        const std::size_t i = choice.candidate;
        const double mean = posterior.mean()[i];
        const double variance = posterior.variance(i);
        by_trained_.push_back(
            learner::expected_sigmoid(trained_->mean()[i], trained_->variance(i)));
        by_laplace_.push_back(learner::expected_sigmoid(mean, variance));
        by_scaled_.push_back(scale.probability(mean, variance));
        labels_.push_back(is_true[i]);
        promised_raw_ += by_laplace_.back();
        promised_ += by_scaled_.back();
        came_ += is_true[i];
        calibration_.record({mean, variance}, labels_.back());
        if (process_) {
            process_->observe(i, is_true[i] != 0);
        }
    }
}

void CampaignPromises::close(const learner::PoolPosterior& posterior,
                             const std::vector<char>& open,
                             const std::vector<char>& is_true) {
    const auto scale = calibration_.scale();
    std::vector<double> labels, raw, scaled;
    std::vector<std::size_t> left;
    for (std::size_t i = 0; i < open.size(); ++i) {
        if (open[i] != 0) {
            left.push_back(i);
            labels.push_back(is_true[i]);
            raw.push_back(learner::expected_sigmoid(posterior.mean()[i], posterior.variance()[i]));
            scaled.push_back(scale.probability(posterior.mean()[i], posterior.variance()[i]));
        }
    }
    left_laplace_ = learner::reliability_of(labels, raw);
    left_scaled_ = learner::reliability_of(labels, scaled);
    if (process_) {
        left_process_ = learner::reliability_of(labels, process_->probabilities(left));
    }
}

nlohmann::ordered_json promises_json(const std::vector<CampaignPromises>& runs) {
    using Run = CampaignPromises;
    nlohmann::ordered_json json;
    const auto mean = [&](const std::function<double(const Run&)>& value) {
        std::vector<double> values;
        for (const auto& run : runs) {
            values.push_back(value(run));
        }
        return learner::mean_error(values).mean;
    };
    json["came"] = mean([](const Run& r) { return r.came_; });
    json["promised"] = mean([](const Run& r) { return r.promised_; });
    json["promised_by_the_model"] = mean([](const Run& r) { return r.promised_raw_; });
    // A run that spent its pool left nothing to be judged by.
    const auto left = [&](learner::Reliability Run::*by, double learner::Reliability::*figure) {
        std::vector<double> values;
        for (const auto& run : runs) {
            if ((run.*by).count > 0) {
                values.push_back((run.*by).*figure);
            }
        }
        return values.empty() ? nlohmann::ordered_json()
                              : nlohmann::ordered_json(learner::mean_error(values).mean);
    };
    using learner::Reliability;
    json["ece"] = left(&Run::left_scaled_, &Reliability::ece);
    json["ece_of_the_model"] = left(&Run::left_laplace_, &Reliability::ece);
    json["brier_skill"] = left(&Run::left_scaled_, &Reliability::brier_skill);
    json["brier_skill_of_the_model"] = left(&Run::left_laplace_, &Reliability::brier_skill);
    const auto put = [&](const char* name, std::vector<double> Run::*promised) {
        std::vector<double> labels, probabilities;
        for (const auto& run : runs) {
            append(labels, run.labels_);
            append(probabilities, run.*promised);
        }
        const auto r = learner::reliability_of(labels, probabilities);
        json["prequential"][name] = {{"nll", r.nll}, {"brier", r.brier}, {"ece", r.ece}};
    };
    put("frozen_ensemble", &Run::by_trained_);
    put("laplace", &Run::by_laplace_);
    put("laplace_scaled", &Run::by_scaled_);
    if (!runs.empty() && runs.front().process_) {
        put("gaussian_process", &Run::by_process_);
        json["ece_of_the_process"] = left(&Run::left_process_, &Reliability::ece);
        json["brier_skill_of_the_process"] = left(&Run::left_process_, &Reliability::brier_skill);
    }
    return json;
}

std::string promises_text(const nlohmann::ordered_json& json) {
    const auto number = [&](const char* name) { return json.at(name).get<double>(); };
    const auto left = [&](const char* name) -> std::string {
        if (json.at(name).is_null()) {
            return "-";
        }
        char figure[32];
        std::snprintf(figure, sizeof(figure), "%.3f", number(name));
        return figure;
    };
    char text[240];
    std::snprintf(text,
                  sizeof(text),
                  "  promised %.1f hits (%.1f unscaled), %.1f came; everything left: ECE %s "
                  "(%s), Brier skill %s (%s)\n",
                  number("promised"),
                  number("promised_by_the_model"),
                  number("came"),
                  left("ece").c_str(),
                  left("ece_of_the_model").c_str(),
                  left("brier_skill").c_str(),
                  left("brier_skill_of_the_model").c_str());
    std::string result = text;
    if (json.contains("ece_of_the_process")) {
        std::snprintf(text,
                      sizeof(text),
                      "  everything left, by the Gaussian process: ECE %s, Brier skill %s\n",
                      left("ece_of_the_process").c_str(),
                      left("brier_skill_of_the_process").c_str());
        result += text;
    }
    for (const auto& [name, figures] : json.at("prequential").items()) {
        std::snprintf(text,
                      sizeof(text),
                      "  before each outcome, %s: NLL %.3f, Brier %.3f, ECE %.3f\n",
                      name.c_str(),
                      figures.at("nll").get<double>(),
                      figures.at("brier").get<double>(),
                      figures.at("ece").get<double>());
        result += text;
    }
    return result;
}

}  // namespace cupel::workbench
