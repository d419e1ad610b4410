// A finished campaign as its event log tells it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <cupel/chemistry/abbreviations.hpp>
#include <cupel/domain/proposal.hpp>
#include <cupel/domain/verdict.hpp>
#include <cupel/simulator/truth.hpp>

namespace cupel::simulator {

/// One proposal from its first event to its last.
struct ProposalStory {
    std::string id;
    Candidate candidate;
    std::string name;    ///< with the usual short names of ligands
    bool forms = false;  ///< its pair is in the laboratory's truth
    std::optional<double> p;
    std::string reason;
    std::vector<Neighbour> nearest;
    std::string state;
    int experiment = 0;  ///< ordinal among charged experiments; 0 = none was charged
    int attempts = 1;
    std::string outcome;  ///< last outcome word; empty when there was none
    std::string note;     ///< the worker's words
    std::string worker;
    std::optional<double> pair_label;
    std::optional<Verdict> verdict;  ///< from atoms, when a CIF was read
    std::string found;               ///< what the CIF held
    bool overruled = false;
};

struct StateSample {
    double seconds = 0.0;              ///< since the first event
    std::map<std::string, int> count;  ///< state -> proposals
};

struct Story {
    std::vector<ProposalStory> proposals;  ///< in order of proposal
    std::vector<StateSample> timeline;
    std::map<std::string, int> outcomes;  ///< outcome word -> results
    int events = 0;
    int experiments = 0;  ///< charged and not refunded
    int hits = 0;         ///< of them, pairs that form
    int execution_failures = 0;
    int reoffers = 0;
    int analogues_from_atoms = 0;
    int confirmed = 0;
    int chemical_failures = 0;
    int overruled = 0;
    int observations = 0;
    int models = 0;
    std::string last_campaign_state;
    std::vector<std::string> data_keys;  ///< learning keys the base model was trained on
    std::vector<int> curve;              ///< hits after each experiment
    double seconds = 0.0;
};

/// Reads events one by one, in order.
class StoryTeller {
  public:
    explicit StoryTeller(const Truth& truth);
    /// `header` and `body` as JSON. Throws InputError for what is no event.
    void hear(const std::string& header_json, const std::string& body_json);
    /// The story so far.
    Story story() const;

  private:
    const Truth& truth_;
    chemistry::Abbreviations abbreviations_ = chemistry::Abbreviations::standard();
    Story story_;
    std::map<std::string, std::size_t> index_;
    std::map<std::string, int> offered_;  ///< proposal -> attempt last on offer
    std::vector<std::string> charged_;    ///< proposals in order of START, refunds taken out
    double first_time_ = -1.0;
};

}  // namespace cupel::simulator
