// Formula path against formula and 3-D path, core by core, on rows with coordinates.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>
#include <set>

#include <nlohmann/json.hpp>

#include <cupel/domain/error.hpp>
#include <cupel/domain/side_by_side.hpp>
#include <cupel/learner/metrics.hpp>
#include <cupel/workbench/structure_rows.hpp>
#include <cupel/workbench/structures_evaluation.hpp>

#include "edit_case.hpp"

namespace cupel::workbench {
namespace {

using learner::Pair;

constexpr int kDraws = 2000;
constexpr double kWorthwhile = 0.02;  ///< a gain in AUC that would keep the 3-D path
const std::array<const char*, 3> kModels{"formula", "structure", "exchanged"};
const std::array<const char*, 2> kFigures{"auc", "mrr"};
enum Model : std::size_t { Formula, Structure, Exchanged };

using Figures = std::array<double, 2>;  ///< in the order of kFigures

/// One part of the cores under one seed: hidden, trained without, ranked.
struct Fit {
    std::set<std::size_t> hidden;
    std::uint64_t seed = 0;
    std::vector<Pair> rows;
    std::array<std::vector<Figures>, kModels.size()> figures;  ///< one per row
};

/// The same cores with each other's coordinates: every one has those of the core half the list on.
learner::Catalogue with_exchanged(const learner::Catalogue& catalogue,
                                  const std::vector<std::size_t>& cores) {
    learner::Catalogue exchanged = catalogue;
    for (std::size_t i = 0; i < cores.size(); ++i) {
        const auto& other = catalogue.cores()[cores[(i + cores.size() / 2) % cores.size()]];
        exchanged.place_atoms(cores[i], other.elements, other.positions);
    }
    return exchanged;
}

/// Share of the degree-matched sets below the row's own; equal scores count half.
double share_below(const std::vector<double>& scores,
                   const std::vector<double>& degree,
                   std::size_t own) {
    double below = 0.0;
    double total = 0.0;
    for (std::size_t set = 0; set < scores.size(); ++set) {
        total += degree[set];
        below += degree[set] * (scores[set] < scores[own]    ? 1.0
                                : scores[set] == scores[own] ? 0.5
                                                             : 0.0);
    }
    return total > 0.0 ? below / total : 0.5;
}

std::vector<Figures> figures_of(const learner::Catalogue& catalogue,
                                const std::vector<Pair>& known,
                                const learner::Learner& model,
                                const std::vector<Pair>& rows) {
    std::map<std::size_t, std::set<std::size_t>> partners;
    for (const auto& pair : known) {
        partners[pair.core].insert(pair.set);
    }
    std::vector<Figures> result;
    for (const auto& row : rows) {
        std::vector<Pair> pairs;
        std::vector<char> open;
        for (std::size_t set = 0; set < catalogue.sets().size(); ++set) {
            pairs.push_back({row.core, set});
            open.push_back(partners.at(row.core).count(set) == 0 ? 1 : 0);
        }
        std::vector<double> degree(pairs.size(), 0.0);
        for (const auto& pair : known) {
            degree[pair.set] += open[pair.set] != 0 ? 1.0 : 0.0;
        }
        std::vector<double> scores = model.interaction(catalogue, pairs);
        const double auc = share_below(scores, degree, row.set);
        const auto popularity = model.popularity(catalogue, pairs);
        for (std::size_t set = 0; set < scores.size(); ++set) {
            scores[set] += popularity[set];
        }
        result.push_back({auc, rank_of(scores, row.set, open).reciprocal});
    }
    return result;
}

std::vector<Fit> fits_of(const Dataset& data,
                         const std::vector<std::size_t>& cores,
                         const StructuresOptions& options) {
    const std::size_t folds = options.folds > 0
                                  ? std::min(static_cast<std::size_t>(options.folds), cores.size())
                                  : cores.size();
    std::vector<Fit> fits;
    for (int seed = 0; seed < options.seeds; ++seed) {
        for (std::size_t fold = 0; fold < folds; ++fold) {
            Fit fit;
            fit.seed = static_cast<std::uint64_t>(seed);
            for (std::size_t i = fold; i < cores.size(); i += folds) {
                fit.hidden.insert(cores[i]);
            }
            for (const auto& pair : data.known) {
                if (fit.hidden.count(pair.core) != 0) {
                    fit.rows.push_back(pair);
                }
            }
            fits.push_back(std::move(fit));
        }
    }
    return fits;
}

void run(const Dataset& data,
         const learner::Catalogue& exchanged,
         const learner::LearnerOptions& settings,
         Fit& fit) {
    std::vector<Pair> train;
    for (const auto& pair : data.known) {
        if (fit.hidden.count(pair.core) == 0) {
            train.push_back(pair);
        }
    }
    for (std::size_t m = 0; m < kModels.size(); ++m) {
        learner::LearnerOptions own = settings;
        own.seed = fit.seed;
        own.threads = 1;
        own.structure_layers = m == Formula ? 0 : settings.structure_layers;
        const learner::Catalogue& catalogue = m == Exchanged ? exchanged : data.catalogue;
        const auto model = learner::Learner::train(catalogue, train, {}, own);
        fit.figures[m] = figures_of(catalogue, data.known, model, fit.rows);
    }
}

/// By model and figure: for each core the mean over its rows and the seeds.
using CoreMeans = std::array<std::array<std::vector<double>, kFigures.size()>, kModels.size()>;

CoreMeans core_means(const std::vector<Fit>& fits, const std::vector<std::size_t>& cores) {
    CoreMeans means;
    for (std::size_t m = 0; m < kModels.size(); ++m) {
        for (std::size_t f = 0; f < kFigures.size(); ++f) {
            for (const std::size_t core : cores) {
                double sum = 0.0;
                double count = 0.0;
                for (const auto& fit : fits) {
                    for (std::size_t row = 0; row < fit.rows.size(); ++row) {
                        if (fit.rows[row].core == core) {
                            sum += fit.figures[m][row][f];
                            count += 1.0;
                        }
                    }
                }
                means[m][f].push_back(sum / std::max(count, 1.0));
            }
        }
    }
    return means;
}

learner::Interval gain_of(const CoreMeans& means, std::size_t figure, Model over) {
    std::vector<double> differences;
    for (std::size_t core = 0; core < means[Structure][figure].size(); ++core) {
        differences.push_back(means[Structure][figure][core] - means[over][figure][core]);
    }
    return learner::mean_interval(differences, kDraws, 11);
}

double mean_of(const std::vector<double>& values) {
    return learner::mean_error(values).mean;
}

std::string signed_text(const learner::Interval& gain) {
    char text[64];
    std::snprintf(text, sizeof(text), "%+.3f [%+.3f, %+.3f]", gain.mean, gain.low, gain.high);
    return text;
}

/// What the intervals say, in one sentence.
std::string judgement(const CoreMeans& means, std::size_t rows) {
    const auto gain = gain_of(means, 0, Formula);
    const auto over_exchanged = gain_of(means, 0, Exchanged);
    const std::size_t cores = means[Formula][0].size();
    const std::string size = std::to_string(rows) + " rows of " + std::to_string(cores) + " cores";
    if (gain.high < 0.0) {
        return "On " + size + " the 3-D path loses against the formula path alone.";
    }
    if (gain.low > 0.0) {
        return "On " + size + " the 3-D path gains over the formula path" +
               (over_exchanged.low > 0.0
                    ? "."
                    : ", but not over exchanged coordinates: it is not the shape that helps.");
    }
    const double half = (gain.high - gain.low) / 2.0;
    const double needed =
        std::ceil(static_cast<double>(cores) * half * half / (kWorthwhile * kWorthwhile));
    std::string text = size + " are too few to tell the 3-D path from the formula path";
    if (half > kWorthwhile) {
        char more[96];
        std::snprintf(more,
                      sizeof(more),
                      "; about %.0f cores would show a gain of %.2f",
                      needed,
                      kWorthwhile);
        text += more;
    }
    return text + ".";
}

std::string table_of(const CoreMeans& means, const PlacedStructures& placed, std::size_t rows) {
    std::string text = std::to_string(placed.used) + " of " + std::to_string(placed.files) +
                       " structures used; " + std::to_string(rows) + " rows of " +
                       std::to_string(placed.cores.size()) + " cores, " +
                       std::to_string(placed.new_pairs) + " known by their structure alone\n";
    char line[160];
    for (std::size_t m = 0; m < kModels.size(); ++m) {
        std::snprintf(line,
                      sizeof(line),
                      "  %-10s AUC %.3f   MRR %.3f",
                      kModels[m],
                      mean_of(means[m][0]),
                      mean_of(means[m][1]));
        text += line;
        if (m != Structure) {
            text += "   structure gains " + signed_text(gain_of(means, 0, static_cast<Model>(m))) +
                    ", " + signed_text(gain_of(means, 1, static_cast<Model>(m)));
        }
        text += "\n";
    }
    return text + judgement(means, rows) + "\n";
}

nlohmann::ordered_json json_of(const CoreMeans& means,
                               const PlacedStructures& placed,
                               const learner::Catalogue& catalogue,
                               const StructuresOptions& options,
                               std::size_t rows) {
    nlohmann::ordered_json json;
    json["files"] = placed.files;
    json["used"] = placed.used;
    json["known_by_structure_alone"] = placed.new_pairs;
    json["left_out"] = placed.left_out;
    json["rows"] = rows;
    json["folds"] = options.folds;
    json["seeds"] = options.seeds;
    json["settings"] = options.learner.text();
    for (std::size_t f = 0; f < kFigures.size(); ++f) {
        for (std::size_t m = 0; m < kModels.size(); ++m) {
            json["scores"][kModels[m]][kFigures[f]] = mean_of(means[m][f]);
        }
        for (const Model over : {Formula, Exchanged}) {
            const auto gain = gain_of(means, f, over);
            json["gain_over"][kModels[over]][kFigures[f]] = {
                {"mean", gain.mean}, {"low", gain.low}, {"high", gain.high}};
        }
    }
    for (std::size_t i = 0; i < placed.cores.size(); ++i) {
        nlohmann::ordered_json core;
        core["core"] = catalogue.core_key(placed.cores[i]);
        for (std::size_t m = 0; m < kModels.size(); ++m) {
            core[kModels[m]] = {{"auc", means[m][0][i]}, {"mrr", means[m][1][i]}};
        }
        json["cores"].push_back(std::move(core));
    }
    json["judgement"] = judgement(means, rows);
    return json;
}

}  // namespace

EvaluationText evaluate_structures(
    const StructuresOptions& options,
    const std::function<void(double, const std::string&)>& progress) {
    Dataset data = load_dataset(options.data);
    const PlacedStructures placed = place_structures(data, options.folders);
    if (placed.cores.size() < 3) {
        throw InputError("few_structures",
                         "the structures bring coordinates to " +
                             std::to_string(placed.cores.size()) +
                             " cores; to hide one and learn from the others takes at least 3");
    }
    StructuresOptions own = options;
    if (own.learner.structure_layers == 0) {
        own.learner.structure_layers = 3;
    }
    const auto exchanged = with_exchanged(data.catalogue, placed.cores);
    std::vector<Fit> fits = fits_of(data, placed.cores, own);
    std::size_t finished = 0;
    run_side_by_side(
        fits.size(),
        own.threads,
        [&](std::size_t i) { run(data, exchanged, own.learner, fits[i]); },
        [&](std::size_t) {
            if (progress) {
                progress(static_cast<double>(++finished) / static_cast<double>(fits.size()),
                         "cores hidden");
            }
        });
    const CoreMeans means = core_means(fits, placed.cores);
    std::size_t rows = 0;
    for (const auto& pair : data.known) {
        rows += std::binary_search(placed.cores.begin(), placed.cores.end(), pair.core) ? 1 : 0;
    }
    EvaluationText text;
    text.refused = placed.left_out;
    text.table = table_of(means, placed, rows);
    text.json = json_of(means, placed, data.catalogue, own, rows).dump(2);
    text.scores = "{}";
    return text;
}

}  // namespace cupel::workbench
