// Linkers held out five times, five scorers side by side.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <random>
#include <set>

#include <nlohmann/json.hpp>

#include <cupel/chemistry/csv.hpp>
#include <cupel/chemistry/featuriser.hpp>
#include <cupel/domain/error.hpp>
#include <cupel/domain/side_by_side.hpp>
#include <cupel/learner/metrics.hpp>
#include <cupel/workbench/baselines.hpp>
#include <cupel/workbench/dataset.hpp>
#include <cupel/workbench/linker_regression.hpp>
#include <cupel/workbench/pairs_evaluation.hpp>

namespace cupel::workbench {
namespace {

using learner::Pair;

const std::vector<std::string> kScorers{
    "model", "popularity", "nearest_neighbour", "logistic_regression"};

/// The table as pairs; each with the first row that holds it.
struct PairTable {
    learner::Catalogue catalogue;
    std::vector<Pair> pairs;
    std::vector<std::size_t> row;
    std::vector<std::string> refused;
};

std::string column_of(const chemistry::CsvTable& table, const std::vector<std::string>& names) {
    for (const auto& name : names) {
        if (table.has_column(name)) {
            return name;
        }
    }
    table.column(names.front());  // throws, naming the file and the column
    return names.front();
}

const std::vector<std::string> kMetalNames{"metal", "Metal"};
const std::vector<std::string> kLinkerNames{"linker_SMILES", "linker_smiles", "linker"};

PairTable load_pairs(const std::filesystem::path& file) {
    const auto table = chemistry::CsvTable::load(file);
    const std::string metal_column = column_of(table, kMetalNames);
    const std::string linker_column = column_of(table, kLinkerNames);
    PairTable result;
    std::map<std::string, Ligand> ligands;
    std::set<Pair> seen;
    for (std::size_t r = 0; r < table.rows().size(); ++r) {
        const auto& row = table.rows()[r];
        try {
            const std::string& metal = table.cell(row, metal_column);
            // Tin, antimony and their like join linkers as metals do.
            if (atomic_number(metal) < 3) {
                table.fail(row, metal_column, "'" + metal + "' is not a metal");
            }
            const std::string& smiles = table.cell(row, linker_column);
            auto it = ligands.find(smiles);
            if (it == ligands.end()) {
                try {
                    it = ligands.emplace(smiles, chemistry::describe_ligand(smiles)).first;
                } catch (const InputError& error) {
                    table.fail(row, linker_column, error.what());
                }
            }
            Candidate candidate;
            candidate.core.metals = {{metal, 1}};
            candidate.ligands = {{it->second, 1}};
            const Pair pair = add_candidate(result.catalogue, candidate);
            if (seen.insert(pair).second) {
                result.pairs.push_back(pair);
                result.row.push_back(r);
            }
        } catch (const InputError& error) {
            result.refused.push_back(error.what());
        }
    }
    if (result.pairs.size() < 50) {
        throw InputError(
            "no_rows",
            file.string() + ": " + std::to_string(result.pairs.size()) +
                " pairs can be read; at least 50 are needed" +
                (result.refused.empty() ? "" : "; the first that cannot: " + result.refused[0]));
    }
    return result;
}

/// One seed: places of pairs in the table.
struct Fold {
    int seed = 0;
    std::vector<std::size_t> train, positive;
    std::vector<std::pair<std::size_t, std::size_t>> negative;  ///< (of the core, of the set)
    std::vector<Pair> test;
    std::vector<int> label;
    std::map<std::string, std::vector<double>> scores;
};

template <typename T>
void shuffle(std::vector<T>& values, std::mt19937_64& random) {
    for (std::size_t i = values.size(); i > 1; --i) {
        std::swap(values[i - 1], values[random() % i]);
    }
}

// Splits `places` by linker: one fifth of the linkers goes to the test.
void hold_out(const PairTable& table,
              const std::vector<std::size_t>& places,
              std::mt19937_64& random,
              std::vector<std::size_t>& train,
              std::vector<std::size_t>& test) {
    std::set<std::size_t> found;
    for (const auto place : places) {
        found.insert(table.pairs[place].set);
    }
    std::vector<std::size_t> linkers(found.begin(), found.end());
    shuffle(linkers, random);
    linkers.resize(linkers.size() / 5);
    const std::set<std::size_t> held(linkers.begin(), linkers.end());
    for (const auto place : places) {
        (held.count(table.pairs[place].set) != 0 ? test : train).push_back(place);
    }
}

Fold make_fold(const PairTable& table, int seed, bool development) {
    Fold fold;
    fold.seed = seed;
    std::mt19937_64 random(static_cast<std::uint64_t>(seed) + 9001);
    std::vector<std::size_t> all(table.pairs.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
        all[i] = i;
    }
    hold_out(table, all, random, fold.train, fold.positive);
    if (development) {
        const auto outer = std::move(fold.train);
        fold.train.clear();
        fold.positive.clear();
        hold_out(table, outer, random, fold.train, fold.positive);
    }
    const std::set<Pair> known(table.pairs.begin(), table.pairs.end());
    for (const auto place : fold.positive) {
        fold.test.push_back(table.pairs[place]);
        fold.label.push_back(1);
    }
    for (int time = 0; time < 4; ++time) {
        auto order = fold.positive;
        shuffle(order, random);
        for (std::size_t i = 0; i < order.size(); ++i) {
            const Pair swapped{table.pairs[fold.positive[i]].core, table.pairs[order[i]].set};
            if (known.count(swapped) == 0) {
                fold.test.push_back(swapped);
                fold.label.push_back(0);
                fold.negative.emplace_back(fold.positive[i], order[i]);
            }
        }
    }
    return fold;
}

void run_fold(const PairTable& table, const PairsOptions& options, Fold& fold) {
    std::vector<Pair> train;
    learner::Popularity popularity;
    const auto& catalogue = table.catalogue;
    for (const auto place : fold.train) {
        train.push_back(table.pairs[place]);
        popularity.add_known(catalogue.core_key(train.back().core),
                             catalogue.set_key(train.back().set));
    }
    learner::LearnerOptions settings = options.learner;
    settings.seed = static_cast<std::uint64_t>(fold.seed);
    settings.threads = 1;
    const auto model = learner::Learner::train(catalogue, train, {}, settings);
    fold.scores["model"] = model.interaction(catalogue, fold.test);
    fold.scores["nearest_neighbour"] =
        NearestNeighbour(catalogue, train).scores(catalogue, fold.test);
    const LinkerRegression regression(catalogue, train, settings.seed);
    for (const auto& pair : fold.test) {
        fold.scores["popularity"].push_back(
            popularity.score(catalogue.core_key(pair.core), catalogue.set_key(pair.set)));
        fold.scores["logistic_regression"].push_back(regression.score(catalogue, pair));
    }
}

double rounded(double value) {
    return std::round(value * 1e5) / 1e5;
}

nlohmann::ordered_json figures_of(const std::vector<Fold>& folds) {
    nlohmann::ordered_json split;
    split["split"] = "linker-cold";
    split["negatives"] = "degree_matched";
    split["seeds"] = folds.size();
    for (const auto& name : kScorers) {
        std::vector<double> aucs;
        std::vector<learner::PairedScores> sets;
        for (const auto& fold : folds) {
            if (const auto auc = learner::roc_auc(fold.label, fold.scores.at(name))) {
                aucs.push_back(*auc);
            }
            sets.push_back({fold.label, fold.scores.at("model"), fold.scores.at(name)});
        }
        // Where every linker goes with every metal, no pair is left to tell the reported ones from.
        split["scores"][name] = {{"auc", nullptr}, {"se", nullptr}};
        if (!aucs.empty()) {
            const auto figure = learner::mean_error(aucs);
            split["scores"][name] = {{"auc", rounded(figure.mean)}, {"se", rounded(figure.se)}};
        }
        if (name != "model") {
            split["gain_over"][name] = {{"mean", nullptr}, {"low", nullptr}, {"high", nullptr}};
            if (const auto gain = learner::paired_auc_gain(sets, 1000, 1)) {
                split["gain_over"][name] = {{"mean", rounded(gain->mean)},
                                            {"low", rounded(gain->low)},
                                            {"high", rounded(gain->high)}};
            }
        }
    }
    return split;
}

std::string table_of(const nlohmann::ordered_json& split) {
    std::string text = "AUC on linkers that training never saw, degree-matched negatives\n";
    for (const auto& name : kScorers) {
        char line[160];
        const auto& figure = split.at("scores").at(name);
        if (figure.at("auc").is_null()) {
            text += name + ": no pair that is not reported, hence no AUC\n";
            continue;
        }
        std::snprintf(line,
                      sizeof(line),
                      "%-20s %.3f +- %.3f",
                      name.c_str(),
                      figure.at("auc").get<double>(),
                      figure.at("se").get<double>());
        text += line;
        if (name != "model") {
            const auto& gain = split.at("gain_over").at(name);
            std::snprintf(line,
                          sizeof(line),
                          "   model gains %+.3f [%+.3f, %+.3f]",
                          gain.at("mean").get<double>(),
                          gain.at("low").get<double>(),
                          gain.at("high").get<double>());
            text += line;
        }
        text += "\n";
    }
    return text;
}

std::string scores_of(const PairTable& table, const std::vector<Fold>& folds) {
    nlohmann::json all;
    for (const auto& fold : folds) {
        nlohmann::json entry;
        entry["seed"] = fold.seed;
        for (const auto place : fold.train) {
            entry["train"].push_back(table.row[place]);
        }
        for (const auto place : fold.positive) {
            entry["test_pos"].push_back(table.row[place]);
        }
        for (const auto& [core, set] : fold.negative) {
            entry["test_neg"].push_back({table.row[core], table.row[set]});
        }
        for (const double score : fold.scores.at("model")) {
            entry["model"].push_back(rounded(score));
        }
        all["linker-cold"].push_back(std::move(entry));
    }
    return all.dump();
}

}  // namespace

bool holds_pairs(const std::filesystem::path& table) {
    try {
        const auto read = chemistry::CsvTable::load(table);
        column_of(read, kMetalNames);
        column_of(read, kLinkerNames);
        return true;
    } catch (const InputError&) {
        return false;
    }
}

EvaluationText evaluate_pairs(const PairsOptions& options,
                              const std::function<void(double, const std::string&)>& progress) {
    const PairTable table = load_pairs(options.data);
    std::vector<Fold> folds;
    for (int seed = 0; seed < options.seeds; ++seed) {
        folds.push_back(make_fold(table, seed, options.development));
    }
    std::size_t finished = 0;
    run_side_by_side(
        folds.size(),
        options.threads,
        [&](std::size_t i) { run_fold(table, options, folds[i]); },
        [&](std::size_t i) {
            if (progress) {
                progress(static_cast<double>(++finished) / static_cast<double>(folds.size()),
                         "linker-cold seed " + std::to_string(folds[i].seed));
            }
        });
    const auto split = figures_of(folds);
    nlohmann::ordered_json report;
    report["data"] = options.data.string();
    report["rows"] = table.pairs.size();
    report["metals"] = table.catalogue.cores().size();
    report["linkers"] = table.catalogue.sets().size();
    report["refused"] = table.refused;
    report["splits"].push_back(split);
    EvaluationText text;
    text.refused = table.refused;
    text.table = table_of(split);
    text.json = report.dump(1, ' ', false, nlohmann::json::error_handler_t::replace);
    text.scores = scores_of(table, folds);
    return text;
}

}  // namespace cupel::workbench
