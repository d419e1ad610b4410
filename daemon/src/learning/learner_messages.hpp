// The lines that go to and come from `cupel-learner serve`; learner/README.md describes them.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "learning_service.hpp"

namespace cupel::controller {

/// Labels as the array of a request.
nlohmann::json labels_json(const std::vector<LearnerLabel>& labels);

/// What a request holds beside its verb, its campaign and its labels.
nlohmann::json open_json(const LearningTask& task);
nlohmann::json suggest_json(const SuggestRequest& request);
/// `acquisition_input`: as it was stored; empty when there was none.
nlohmann::json why_json(const Candidate& candidate, const std::string& acquisition_input);

/// A line of the learner's; discarded, as what is no JSON, when it is nested deeper than any
/// answer.
nlohmann::json read_line(const std::string& line);

/// Answers. Throw nlohmann::json::exception or InputError when something is missing.
OpenedModel read_opened(const nlohmann::json& answer);
TrainedModel read_trained(const nlohmann::json& answer);
Suggestion read_suggestion(const nlohmann::json& answer);

/// Cuts a stream into lines.
class LineBuffer {
  public:
    explicit LineBuffer(std::size_t longest) : longest_(longest) {}
    void add(const std::string& bytes) { rest_ += bytes; }
    /// The next whole line without its end.
    bool next(std::string& line);
    /// More bytes wait for the end of a line than any line has.
    bool overfull() const { return rest_.size() > longest_; }
    /// What came without an end.
    const std::string& rest() const { return rest_; }

  private:
    std::size_t longest_;
    std::string rest_;
};

}  // namespace cupel::controller
