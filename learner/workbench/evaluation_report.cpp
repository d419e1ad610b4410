// Figures over the seeds of each split, as JSON and as tables.
#include "evaluation_report.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <map>
#include <optional>

#include <nlohmann/json.hpp>

#include <cupel/domain/element.hpp>
#include <cupel/learner/metrics.hpp>

namespace cupel::workbench {
namespace {

using Tasks = std::vector<const EvaluationTask*>;
using Keep = std::function<bool(const EvaluationTask&, std::size_t)>;

// The pairs of a task that `keep` wants.
learner::PairedScores paired(const EvaluationTask& task,
                             const std::string& a,
                             const std::string& b,
                             const std::function<bool(std::size_t)>& keep) {
    learner::PairedScores result;
    for (std::size_t i = 0; i < task.label.size(); ++i) {
        if (keep(i)) {
            result.labels.push_back(task.label[i]);
            result.a.push_back(task.scores.at(a)[i]);
            result.b.push_back(task.scores.at(b)[i]);
        }
    }
    return result;
}

double rounded(double value) {
    return std::round(value * 1e5) / 1e5;
}

nlohmann::json rounded(std::optional<double> value) {
    return value ? nlohmann::json(rounded(*value)) : nlohmann::json();
}

nlohmann::json scores_of(const Tasks& tasks, const Keep& keep) {
    nlohmann::json result;
    for (const auto& name : evaluation_scorers()) {
        std::vector<double> aucs;
        nlohmann::json by_seed = nlohmann::json::array();
        for (const EvaluationTask* task : tasks) {
            const auto p = paired(*task, name, name, [&](std::size_t i) { return keep(*task, i); });
            const auto auc = learner::roc_auc(p.labels, p.a);
            by_seed.push_back(rounded(auc));
            if (auc) {
                aucs.push_back(*auc);
            }
        }
        result[name] = {{"auc", nullptr}, {"se", nullptr}, {"by_seed", by_seed}};
        if (!aucs.empty()) {
            const auto figure = learner::mean_error(aucs);
            result[name]["auc"] = rounded(figure.mean);
            result[name]["se"] = rounded(figure.se);
        }
    }
    return result;
}

bool everything(const EvaluationTask&, std::size_t) {
    return true;
}

nlohmann::json json_of(const learner::Reliability& r) {
    return {{"pairs", r.count},
            {"base_rate", rounded(r.base_rate)},
            {"brier", rounded(r.brier)},
            {"brier_skill", rounded(r.brier_skill)},
            {"nll", rounded(r.nll)},
            {"ece", rounded(r.ece)}};
}

// The seeds of a split pooled: probabilities hold over all of them or not at all.
struct Pooled {
    std::vector<double> labels, probabilities, scores;
    std::vector<int> hits;
};

Pooled pooled(const Tasks& tasks, const std::string& scorer, const Keep& keep) {
    Pooled all;
    for (const auto* task : tasks) {
        for (std::size_t i = 0; i < task->label.size(); ++i) {
            if (keep(*task, i)) {
                all.labels.push_back(task->label[i]);
                all.hits.push_back(task->label[i]);
                all.probabilities.push_back(task->probabilities.at(scorer)[i]);
                all.scores.push_back(task->scores.at(scorer)[i]);
            }
        }
    }
    return all;
}

nlohmann::json calibration_of(const Tasks& tasks) {
    nlohmann::json result;
    for (const auto& name : evaluation_scorers()) {
        const auto all = pooled(tasks, name, everything);
        auto json = json_of(learner::reliability_of(all.labels, all.probabilities));
        double temperature = 0.0;
        double offset = 0.0;
        for (const auto* task : tasks) {
            temperature += 1.0 / task->scales.at(name).slope / static_cast<double>(tasks.size());
            offset += task->scales.at(name).offset / static_cast<double>(tasks.size());
        }
        json["temperature"] = rounded(temperature);
        json["offset"] = rounded(offset);
        result[name] = std::move(json);
    }
    return result;
}

// The model's figures for each group of pairs; `groups` names the groups a pair is in.
nlohmann::json breakdown(
    const Tasks& tasks,
    const std::function<std::vector<std::string>(const EvaluationTask&, std::size_t)>& groups) {
    constexpr std::size_t kFewest = 60;  // below this a calibration error is noise
    std::map<std::string, Pooled> by_group;
    for (const auto* task : tasks) {
        for (std::size_t i = 0; i < task->label.size(); ++i) {
            for (const auto& group : groups(*task, i)) {
                auto& all = by_group[group];
                all.labels.push_back(task->label[i]);
                all.hits.push_back(task->label[i]);
                all.probabilities.push_back(task->probabilities.at("model")[i]);
                all.scores.push_back(task->scores.at("model")[i]);
            }
        }
    }
    nlohmann::json result = nlohmann::json::object();
    for (const auto& [group, all] : by_group) {
        if (all.labels.size() >= kFewest) {
            auto json = json_of(learner::reliability_of(all.labels, all.probabilities));
            json["auc"] = rounded(learner::roc_auc(all.hits, all.scores));
            result[group] = std::move(json);
        }
    }
    return result;
}

// "Cu", "Ag", "Au" for cores of that metal alone, otherwise the metals joined by "+".
std::string metals_name(const CoreGraph& core) {
    std::string name;
    for (const auto& metal : core.metals) {
        name += (name.empty() ? "" : "+") + std::string(element_symbol(metal.first));
    }
    return name;
}

nlohmann::json hits_of(const Tasks& tasks) {
    nlohmann::json result;
    for (const auto& name : evaluation_scorers()) {
        std::vector<double> shares;
        for (const auto* task : tasks) {
            double sum = 0.0;
            for (const double found : task->found.at(name)) {
                sum += found;
            }
            shares.push_back(
                sum / std::max<double>(1.0, static_cast<double>(task->found.at(name).size())));
        }
        const auto figure = learner::mean_error(shares);
        result[name] = {{"mean", rounded(figure.mean)}, {"se", rounded(figure.se)}};
    }
    result["ligand_sets"] = tasks.front()->ranked_sets;
    return result;
}

nlohmann::json gains_of(const Tasks& tasks) {
    nlohmann::json result;
    for (const auto& name : evaluation_scorers()) {
        if (name == "model") {
            continue;
        }
        std::vector<learner::PairedScores> sets;
        for (const auto* task : tasks) {
            sets.push_back(paired(*task, "model", name, [](std::size_t) { return true; }));
        }
        const auto gain = learner::paired_auc_gain(sets, 1000, 1);
        result[name] = {{"mean", nullptr}, {"low", nullptr}, {"high", nullptr}};
        if (gain) {
            result[name] = {{"mean", rounded(gain->mean)},
                            {"low", rounded(gain->low)},
                            {"high", rounded(gain->high)}};
        }
    }
    return result;
}

nlohmann::json split_json(const Dataset& data, const std::string& split, const Tasks& tasks) {
    nlohmann::json result;
    result["split"] = split;
    result["negatives"] = "degree_matched";
    result["seeds"] = tasks.size();
    std::size_t train = 0;
    std::size_t shared = 0;
    std::size_t negatives = 0;
    for (const auto* task : tasks) {
        train += task->train.size();
        for (std::size_t i = 0; i < task->label.size(); ++i) {
            negatives += task->label[i] == 0 ? 1 : 0;
            shared += task->shares[i] != 0 ? 1 : 0;
        }
    }
    result["trained_pairs"] =
        rounded(static_cast<double>(train) / static_cast<double>(tasks.size()));
    result["negatives_sharing_donor_classes"] =
        rounded(static_cast<double>(shared) / std::max(1.0, static_cast<double>(negatives)));
    result["scores"] = scores_of(tasks, everything);
    result["scores_without_relatives"] =
        scores_of(tasks, [](const EvaluationTask& t, std::size_t i) { return t.relative[i] == 0; });
    result["scores_six_or_more_metals"] =
        scores_of(tasks, [](const EvaluationTask& t, std::size_t i) { return t.big[i] != 0; });
    result["scores_against_shared_donor_classes"] = scores_of(
        tasks,
        [](const EvaluationTask& t, std::size_t i) { return t.label[i] != 0 || t.shares[i] != 0; });
    result["scores_against_other_donor_classes"] =
        scores_of(tasks, [](const EvaluationTask& t, std::size_t i) { return t.shares[i] == 0; });
    result["gain_over"] = gains_of(tasks);
    result["hits_at_10"] = hits_of(tasks);
    if (!tasks.front()->probabilities.empty()) {
        result["calibration"] = calibration_of(tasks);
        result["by_donor_class"] = breakdown(tasks, [&](const EvaluationTask& t, std::size_t i) {
            std::vector<std::string> classes;
            for (const auto ligand : data.catalogue.sets()[t.test[i].set]) {
                const auto& name = data.catalogue.ligands()[ligand].graph.donor_class;
                if (std::find(classes.begin(), classes.end(), name) == classes.end()) {
                    classes.push_back(name);
                }
            }
            return classes;
        });
        result["by_metal"] = breakdown(tasks, [&](const EvaluationTask& t, std::size_t i) {
            return std::vector<std::string>{metals_name(data.catalogue.cores()[t.test[i].core])};
        });
    }
    return result;
}

// A figure of the report for a table; a dash where there is none.
std::string cell(const nlohmann::json& figure, int digits = 3) {
    if (figure.is_null()) {
        return "-";
    }
    char text[32];
    std::snprintf(text, sizeof(text), "%.*f", digits, figure.get<double>());
    return text;
}

std::string auc_of(const nlohmann::json& json, const char* group, const char* scorer) {
    return cell(json.at(group).at(scorer).at("auc"));
}

std::string printed(const char* format,
                    const std::string& name,
                    std::initializer_list<std::string> v) {
    std::vector<std::string> values(v);
    values.resize(10);
    char line[320];
    std::snprintf(line,
                  sizeof(line),
                  format,
                  name.c_str(),
                  values[0].c_str(),
                  values[1].c_str(),
                  values[2].c_str(),
                  values[3].c_str(),
                  values[4].c_str(),
                  values[5].c_str(),
                  values[6].c_str(),
                  values[7].c_str(),
                  values[8].c_str(),
                  values[9].c_str());
    return line;
}

std::string auc_table(const std::vector<nlohmann::json>& splits) {
    std::string table =
        "AUC on degree-matched negatives, mean +- standard error over the seeds\n"
        "split        model            popularity  nearest  composition  gain over popularity, "
        "nearest neighbour [95 %]\n";
    for (const auto& json : splits) {
        const auto& gain = json.at("gain_over");
        const auto bound = [&](const char* over, const char* end) {
            return cell(gain.at(over).at(end));
        };
        table += printed("%-12s %-5s +- %-5s   %-5s       %-5s    %-5s        [%s, %s], [%s, %s]\n",
                         json.at("split").get<std::string>(),
                         {auc_of(json, "scores", "model"),
                          cell(json.at("scores").at("model").at("se")),
                          auc_of(json, "scores", "popularity"),
                          auc_of(json, "scores", "nearest_neighbour"),
                          auc_of(json, "scores", "composition"),
                          bound("popularity", "low"),
                          bound("popularity", "high"),
                          bound("nearest_neighbour", "low"),
                          bound("nearest_neighbour", "high")});
    }
    return table;
}

std::string subset_table(const std::vector<nlohmann::json>& splits) {
    std::string table =
        "\nAUC of the model on parts of the same pairs, and hits@10 of a core over all ligand "
        "sets\n"
        "split        no relatives  6+ metals  same donor classes (share)  others   hits@10: model "
        " "
        "popularity  nearest\n";
    for (const auto& json : splits) {
        const auto hits = [&](const char* scorer) {
            return cell(json.at("hits_at_10").at(scorer).at("mean"));
        };
        table += printed(
            "%-12s %-5s         %-5s      %-5s (%s)                %-5s             %-5s  %-5s   "
            "    %s\n",
            json.at("split").get<std::string>(),
            {auc_of(json, "scores_without_relatives", "model"),
             auc_of(json, "scores_six_or_more_metals", "model"),
             auc_of(json, "scores_against_shared_donor_classes", "model"),
             cell(json.at("negatives_sharing_donor_classes"), 2),
             auc_of(json, "scores_against_other_donor_classes", "model"),
             hits("model"),
             hits("popularity"),
             hits("nearest_neighbour")});
    }
    return table;
}

std::string calibration_table(const std::vector<nlohmann::json>& splits) {
    std::string table =
        "\nProbabilities, scaled inside the training parts (Brier skill against the base rate)\n"
        "split        model: Brier skill  NLL    ECE    temperature   popularity: skill  ECE   "
        "nearest: skill  ECE\n";
    for (const auto& json : splits) {
        const auto figure = [&](const char* scorer, const char* name, int digits = 3) {
            return cell(json.at("calibration").at(scorer).at(name), digits);
        };
        table += printed(
            "%-12s        %6s       %-5s  %-5s  %s                      %6s  %-5s          "
            "%6s  %s\n",
            json.at("split").get<std::string>(),
            {figure("model", "brier_skill"),
             figure("model", "nll"),
             figure("model", "ece"),
             figure("model", "temperature", 2),
             figure("popularity", "brier_skill"),
             figure("popularity", "ece"),
             figure("nearest_neighbour", "brier_skill"),
             figure("nearest_neighbour", "ece")});
    }
    return table;
}

}  // namespace

EvaluationText evaluation_report(const Dataset& data,
                                 const EvaluationOptions& options,
                                 const std::vector<EvaluationTask>& tasks,
                                 const TestTable& table) {
    nlohmann::ordered_json report;
    report["data"] = options.data.string();
    report["rows"] = data.rows.size();
    if (options.test) {
        report["test"] = options.test->string();
        report["refused"] = table.refused;
        report["known"] = {{"same", table.same}, {"as_far_as_told", table.as_far_as_told}};
        report["other_status"] = table.notes.passed_over;
        report["read_by_name"] = table.notes.names;
    }
    if (options.train_share < 1.0) {
        report["train_share"] = options.train_share;
    }
    nlohmann::json scores = nlohmann::json::object();
    std::vector<std::string> order;
    std::map<std::string, Tasks> by_split;
    for (const auto& task : tasks) {
        if (by_split[task.split].empty()) {
            order.push_back(task.split);
        }
        by_split[task.split].push_back(&task);
        nlohmann::json entry;
        entry["seed"] = task.seed;
        for (const double score : task.scores.at("model")) {
            entry["model"].push_back(rounded(score));
        }
        scores[task.split].push_back(std::move(entry));
    }
    std::vector<nlohmann::json> splits;
    for (const auto& split : order) {
        splits.push_back(split_json(data, split, by_split[split]));
        report["splits"].push_back(nlohmann::ordered_json(splits.back()));
    }
    EvaluationText text;
    text.table = auc_table(splits) + subset_table(splits);
    if (options.calibrate) {
        text.table += calibration_table(splits);
    }
    // A row that was left out need not be text.
    text.json = report.dump(1, ' ', false, nlohmann::json::error_handler_t::replace);
    text.scores = scores.dump();
    return text;
}

}  // namespace cupel::workbench
