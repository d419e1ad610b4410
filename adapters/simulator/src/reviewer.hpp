// What the simulated person does beside bench work: settles open verdicts, approves, keeps a
// notebook.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include <cupel/domain/candidate.hpp>
#include <cupel/simulator/chemist.hpp>

#include "channel.hpp"

namespace cupel::simulator {

class Reviewer {
  public:
    Reviewer(Channel& channel,
             const Chemist& chemist,
             std::string campaign,
             std::function<void(const std::string&)> say);

    /// Approves what waits for review, overrules what awaits a verdict, reports one failure from
    /// the notebook once there is material for it. Returns how much it did.
    int round();

  private:
    bool settle(const std::string& campaign, const std::string& wire_json);
    void keep_notebook(const std::string& campaign);

    Channel& channel_;
    const Chemist& chemist_;
    std::string campaign_;
    std::function<void(const std::string&)> say_;
    std::vector<Candidate> seen_;
    std::set<std::string> known_;
    bool notebook_done_ = false;
};

}  // namespace cupel::simulator
