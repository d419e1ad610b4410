// Occlusion, neighbours and exchanges: what stands behind a prediction.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <set>

#include <nlohmann/json.hpp>

#include <cupel/chemistry/featuriser.hpp>
#include <cupel/domain/error.hpp>
#include <cupel/workbench/blas_kernel.hpp>
#include <cupel/workbench/dataset.hpp>

#include "campaign_session_impl.hpp"

namespace cupel::workbench {
namespace {

using learner::Catalogue;
using learner::Pair;

constexpr const char* kCoinage[] = {"Cu", "Ag", "Au"};
constexpr std::size_t kLigandsTried = 40;  ///< per ligand of the candidate, the most alike first

std::string fixed(double value, int digits) {
    char text[64];
    std::snprintf(text, sizeof(text), "%.*f", digits, value);
    return text;
}

std::vector<double> fits(const learner::Learner& model,
                         const Catalogue& catalogue,
                         const std::vector<Pair>& pairs) {
    std::vector<double> result;
    for (const auto& prediction : model.predict(catalogue, pairs)) {
        result.push_back(prediction.interaction);
    }
    return result;
}

/// The candidate's own ligands in a catalogue of their own, each atom hidden in turn.
std::vector<LigandAttribution> ligand_attributions(const learner::Learner& model,
                                                   const Candidate& candidate) {
    Catalogue catalogue;
    const std::size_t core = catalogue.add_core("core", chemistry::core_graph(candidate.core));
    std::vector<learner::LigandInput> inputs;
    std::vector<std::size_t> all;
    for (const auto& entry : candidate.ligands) {
        const std::string& smiles = entry.ligand.smiles;
        inputs.push_back({chemistry::atom_graph(smiles), chemistry::fingerprint(smiles)});
        all.push_back(catalogue.add_ligand(smiles, inputs.back()));
    }
    std::vector<Pair> pairs{{core, catalogue.add_set("whole", all)}};
    std::vector<LigandAttribution> result;
    for (std::size_t l = 0; l < inputs.size(); ++l) {
        const std::string& smiles = candidate.ligands[l].ligand.smiles;
        const auto hidden = chemistry::occluded_fingerprints(smiles);
        result.push_back({smiles, std::vector<double>(hidden.size(), 0.0)});
        for (std::size_t atom = 0; atom < hidden.size(); ++atom) {
            const std::string name = smiles + " without " + std::to_string(atom);
            auto set = all;
            set[l] = catalogue.add_ligand(name, {inputs[l].graph, hidden[atom]});
            pairs.push_back({core, catalogue.add_set(name, set)});
        }
    }
    const auto fit = fits(model, catalogue, pairs);
    std::size_t row = 1;
    for (auto& ligand : result) {
        for (double& weight : ligand.atoms) {
            weight = fit[0] - fit[row++];
        }
    }
    return result;
}

std::vector<CoreAttribution> core_attributions(const learner::Learner& model,
                                               Catalogue catalogue,
                                               const Candidate& candidate,
                                               const Pair& pair) {
    const Core& core = candidate.core;
    std::vector<CoreAttribution> result;
    std::vector<std::vector<Core>> against;  // of each part: what it is held against
    for (const auto& [element, count] : core.metals) {
        std::vector<Core> others;
        Core without = core;
        without.atoms.clear();
        without.metals.erase(element);
        if (without.nuclearity() > 0) {
            others.push_back(without);
        } else {
            for (const char* other : kCoinage) {
                if (element != other) {
                    Core exchanged = without;
                    exchanged.metals = {{other, count}};
                    others.push_back(exchanged);
                }
            }
        }
        result.push_back({element, 0.0});
        against.push_back(std::move(others));
    }
    for (const auto& [anion, count] : core.anions) {
        Core without = core;
        without.atoms.clear();
        without.anions.erase(anion);
        result.push_back({anion, 0.0});
        against.push_back({without});
    }
    if (core.hydrides.value_or(0) > 0) {
        Core without = core;
        without.atoms.clear();
        without.hydrides.reset();
        result.push_back({"hydrides", 0.0});
        against.push_back({without});
    }
    std::vector<Pair> pairs{pair};
    for (const auto& others : against) {
        for (const auto& other : others) {
            pairs.push_back({catalogue.add_core("against " + std::to_string(pairs.size()),
                                                chemistry::core_graph(other)),
                             pair.set});
        }
    }
    const auto fit = fits(model, catalogue, pairs);
    std::size_t row = 1;
    for (std::size_t part = 0; part < result.size(); ++part) {
        double mean = 0.0;
        for (std::size_t i = 0; i < against[part].size(); ++i) {
            mean += fit[row++] / static_cast<double>(against[part].size());
        }
        result[part].weight = fit[0] - mean;
    }
    return result;
}

double tanimoto(const Fingerprint& a, const Fingerprint& b) {
    std::map<std::uint32_t, double> counts(a.counts.begin(), a.counts.end());
    double both = 0.0;
    double any = 0.0;
    for (const auto& [bit, count] : a.counts) {
        any += count;
    }
    for (const auto& [bit, count] : b.counts) {
        const auto found = counts.find(bit);
        const double shared =
            found == counts.end() ? 0.0 : std::min(found->second, static_cast<double>(count));
        both += shared;
        any += count - shared;
    }
    return any > 0.0 ? both / any : 0.0;
}

struct Exchange {
    Candidate candidate;
    std::string swap;
    double distance = 0.0;
};

void add_metal_exchanges(const Candidate& candidate, std::vector<Exchange>& exchanges) {
    const double total = candidate.core.nuclearity();
    for (const auto& [element, count] : candidate.core.metals) {
        for (const char* other : kCoinage) {
            for (const int moved : {1, count}) {
                if (element == other || (moved == count && count == 1 && moved != 1)) {
                    continue;
                }
                Exchange exchange{candidate, "", moved / total};
                Core& core = exchange.candidate.core;
                core.atoms.clear();
                core.metals[element] -= moved;
                if (core.metals[element] == 0) {
                    core.metals.erase(element);
                }
                core.metals[other] += moved;
                exchange.swap = std::to_string(moved) + " " + element + " -> " +
                                std::to_string(moved) + " " + other;
                exchanges.push_back(std::move(exchange));
            }
        }
    }
}

void add_ligand_exchanges(const Catalogue& catalogue,
                          const Candidate& candidate,
                          std::vector<Exchange>& exchanges) {
    std::set<std::string> own;
    for (const auto& entry : candidate.ligands) {
        own.insert(entry.ligand.smiles);
    }
    for (std::size_t l = 0; l < candidate.ligands.size(); ++l) {
        const std::string& smiles = candidate.ligands[l].ligand.smiles;
        const AtomGraph graph = chemistry::atom_graph(smiles);
        const Fingerprint print = chemistry::fingerprint(smiles);
        std::vector<std::pair<double, const std::string*>> alike;
        for (const auto& other : catalogue.ligands()) {
            if (other.graph.donor_class == graph.donor_class &&
                other.graph.charge == graph.charge && other.graph.denticity == graph.denticity &&
                own.count(other.graph.smiles) == 0) {
                alike.emplace_back(1.0 - tanimoto(print, other.fingerprint), &other.graph.smiles);
            }
        }
        std::sort(alike.begin(), alike.end(), [](const auto& a, const auto& b) {
            return a.first != b.first ? a.first < b.first : *a.second < *b.second;
        });
        alike.resize(std::min(alike.size(), kLigandsTried));
        for (const auto& [distance, other] : alike) {
            Exchange exchange{candidate, smiles + " -> " + *other, distance};
            exchange.candidate.ligands[l].ligand = chemistry::describe_ligand(*other);
            exchange.candidate.ligands = normalised(std::move(exchange.candidate.ligands));
            exchanges.push_back(std::move(exchange));
        }
    }
}

double promised(const learner::Prediction& prediction, const learner::ScoreScale& scale) {
    return scale.probability(prediction.interaction + prediction.popularity, prediction.variance);
}

std::optional<Counterfactual> counterfactual(const learner::Learner& model,
                                             const learner::ScoreScale& scale,
                                             Catalogue catalogue,
                                             const Candidate& candidate,
                                             double p) {
    std::vector<Exchange> exchanges;
    add_metal_exchanges(candidate, exchanges);
    add_ligand_exchanges(catalogue, candidate, exchanges);
    std::vector<Pair> pairs;
    for (const auto& exchange : exchanges) {
        pairs.push_back(add_candidate(catalogue, exchange.candidate));
    }
    const auto predictions = model.predict(catalogue, pairs);
    std::optional<Counterfactual> found;
    for (std::size_t i = 0; i < exchanges.size(); ++i) {
        const double then = promised(predictions[i], scale);
        const Counterfactual one{
            exchanges[i].swap, then, exchanges[i].distance, (then >= 0.5) != (p >= 0.5)};
        // The least change that crosses; else what comes nearest to an even chance.
        const bool better = !found || (one.crosses && !found->crosses) ||
                            (one.crosses == found->crosses &&
                             (one.crosses ? one.distance < found->distance
                                          : std::abs(one.p - 0.5) < std::abs(found->p - 0.5)));
        if (better) {
            found = one;
        }
    }
    return found;
}

std::string scale_words(const learner::ScoreScale& scale) {
    if (scale.slope == 1.0 && scale.offset == 0.0) {
        return "";
    }
    return "; by the outcomes before it the logit counts " + fixed(scale.slope, 2) + " times and " +
           fixed(scale.offset, 2) + " is added";
}

std::string counterfactual_words(const Counterfactual& c) {
    return (c.crosses ? "; the least change that turns it: "
                      : "; nothing tried turns it, nearest comes ") +
           c.swap + ", p = " + fixed(c.p, 2);
}

}  // namespace

std::vector<Neighbour> CampaignSession::Impl::neighbours(const learner::Pair& pair,
                                                         NearestNeighbour::Side side) const {
    std::vector<Neighbour> result;
    for (const auto& [place, similarity] : nearest->nearest_by(side, data.catalogue, pair, 3)) {
        const auto& row = data.rows[first_row.at(data.known[place])];
        result.push_back({row.name, row.source, std::round(similarity * 1e4) / 1e4});
    }
    return result;
}

Explanation CampaignSession::why(const Candidate& candidate, const std::string& acquisition_input) {
    Impl& m = *impl_;
    std::string name = m.model.hash();
    std::string kernel = blas_kernel();
    learner::ScoreScale scale = m.scale;
    if (!acquisition_input.empty()) {
        try {
            const auto input = nlohmann::json::parse(acquisition_input);
            name = input.at("model").get<std::string>();
            kernel = input.value("kernel", kernel);
            // Proposals made before promises were scaled name no scale.
            scale = {input.value("slope", 1.0), input.value("offset", 0.0)};
        } catch (const nlohmann::json::exception& error) {
            throw InputError(
                "bad_message",
                std::string("acquisition_input is not what suggest gave: ") + error.what());
        }
    }
    const learner::Pair pair = add_candidate(m.data.catalogue, candidate);
    const learner::Learner& model = name == m.model.hash() ? m.model : m.recall(name);
    const auto prediction = model.predict(m.data.catalogue, {pair}).at(0);
    Explanation e;
    e.model = name;
    e.p = promised(prediction, scale);
    e.interaction = prediction.interaction;
    e.popularity = prediction.popularity;
    e.uncertainty = prediction.deviation;
    e.nearest = m.neighbours(pair);
    e.nearest_cores = m.neighbours(pair, NearestNeighbour::Side::Core);
    e.nearest_ligands = m.neighbours(pair, NearestNeighbour::Side::Ligands);
    e.ligands = ligand_attributions(model, candidate);
    e.core = core_attributions(model, m.data.catalogue, candidate, pair);
    e.counterfactual = counterfactual(model, scale, m.data.catalogue, candidate, e.p);
    e.kernel = blas_kernel();
    e.exact = kernel == e.kernel;
    e.text = candidate.name() + ": p = " + fixed(e.p, 3) + " (fit " + fixed(e.interaction, 2) +
             ", popularity " + fixed(e.popularity, 2) + ", standard deviation of the logit " +
             fixed(e.uncertainty, 2) + ")" + scale_words(scale);
    if (e.counterfactual) {
        e.text += counterfactual_words(*e.counterfactual);
    }
    if (!e.exact) {
        e.text += "; made with " + kernel + ", recomputed with " + e.kernel + ": equal within 1e-5";
    }
    return e;
}

}  // namespace cupel::workbench
