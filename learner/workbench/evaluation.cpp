// Trains on each split, scores its test pairs, and compares pair by pair.
#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <exception>
#include <fstream>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <thread>

#include <nlohmann/json.hpp>

#include <cupel/domain/error.hpp>
#include <cupel/learner/metrics.hpp>
#include <cupel/workbench/baselines.hpp>
#include <cupel/workbench/dataset.hpp>
#include <cupel/workbench/evaluation.hpp>

namespace cupel::workbench {
namespace {

using learner::Pair;
const std::vector<std::string> kScorers = {
    "model", "popularity", "nearest_neighbour", "composition"};

/// One seed of one split: what to train on, what to score, and the scores.
struct Task {
    std::string split;
    int seed = 0;
    std::vector<Pair> train, test;
    std::vector<int> label, relative, big;
    std::map<std::string, std::vector<double>> scores;
};

nlohmann::json read_json(const std::filesystem::path& file) {
    std::ifstream in(file);
    if (!in) {
        throw InputError(
            "no_splits",
            file.string() + ": cannot read the fixed splits; they stand beside the table");
    }
    try {
        return nlohmann::json::parse(in);
    } catch (const std::exception& error) {
        throw InputError("bad_splits", file.string() + ": " + error.what());
    }
}

const DatasetRow& row_of(const Dataset& data, const std::string& id) {
    const auto it = data.row_of_id.find(id);
    if (it == data.row_of_id.end()) {
        throw InputError("bad_splits",
                         "splits.json names the row " + id + ", which the table does not hold");
    }
    return data.rows[it->second];
}

Task task_of(const Dataset& data, const std::string& split, const nlohmann::json& fixed) {
    Task task;
    task.split = split;
    task.seed = fixed.at("seed").get<int>();
    for (const auto& id : fixed.at("train")) {
        task.train.push_back(row_of(data, id.get<std::string>()).pair);
    }
    const auto add = [&](const DatasetRow& core, const DatasetRow& set, int label, int relative) {
        task.test.push_back({core.pair.core, set.pair.set});
        task.label.push_back(label);
        task.relative.push_back(relative);
        task.big.push_back(core.nuclearity >= 6 ? 1 : 0);
    };
    std::size_t i = 0;
    for (const auto& id : fixed.at("test_pos")) {
        const auto& row = row_of(data, id.get<std::string>());
        add(row, row, 1, fixed.at("relative").at(i++).get<int>());
    }
    for (const auto& ids : fixed.at("test_neg")) {
        add(row_of(data, ids.at(0).get<std::string>()),
            row_of(data, ids.at(1).get<std::string>()),
            0,
            0);
    }
    return task;
}

// Adds degree-matched negatives to the positives of a task: their sets shuffled four times.
void add_negatives(Task& task, const std::set<Pair>& known, std::mt19937_64& random) {
    const std::vector<Pair> positives = task.test;
    for (int time = 0; time < 4; ++time) {
        std::vector<std::size_t> order(positives.size());
        for (std::size_t i = 0; i < order.size(); ++i) {
            order[i] = i;
        }
        for (std::size_t i = order.size(); i > 1; --i) {
            std::swap(order[i - 1], order[random() % i]);
        }
        for (std::size_t i = 0; i < positives.size(); ++i) {
            const Pair swapped{positives[i].core, positives[order[i]].set};
            if (known.count(swapped) == 0) {
                task.test.push_back(swapped);
                task.label.push_back(0);
                task.relative.push_back(0);
                task.big.push_back(task.big[i]);
            }
        }
    }
}

// A development split inside the training part of a fixed one: the same kind of hold-out, made from
// other cores, sets and ligands; the fixed test pairs are never looked at.
Task development_task(const Dataset& data, const Task& fixed, double share) {
    Task task;
    task.split = fixed.split;
    task.seed = fixed.seed;
    std::mt19937_64 random(977 + static_cast<std::uint64_t>(fixed.seed));
    const auto held = [&](std::size_t count) {
        std::vector<char> flags(count, 0);
        for (auto& flag : flags) {
            flag = static_cast<double>(random() % 10000) < share * 10000 ? 1 : 0;
        }
        return flags;
    };
    const auto core = held(data.catalogue.cores().size());
    const auto set = held(data.catalogue.sets().size());
    const auto ligand = held(data.catalogue.ligands().size());
    for (const auto& pair : fixed.train) {
        bool any = false;
        bool all = true;
        for (const auto l : data.catalogue.sets()[pair.set]) {
            any = any || ligand[l] != 0;
            all = all && ligand[l] != 0;
        }
        bool test = static_cast<double>(random() % 1000) < share * 1000;
        bool train = !test;
        if (task.split == "core-cold") {
            test = core[pair.core] != 0;
            train = !test;
        } else if (task.split == "set-cold") {
            test = set[pair.set] != 0;
            train = !test;
        } else if (task.split == "ligand-cold") {
            test = all;
            train = !any;
        } else if (task.split == "both-cold") {
            test = core[pair.core] != 0 && set[pair.set] != 0;
            train = core[pair.core] == 0 && set[pair.set] == 0;
        }
        if (train) {
            task.train.push_back(pair);
        }
        if (test) {
            task.test.push_back(pair);
            task.label.push_back(1);
            task.relative.push_back(0);
            task.big.push_back(1);
        }
    }
    add_negatives(task, std::set<Pair>(data.known.begin(), data.known.end()), random);
    return task;
}

void score_task(const Dataset& data, const EvaluationOptions& options, Task& task) {
    learner::LearnerOptions settings = options.learner;
    settings.seed = static_cast<std::uint64_t>(task.seed);
    settings.threads = 1;
    const auto model = learner::Learner::train(data.catalogue, task.train, {}, settings);
    task.scores["model"] = model.interaction(data.catalogue, task.test);
    learner::Popularity popularity;
    for (const auto& pair : task.train) {
        popularity.add_known(data.catalogue.core_key(pair.core), data.catalogue.set_key(pair.set));
    }
    const NearestNeighbour nearest(data.catalogue, task.train);
    const CompositionModel composition(
        data.catalogue, task.train, static_cast<std::uint64_t>(task.seed));
    for (const auto& pair : task.test) {
        task.scores["popularity"].push_back(
            popularity.score(data.catalogue.core_key(pair.core), data.catalogue.set_key(pair.set)));
        task.scores["nearest_neighbour"].push_back(nearest.score(data.catalogue, pair));
        task.scores["composition"].push_back(composition.score(data.catalogue, pair));
    }
}

// Runs all tasks, `threads` at a time.
void run_tasks(const Dataset& data,
               const EvaluationOptions& options,
               std::vector<Task>& tasks,
               const std::function<void(double, const std::string&)>& progress) {
    std::atomic<std::size_t> next{0};
    std::atomic<std::size_t> done{0};
    std::mutex mutex;
    std::exception_ptr failure;
    const auto work = [&] {
        for (std::size_t i = next++; i < tasks.size(); i = next++) {
            try {
                score_task(data, options, tasks[i]);
            } catch (...) {
                const std::lock_guard lock(mutex);
                failure = std::current_exception();
                return;
            }
            const std::lock_guard lock(mutex);
            const double share = static_cast<double>(++done) / static_cast<double>(tasks.size());
            if (progress) {
                progress(share, tasks[i].split + " seed " + std::to_string(tasks[i].seed));
            }
        }
    };
    std::vector<std::thread> workers;
    for (int i = 1; i < options.threads; ++i) {
        workers.emplace_back(work);
    }
    work();
    for (auto& worker : workers) {
        worker.join();
    }
    if (failure) {
        std::rethrow_exception(failure);
    }
}

// The pairs of a task that `keep` wants.
learner::PairedScores paired(const Task& task,
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

nlohmann::json scores_of(const std::vector<const Task*>& tasks,
                         const std::function<bool(const Task&, std::size_t)>& keep) {
    nlohmann::json result;
    for (const auto& name : kScorers) {
        std::vector<double> aucs;
        for (const Task* task : tasks) {
            const auto p = paired(*task, name, name, [&](std::size_t i) { return keep(*task, i); });
            aucs.push_back(learner::roc_auc(p.labels, p.a));
        }
        const auto figure = learner::mean_error(aucs);
        result[name] = {{"auc", rounded(figure.mean)}, {"se", rounded(figure.se)}};
    }
    return result;
}

nlohmann::json split_json(const std::string& split, const std::vector<const Task*>& tasks) {
    nlohmann::json result;
    result["split"] = split;
    result["negatives"] = "degree_matched";
    result["seeds"] = tasks.size();
    const auto all = [](const Task&, std::size_t) { return true; };
    result["scores"] = scores_of(tasks, all);
    result["scores_without_relatives"] =
        scores_of(tasks, [](const Task& t, std::size_t i) { return t.relative[i] == 0; });
    result["scores_six_or_more_metals"] =
        scores_of(tasks, [](const Task& t, std::size_t i) { return t.big[i] != 0; });
    for (const auto& name : kScorers) {
        if (name == "model") {
            continue;
        }
        std::vector<learner::PairedScores> sets;
        for (const Task* task : tasks) {
            sets.push_back(paired(*task, "model", name, [](std::size_t) { return true; }));
        }
        const auto gain = learner::paired_auc_gain(sets, 1000, 1);
        result["gain_over"][name] = {
            {"mean", rounded(gain.mean)}, {"low", rounded(gain.low)}, {"high", rounded(gain.high)}};
    }
    return result;
}

constexpr const char* kTableHeading =
    "AUC on degree-matched negatives, mean +- standard error over the seeds\n"
    "split        model            popularity  nearest  composition  no relatives  6+ metals  "
    "gain over popularity, nearest neighbour [95 %]\n";

// One split for people; `json` as split_json() makes it.
std::string table_line(const nlohmann::json& json) {
    const auto auc = [&](const char* group, const char* scorer) {
        return json.at(group).at(scorer).at("auc").get<double>();
    };
    const auto low = [&](const char* over) {
        return json.at("gain_over").at(over).at("low").get<double>();
    };
    const auto high = [&](const char* over) {
        return json.at("gain_over").at(over).at("high").get<double>();
    };
    char line[256];
    std::snprintf(line,
                  sizeof(line),
                  "%-12s %.3f +- %.3f   %.3f       %.3f    %.3f        %.3f         %.3f      "
                  "[%.3f, %.3f], [%.3f, %.3f]\n",
                  json.at("split").get<std::string>().c_str(),
                  auc("scores", "model"),
                  json.at("scores").at("model").at("se").get<double>(),
                  auc("scores", "popularity"),
                  auc("scores", "nearest_neighbour"),
                  auc("scores", "composition"),
                  auc("scores_without_relatives", "model"),
                  auc("scores_six_or_more_metals", "model"),
                  low("popularity"),
                  high("popularity"),
                  low("nearest_neighbour"),
                  high("nearest_neighbour"));
    return line;
}

std::vector<Task> fixed_tasks(const Dataset& data, const EvaluationOptions& options) {
    const auto file = options.data.parent_path() / "splits.json";
    const auto json = read_json(file);
    std::vector<Task> tasks;
    try {
        for (const auto& [name, seeds] : json.at("splits").items()) {
            if (!options.splits.empty() &&
                std::find(options.splits.begin(), options.splits.end(), name) ==
                    options.splits.end()) {
                continue;
            }
            for (const auto& fixed : seeds) {
                Task task = task_of(data, name, fixed);
                if (task.seed < options.seeds) {
                    tasks.push_back(
                        options.development
                            ? development_task(data, task, name == "both-cold" ? 0.45 : 0.25)
                            : std::move(task));
                }
            }
        }
    } catch (const nlohmann::json::exception& error) {
        throw InputError("bad_splits", file.string() + ": " + error.what());
    }
    return tasks;
}

// Train on one table, score another: its pairs against its own degree-matched swaps.
std::vector<Task> given_tasks(Dataset& data, const EvaluationOptions& options) {
    const std::set<std::pair<std::string, std::string>> trained = [&] {
        std::set<std::pair<std::string, std::string>> keys;
        for (const auto& pair : data.known) {
            keys.emplace(data.catalogue.core_key(pair.core), data.catalogue.set_key(pair.set));
        }
        return keys;
    }();
    const Dataset other = load_dataset(*options.test);
    std::map<std::size_t, std::size_t> core_of, set_of, ligand_of;
    std::vector<Pair> positives;
    std::set<Pair> known(data.known.begin(), data.known.end());
    std::map<std::size_t, int> nuclearity;
    for (const auto& row : other.rows) {
        const std::string& core_key = other.catalogue.core_key(row.pair.core);
        const std::string& set_key = other.catalogue.set_key(row.pair.set);
        const std::size_t core =
            data.catalogue.add_core(core_key, other.catalogue.cores()[row.pair.core]);
        std::vector<std::size_t> ligands;
        for (const auto l : other.catalogue.sets()[row.pair.set]) {
            const auto& input = other.catalogue.ligands()[l];
            ligands.push_back(data.catalogue.add_ligand(input.graph.smiles, input));
        }
        const Pair pair{core, data.catalogue.add_set(set_key, ligands)};
        nuclearity[core] = row.nuclearity;
        if (trained.count({core_key, set_key}) == 0 && known.insert(pair).second) {
            positives.push_back(pair);
        }
    }
    std::vector<Task> tasks;
    for (int seed = 0; seed < options.seeds; ++seed) {
        Task task;
        task.split = "given";
        task.seed = seed;
        task.train = data.known;
        task.test = positives;
        task.label.assign(positives.size(), 1);
        task.relative.assign(positives.size(), 0);
        for (const auto& pair : positives) {
            task.big.push_back(nuclearity[pair.core] >= 6 ? 1 : 0);
        }
        std::mt19937_64 random(static_cast<std::uint64_t>(seed) + 4001);
        add_negatives(task, known, random);
        tasks.push_back(std::move(task));
    }
    return tasks;
}

}  // namespace

EvaluationText evaluate(const EvaluationOptions& options,
                        const std::function<void(double, const std::string&)>& progress) {
    Dataset data = load_dataset(options.data);
    std::vector<Task> tasks =
        options.test ? given_tasks(data, options) : fixed_tasks(data, options);
    if (tasks.empty()) {
        throw InputError("no_splits", "no split of that name; see splits.json for the names");
    }
    run_tasks(data, options, tasks, progress);
    nlohmann::ordered_json report;
    report["data"] = options.data.string();
    report["rows"] = data.rows.size();
    nlohmann::json scores = nlohmann::json::object();
    std::vector<std::string> order;
    std::map<std::string, std::vector<const Task*>> by_split;
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
    EvaluationText text;
    text.table = kTableHeading;
    for (const auto& split : order) {
        const nlohmann::json json = split_json(split, by_split[split]);
        report["splits"].push_back(nlohmann::ordered_json(json));
        text.table += table_line(json);
    }
    text.json = report.dump(1);
    text.scores = scores.dump();
    return text;
}

}  // namespace cupel::workbench
