// Trains without the children of one fold at a time, ranks, and compares case by case.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <set>

#include <nlohmann/json.hpp>

#include <cupel/chemistry/data_dir.hpp>
#include <cupel/chemistry/featuriser.hpp>
#include <cupel/domain/error.hpp>
#include <cupel/domain/side_by_side.hpp>
#include <cupel/learner/metrics.hpp>
#include <cupel/workbench/edits_evaluation.hpp>

#include "case_scorer.hpp"
#include "edit_case.hpp"

namespace cupel::workbench {
namespace {

using learner::Pair;

double rounded(double value) {
    return std::round(value * 1e5) / 1e5;
}

learner::LearnerOptions one_thread(learner::LearnerOptions settings) {
    settings.threads = 1;
    return settings;
}

// Scores each case with a model that saw neither its child nor the other children of its fold.
void score_folds(const Dataset& data,
                 const EditsOptions& options,
                 std::vector<EditCase>& edits,
                 const std::function<void(double, const std::string&)>& progress) {
    int folds = 0;
    for (const auto& edit : edits) {
        folds = std::max(folds, edit.fold + 1);
    }
    std::size_t finished = 0;
    const auto run = [&](std::size_t fold) {
        std::set<Pair> hidden;
        for (const auto& edit : edits) {
            if (edit.fold == static_cast<int>(fold)) {
                hidden.insert(edit.child);
            }
        }
        std::vector<Pair> train;
        for (const auto& pair : data.known) {
            if (hidden.count(pair) == 0) {
                train.push_back(pair);
            }
        }
        const CaseScorer scorer(data.catalogue, train, one_thread(options.learner));
        for (auto& edit : edits) {
            if (edit.fold == static_cast<int>(fold) && !edit.candidates.empty()) {
                score_case(data.catalogue, scorer, edit);
            }
        }
    };
    run_side_by_side(static_cast<std::size_t>(folds), options.threads, run, [&](std::size_t fold) {
        if (progress) {
            progress(static_cast<double>(++finished) / (folds + 1.0),
                     "edits hidden in fold " + std::to_string(fold));
        }
    });
}

// Weights from cases whose parent and child are none of this fold's children.
EditScore score_without(const std::vector<EditCase>& edits, int fold) {
    std::set<Pair> hidden;
    for (const auto& edit : edits) {
        if (edit.fold == fold) {
            hidden.insert(edit.child);
        }
    }
    std::vector<const EditChoice*> choices;
    for (const auto& edit : edits) {
        if (!edit.candidates.empty() && hidden.count(edit.child) == 0 &&
            hidden.count(edit.parent) == 0) {
            choices.push_back(&edit.choice);
        }
    }
    return EditScore::fitted(choices);
}

void add_edit_scores(std::vector<EditCase>& edits) {
    std::map<int, EditScore> of_fold;
    for (auto& edit : edits) {
        if (edit.candidates.empty() || !edit.one_metal) {
            continue;
        }
        if (of_fold.count(edit.fold) == 0) {
            of_fold[edit.fold] = score_without(edits, edit.fold);
        }
        for (const auto& row : edit.choice.candidates) {
            edit.scores["edit_score"].push_back(of_fold.at(edit.fold).score(row));
        }
    }
}

/// Of one group of pairs: per scorer, one value per pair, the mean over its directions.
struct PairFigures {
    std::map<std::string, std::vector<double>> reciprocal, in_top;
};

PairFigures figures_of(const std::vector<const EditCase*>& cases,
                       const std::function<std::vector<char>(const EditCase&)>& open) {
    std::map<int, std::vector<const EditCase*>> by_pair;
    for (const auto* edit : cases) {
        by_pair[edit->pair].push_back(edit);
    }
    PairFigures figures;
    for (const auto& [pair, directions] : by_pair) {
        for (const auto& name : edit_scorers()) {
            double reciprocal = 0.0;
            double in_top = 0.0;
            for (const auto* edit : directions) {
                // A child that no edit reaches is ranked by nobody: 0 for every scorer.
                if (!edit->candidates.empty()) {
                    const auto rank = rank_of(edit->scores.at(name), edit->chosen, open(*edit));
                    reciprocal += rank.reciprocal;
                    in_top += rank.in_top;
                }
            }
            const double n = static_cast<double>(directions.size());
            figures.reciprocal[name].push_back(reciprocal / n);
            figures.in_top[name].push_back(in_top / n);
        }
    }
    return figures;
}

nlohmann::ordered_json interval_json(const learner::Interval& interval) {
    return {{"mean", rounded(interval.mean)},
            {"low", rounded(interval.low)},
            {"high", rounded(interval.high)}};
}

nlohmann::ordered_json gains(const std::map<std::string, std::vector<double>>& values,
                             const std::string& scorer) {
    nlohmann::ordered_json json;
    for (const char* baseline : {"popularity", "smallest_edit", "nearest_neighbour"}) {
        std::vector<double> differences;
        for (std::size_t i = 0; i < values.at(scorer).size(); ++i) {
            differences.push_back(values.at(scorer)[i] - values.at(baseline)[i]);
        }
        json[baseline] = interval_json(learner::mean_interval(differences, 1000, 1));
    }
    return json;
}

nlohmann::ordered_json group_json(const std::string& group,
                                  const std::vector<const EditCase*>& cases,
                                  const std::function<std::vector<char>(const EditCase&)>& open) {
    const PairFigures figures = figures_of(cases, open);
    nlohmann::ordered_json json;
    json["group"] = group;
    json["pairs"] = figures.reciprocal.empty() ? 0 : figures.reciprocal.begin()->second.size();
    for (const auto& name : edit_scorers()) {
        if (figures.reciprocal.count(name) == 0) {
            continue;
        }
        json["scores"][name] = {
            {"mrr", rounded(learner::mean_error(figures.reciprocal.at(name)).mean)},
            {"top_5_percent", rounded(learner::mean_error(figures.in_top.at(name)).mean)}};
    }
    if (!figures.reciprocal.empty()) {
        for (const char* name : {"edit_score", "model"}) {
            json["gain"][name] = {{"mrr", gains(figures.reciprocal, name)},
                                  {"top_5_percent", gains(figures.in_top, name)}};
        }
    }
    return json;
}

/// [Cu20Cl(PET)12(PPh3)4(MeCOO)6]+ and what was made of it.
struct Reference {
    Candidate parent, child;
};

Reference reference_edit() {
    const auto ligand = [](const char* smiles, int count) {
        return LigandCount{chemistry::describe_ligand(smiles), count};
    };
    const char* pet = "[S-]CCc1ccccc1";
    const char* phosphine = "c1ccc(P(c2ccccc2)c2ccccc2)cc1";
    Reference r;
    r.parent.core.metals = {{"Cu", 20}};
    r.parent.core.anions = {{"Cl", 1}};
    r.parent.charge = 1;
    r.child = r.parent;
    r.child.core.metals = {{"Cu", 19}};
    r.child.charge = 0;
    r.parent.ligands = normalised({ligand(pet, 12), ligand(phosphine, 4), ligand("CC(=O)[O-]", 6)});
    r.child.ligands = normalised({ligand(pet, 12), ligand(phosphine, 3), ligand("O=C[O-]", 6)});
    return r;
}

nlohmann::ordered_json reference_json(Dataset& data,
                                      const EditsOptions& options,
                                      const chemistry::Stock& stock,
                                      const std::vector<EditCase>& edits) {
    const Reference reference = reference_edit();
    EditCase edit;
    edit.parent = add_candidate(data.catalogue, reference.parent);
    edit.child = add_candidate(data.catalogue, reference.child);
    nlohmann::ordered_json json;
    json["parent"] = "[Cu20Cl(PET)12(PPh3)4(MeCOO)6]+";
    json["child"] = "[Cu19Cl(PET)12(PPh3)3(HCOO)6]";
    const auto pool = edit_pool(data.catalogue, reference.parent, "Cu20", stock);
    std::vector<Pair> train;
    std::size_t left_out = 0;
    for (const auto& pair : data.known) {
        if (pair == edit.parent || pair == edit.child) {
            ++left_out;
        } else {
            train.push_back(pair);
        }
    }
    json["rows_left_out"] = left_out;
    json["candidates"] = pool.identities;
    const std::set<Pair> known(train.begin(), train.end());
    bool found = false;
    for (const auto& pair : pool.pairs) {
        if (pair == edit.child) {
            edit.chosen = edit.candidates.size();
            found = true;
        } else if (known.count(pair) != 0) {
            continue;
        }
        edit.candidates.push_back(pair);
    }
    json["pairs"] = edit.candidates.size();
    if (!found) {
        json["rank"] = nullptr;
        json["note"] = "the stock does not lead to it: formate is missing";
        return json;
    }
    const CaseScorer scorer(data.catalogue, train, options.learner);
    score_case(data.catalogue, scorer, edit);
    const EditScore weights = score_without(edits, -1);
    for (const auto& row : edit.choice.candidates) {
        edit.scores["edit_score"].push_back(weights.score(row));
    }
    for (const auto& name : edit_scorers()) {
        json["rank"][name] = rounded(rank_of(edit.scores.at(name), edit.chosen).rank);
    }
    for (std::size_t i = 0; i < kEditFeatures; ++i) {
        json["edit_score_weights"][EditScore::names()[i]] = rounded(weights.weights()[i]);
    }
    return json;
}

std::string group_text(const nlohmann::ordered_json& json) {
    char line[200];
    std::string text = json.at("group").get<std::string>() + ": " +
                       std::to_string(json.at("pairs").get<int>()) + " pairs\n";
    if (!json.contains("scores")) {
        return text;
    }
    for (const auto& name : edit_scorers()) {
        const auto& score = json.at("scores").at(name);
        std::snprintf(line,
                      sizeof(line),
                      "  %-18s MRR %.3f   top 5 %% %.3f",
                      name.c_str(),
                      score.at("mrr").get<double>(),
                      score.at("top_5_percent").get<double>());
        text += line;
        if (json.at("gain").at("model").at("mrr").contains(name)) {
            for (const char* scorer : {"edit_score", "model"}) {
                const auto& gain = json.at("gain").at(scorer);
                const auto& mrr = gain.at("mrr").at(name);
                const auto& top = gain.at("top_5_percent").at(name);
                std::snprintf(line,
                              sizeof(line),
                              "   %s gains [%+.3f, %+.3f], [%+.3f, %+.3f]",
                              scorer,
                              mrr.at("low").get<double>(),
                              mrr.at("high").get<double>(),
                              top.at("low").get<double>(),
                              top.at("high").get<double>());
                text += line;
            }
        }
        text += "\n";
    }
    return text;
}

std::string reference_text(const nlohmann::ordered_json& json) {
    std::string text = json.at("parent").get<std::string>() + " -> " +
                       json.at("child").get<std::string>() +
                       ", in no training: " + std::to_string(json.at("candidates").get<int>()) +
                       " charge-consistent candidates, " +
                       std::to_string(json.at("pairs").get<int>()) + " pairs of core and ligands\n";
    if (json.at("rank").is_null()) {
        return text + "  " + json.at("note").get<std::string>() + "\n";
    }
    for (const auto& name : edit_scorers()) {
        char line[80];
        std::snprintf(line,
                      sizeof(line),
                      "  %-18s rank %.1f\n",
                      name.c_str(),
                      json.at("rank").at(name).get<double>());
        text += line;
    }
    return text;
}

}  // namespace

EvaluationText evaluate_edits(const EditsOptions& options,
                              const std::function<void(double, const std::string&)>& progress) {
    Dataset data = load_dataset(options.data);
    const auto stock = chemistry::Stock::load(
        options.stock.empty() ? chemistry::data_dir() / "edit_stock.csv" : options.stock);
    std::vector<EditCase> edits = reported_edits(data, stock, options.folds);
    score_folds(data, options, edits, progress);
    add_edit_scores(edits);
    std::vector<const EditCase*> all, same, other;
    std::size_t unreached = 0;
    std::set<int> pairs;
    for (const auto& edit : edits) {
        if (edit.one_metal) {
            all.push_back(&edit);
            (edit.same_paper ? same : other).push_back(&edit);
            unreached += edit.candidates.empty() ? 1 : 0;
            pairs.insert(edit.pair);
        }
    }
    const auto every = [](const EditCase&) { return std::vector<char>(); };
    const auto metal_moves = [&](const EditCase& edit) {
        std::vector<char> open;
        for (const auto& pair : edit.candidates) {
            open.push_back(pair.set == edit.parent.set &&
                                   one_metal_apart(data.catalogue.cores()[edit.parent.core],
                                                   data.catalogue.cores()[pair.core])
                               ? 1
                               : 0);
        }
        return open;
    };
    nlohmann::ordered_json report;
    report["data"] = options.data.string();
    report["one_metal_pairs"] = pairs.size();
    report["questions"] = all.size();
    report["not_reached"] = unreached;
    report["reported_edits_of_any_kind"] = edits.size();
    report["groups"] = {group_json("all", all, every),
                        group_json("same paper", same, every),
                        group_json("other papers", other, every),
                        group_json("all, among metal moves alone", all, metal_moves)};
    report["reference"] = reference_json(data, options, stock, edits);
    EvaluationText text;
    for (const auto& warning : stock.warnings()) {
        text.notes.push_back("warning: " + warning);
    }
    text.table = "Leave one edit out: " + std::to_string(pairs.size()) +
                 " pairs one metal atom apart, both directions; " + std::to_string(unreached) +
                 " of " + std::to_string(all.size()) + " children are no edit of their parent\n" +
                 "gains: 95 % intervals of MRR and of the top 5 % share\n";
    for (const auto& group : report["groups"]) {
        text.table += group_text(group);
    }
    text.table += reference_text(report["reference"]);
    text.json = report.dump(1, ' ', false, nlohmann::json::error_handler_t::replace);
    nlohmann::ordered_json cases = nlohmann::ordered_json::array();
    for (const auto* edit : all) {
        nlohmann::ordered_json entry;
        entry["parent"] = data.catalogue.core_key(edit->parent.core);
        entry["child"] = data.catalogue.core_key(edit->child.core);
        entry["ligands"] = data.catalogue.set_key(edit->child.set);
        entry["same_paper"] = edit->same_paper;
        entry["candidates"] = edit->candidates.size();
        for (const auto& name : edit_scorers()) {
            if (!edit->candidates.empty()) {
                entry["rank"][name] = rounded(rank_of(edit->scores.at(name), edit->chosen).rank);
            }
        }
        cases.push_back(std::move(entry));
    }
    text.scores = cases.dump(1);
    return text;
}

}  // namespace cupel::workbench
