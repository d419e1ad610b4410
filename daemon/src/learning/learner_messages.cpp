// JSON of the serve protocol.
#include "learner_messages.hpp"

#include <cupel/codec/candidate_codec.hpp>
#include <cupel/codec/json_text.hpp>

namespace cupel::controller {
namespace {

using Json = nlohmann::json;

/// Levels of a line. Ours have eight; what is written and stored goes into replies and records,
/// which are read with 32. A tree as deep as its writer likes would be followed by recursion.
constexpr int kDeepestLine = 16;

Json or_null(const std::optional<double>& value) {
    return value ? Json(*value) : Json(nullptr);
}

/// What the learner promised of the logit; null where it was another service, or nobody.
Json promise_in(const std::string& acquisition_input) {
    const Json input = Json::parse(acquisition_input, nullptr, false);
    const auto is_number = [&](const char* name) {
        return input.is_object() && input.contains(name) && input[name].is_number();
    };
    if (!is_number("mean") || !is_number("variance")) {
        return nullptr;
    }
    return {{"mean", input["mean"]}, {"variance", input["variance"]}};
}

Pick read_pick(const Json& json) {
    Pick pick;
    pick.key = json.at("key").get<std::string>();
    pick.candidate = codec::decode_candidate(json.at("candidate").dump());
    pick.p = json.at("p").get<double>();
    pick.interaction = json.at("interaction").get<double>();
    pick.popularity = json.at("popularity").get<double>();
    pick.uncertainty = json.at("uncertainty").get<double>();
    pick.score = json.at("score").get<double>();
    pick.cost = json.value("cost", 1.0);
    pick.reason = json.at("reason").get<std::string>();
    for (const auto& near : json.at("nearest")) {
        pick.nearest.push_back({near.at("name").get<std::string>(),
                                near.at("source").get<std::string>(),
                                near.at("similarity").get<double>()});
    }
    pick.acquisition_input = json.at("acquisition_input").get<std::string>();
    return pick;
}

}  // namespace

Json labels_json(const std::vector<LearnerLabel>& labels) {
    Json array = Json::array();
    for (const auto& label : labels) {
        array.push_back({{"identity_key", label.identity_key},
                         {"learning_key", label.learning_key},
                         {"candidate", Json::parse(codec::encode(label.candidate))},
                         {"pair", or_null(label.pair)},
                         {"target", or_null(label.target)},
                         {"provisional", label.provisional},
                         {"promise", promise_in(label.acquisition_input)}});
    }
    return array;
}

Json open_json(const LearningTask& task) {
    return {{"pool", task.pool},
            {"data", task.data},
            {"policy", task.policy},
            {"seed", task.seed},
            {"model", task.model},
            {"cost_exponent", task.cost_exponent},
            {"work_cost", task.work_cost},
            {"stock", task.stock},
            {"avoid_hazards", task.avoid_hazards}};
}

Json suggest_json(const SuggestRequest& request) {
    return {{"count", request.count},
            {"seed", request.seed},
            {"pending", request.pending},
            {"excluded", request.excluded}};
}

Json why_json(const Candidate& candidate, const std::string& acquisition_input) {
    return {
        {"candidate", Json::parse(codec::encode(candidate))},
        {"acquisition_input", acquisition_input.empty() ? Json(nullptr) : Json(acquisition_input)}};
}

Json read_line(const std::string& line) {
    if (codec::is_nested_deeper(line, kDeepestLine)) {
        return Json(Json::value_t::discarded);
    }
    return Json::parse(line, nullptr, false);
}

OpenedModel read_opened(const Json& answer) {
    OpenedModel model;
    model.model = answer.at("model").get<std::string>();
    model.data_snapshot = answer.at("data_snapshot").get<std::string>();
    model.kernel = answer.value("kernel", "");
    model.candidates = answer.value("candidates", std::int64_t{0});
    model.warning = answer.value("warning", "");
    model.stale = answer.value("stale", 0);
    model.details_json = answer.dump(-1, ' ', false, Json::error_handler_t::replace);
    return model;
}

TrainedModel read_trained(const Json& answer) {
    TrainedModel model;
    model.model = answer.at("model").get<std::string>();
    model.parent = answer.at("parent").get<std::string>();
    model.data_snapshot = answer.at("data_snapshot").get<std::string>();
    model.promoted = answer.at("promoted").get<bool>();
    model.candidate = answer.value("candidate", model.model);
    model.details_json = answer.dump(-1, ' ', false, Json::error_handler_t::replace);
    return model;
}

Suggestion read_suggestion(const Json& answer) {
    Suggestion suggestion;
    suggestion.model = answer.at("model").get<std::string>();
    suggestion.data_snapshot = answer.at("data_snapshot").get<std::string>();
    suggestion.policy = answer.at("policy").get<std::string>();
    suggestion.kernel = answer.at("kernel").get<std::string>();
    for (const auto& pick : answer.at("picks")) {
        suggestion.picks.push_back(read_pick(pick));
    }
    return suggestion;
}

bool LineBuffer::next(std::string& line) {
    const auto end = rest_.find('\n');
    if (end == std::string::npos) {
        return false;
    }
    line = rest_.substr(0, end);
    rest_.erase(0, end + 1);
    return true;
}

}  // namespace cupel::controller
