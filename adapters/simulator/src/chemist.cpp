// Draws what happens at the bench.
#include <algorithm>

#include <cupel/domain/error.hpp>
#include <cupel/simulator/chemist.hpp>

#include "geometry.hpp"

namespace cupel::simulator {
namespace {

// Shares of what happens, made up for the laboratory: most real pairs crystallise, most others end
// as powder or nothing, and a few give a known neighbour instead.
constexpr double kExecutionFails = 0.06;
constexpr double kConsumed = 0.25;   ///< of execution failures
constexpr double kTrueExact = 0.80;  ///< of pairs that form: the target's structure
constexpr double kTrueOtherCounts = 0.90;
constexpr double kTrueMass = 0.94;
constexpr double kTrueMixture = 0.97;     ///< the rest: crystals that do not diffract
constexpr double kFalseNeighbour = 0.25;  ///< of pairs that do not: a known neighbour's structure
constexpr double kFalseAmorphous = 0.52;
constexpr double kFalseNothing = 0.72;
constexpr double kFalseDecomposed = 0.85;
constexpr double kFalseMixture = 0.94;  ///< the rest: crystals that do not diffract

/// FNV-1a, so that draws are the same with every standard library.
std::uint64_t hash(const std::string& text, std::uint64_t start) {
    std::uint64_t value = start ^ 0xcbf29ce484222325u;
    for (const unsigned char c : text) {
        value = (value ^ c) * 0x100000001b3u;
    }
    return value;
}

Attempt plain(OutcomeKind kind, const std::string& note) {
    Attempt attempt;
    attempt.outcome = Outcome{};
    attempt.outcome->kind = kind;
    attempt.note = note;
    return attempt;
}

Attempt mixture(bool target_seen, const std::string& note) {
    Attempt attempt = plain(OutcomeKind::Mixture, note);
    attempt.outcome->target_seen = target_seen;
    return attempt;
}

/// The same cluster with one ligand fewer of its commonest kind, or one more where only one is.
Candidate other_counts(Candidate candidate) {
    auto& entry = *std::max_element(candidate.ligands.begin(),
                                    candidate.ligands.end(),
                                    [](const auto& a, const auto& b) { return a.count < b.count; });
    entry.count += entry.count > 1 ? -1 : 1;
    return candidate;
}

}  // namespace

Chemist::Chemist(Truth truth, std::uint64_t seed) : truth_(std::move(truth)), seed_(seed) {}

Attempt Chemist::crystal_of(const Candidate& made, std::uint64_t draw, const std::string& note) {
    Attempt attempt;
    attempt.note = note;
    try {
        attempt.cif = writer_.write(made, draw);
    } catch (const InputError& error) {
        // What cannot be built cannot be shown: such crystals count as not solved.
        return plain(OutcomeKind::CrystalsUnsolved, std::string("no structure: ") + error.what());
    }
    return attempt;
}

Attempt Chemist::make(const Candidate& candidate, int number, bool fault) {
    const std::uint64_t draw = hash(identity_key(candidate), seed_ + 1000003u * unsigned(number));
    Random random(draw);
    const double bad_luck = random.uniform();
    if (fault || bad_luck < kExecutionFails) {
        Attempt attempt = plain(OutcomeKind::ExecutionFailed, "a vial broke before dosing");
        attempt.consumed = !fault && bad_luck < kExecutionFails * kConsumed;
        if (*attempt.consumed) {
            attempt.note = "power cut during heating; the batch is lost";
        }
        return attempt;
    }
    const double share = random.uniform();
    if (truth_.find(candidate) != nullptr) {
        if (share < kTrueExact) {
            return crystal_of(candidate, draw, "crystals from layering; structure solved");
        }
        if (share < kTrueOtherCounts) {
            return crystal_of(other_counts(candidate), draw, "crystals from layering");
        }
        if (share < kTrueMass) {
            return plain(OutcomeKind::MassConfirmed, "ESI-MS shows the target; no crystals");
        }
        return share < kTrueMixture ? mixture(true, "target and a second species by MS")
                                    : plain(OutcomeKind::CrystalsUnsolved, "twinned");
    }
    if (share < kFalseNeighbour) {
        const Candidate* neighbour = truth_.relative(candidate, draw);
        if (neighbour != nullptr) {
            return crystal_of(*neighbour, draw, "crystals of something else");
        }
        return plain(OutcomeKind::Amorphous, "brown powder, no reflections");
    }
    if (share < kFalseAmorphous) {
        return plain(OutcomeKind::Amorphous, "brown powder, no reflections");
    }
    if (share < kFalseNothing) {
        return plain(OutcomeKind::NoReaction, "starting materials recovered");
    }
    if (share < kFalseDecomposed) {
        return plain(OutcomeKind::Decomposed, "metallic mirror");
    }
    return share < kFalseMixture ? mixture(false, "several species, the target not among them")
                                 : plain(OutcomeKind::CrystalsUnsolved, "weak diffraction");
}

Outcome Chemist::second_look(const Candidate& candidate) const {
    Outcome outcome;
    outcome.kind =
        truth_.find(candidate) != nullptr ? OutcomeKind::MassConfirmed : OutcomeKind::Amorphous;
    return outcome;
}

}  // namespace cupel::simulator
