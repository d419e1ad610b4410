// What is asked of the learner, and in which order: no thread, no child.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

#include <nlohmann/json.hpp>

namespace cupel::controller {

/// Something asked for and not answered yet.
struct LearnerCall {
    std::string verb, campaign;
    nlohmann::json request;
    std::optional<nlohmann::json> labels;             ///< all labels, where the call carries them
    std::function<void(const nlohmann::json&)> done;  ///< may throw: the answer does not hold
    std::function<void(const std::string&)> refuse;   ///< empty: a call of our own
    int deaths = 0;                                   ///< children that ended before its answer
    std::chrono::steady_clock::time_point asked = std::chrono::steady_clock::now();
    bool late = false;  ///< a question that was refused while its answer was under way

    bool own() const { return !refuse; }
    bool is_question() const { return verb == "why"; }
};

/// Calls one at a time. A child that was started anew is first told what the one before it knew:
/// each campaign is opened again, with its newest model and labels. For one thread.
class LearnerCalls {
  public:
    using TimePoint = std::chrono::steady_clock::time_point;
    struct Limits {
        int attempts;  ///< a call that ended so many children is refused
        std::chrono::milliseconds why_patience;
    };
    using Alarm = std::function<void(const std::string& campaign, const std::string& text)>;

    LearnerCalls(Limits limits, Alarm alarm);

    /// A question goes before what takes long, but not before the opening of its own campaign; it
    /// is refused while the learner trains.
    void add(LearnerCall call);
    int waiting() const { return static_cast<int>(queue_.size()); }
    /// The one whose answer is to come; null when there is none.
    const LearnerCall* current() const { return current_ ? &*current_ : nullptr; }

    /// A child that knows nothing yet; `ping`: it is asked first whether it is there at all.
    void begin_with_new_child(bool ping);
    /// What to say now, which becomes the current call; null when nothing is due.
    const LearnerCall* next();
    /// True for the answer of the current call, whatever it says.
    bool is_answer(const nlohmann::json& line) const;
    /// Takes such an answer in. True when somebody else than we asked and it holds.
    bool take_answer(const nlohmann::json& answer);
    /// The child has ended, for this reason.
    void child_lost(const std::string& reason);

    void refuse_late_questions(TimePoint now);
    /// When the first question becomes too late; a minute from now when there is none.
    TimePoint first_late_question(TimePoint now) const;

  private:
    /// A campaign that was opened, with all that is needed to open it again.
    struct Session {
        nlohmann::json open;
        nlohmann::json labels = nlohmann::json::array();  ///< the newest
        nlohmann::json told = nlohmann::json::array();    ///< what this child knows
        bool open_here = false;                           ///< in this child
        int deaths = 0;                   ///< children that ended while it was opened again
        std::set<std::string> set_aside;  ///< labels that cannot be learnt and were spoken of
    };

    bool is_opening(const std::string& campaign) const;
    bool is_late(const LearnerCall& call, TimePoint now) const;
    void make_current(LearnerCall call);
    /// True when a call of our own has to come first, which is current then.
    bool open_again(const std::string& name);
    bool bring_up_to_date(const std::string& name);
    /// What the child knows after it did as it was told.
    void remember(const LearnerCall& call, const nlohmann::json& ok);
    /// Once for each label that the learner could not read.
    void speak_of_labels_set_aside(const std::string& campaign, const nlohmann::json& ok);
    void own_call_failed(const LearnerCall& call, const std::string& problem);

    const Limits limits_;
    const Alarm alarm_;
    std::deque<LearnerCall> queue_;
    std::optional<LearnerCall> current_;
    std::map<std::string, Session> sessions_;
    std::deque<std::string> replays_;  ///< campaigns to open again in a new child
    bool pinged_ = true;
    std::int64_t last_id_ = 0;
};

/// What a question is told while there is no child.
inline constexpr const char* kLearnerAway = "the learner is away and comes back by itself";

}  // namespace cupel::controller
