// Fixed splits, splits inside their training parts, and tables of other sources.
#include "evaluation_task.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <random>
#include <set>

#include <nlohmann/json.hpp>

#include <cupel/domain/error.hpp>

namespace cupel::workbench {
namespace {

using learner::Pair;

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

// The donor classes of a set, each once.
std::set<std::string> classes_of(const learner::Catalogue& catalogue, std::size_t set) {
    std::set<std::string> classes;
    for (const auto ligand : catalogue.sets()[set]) {
        classes.insert(catalogue.ligands()[ligand].graph.donor_class);
    }
    return classes;
}

// Marks negatives whose donor classes are those of a known partner of their core: they may be
// clusters that nobody has made.
void mark_shared_classes(const learner::Catalogue& catalogue,
                         const std::set<Pair>& known,
                         EvaluationTask& task) {
    std::map<std::size_t, std::set<std::set<std::string>>> partners;
    for (const auto& pair : known) {
        partners[pair.core].insert(classes_of(catalogue, pair.set));
    }
    for (std::size_t i = 0; i < task.test.size(); ++i) {
        const auto& pair = task.test[i];
        const bool shares =
            task.label[i] == 0 && partners[pair.core].count(classes_of(catalogue, pair.set)) != 0;
        task.shares.push_back(shares ? 1 : 0);
    }
}

EvaluationTask task_of(const Dataset& data, const std::string& split, const nlohmann::json& fixed) {
    EvaluationTask task;
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
void add_negatives(EvaluationTask& task, const std::set<Pair>& known, std::mt19937_64& random) {
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

int metals_of(const CoreGraph& core) {
    int total = 0;
    for (const auto& metal : core.metals) {
        total += metal.second;
    }
    return total;
}

// Atoms of metal by which two cores differ, added and lost ones both counted.
int metal_distance(const CoreGraph& a, const CoreGraph& b) {
    std::map<int, int> difference;
    for (const auto& [z, count] : a.metals) {
        difference[z] += count;
    }
    for (const auto& [z, count] : b.metals) {
        difference[z] -= count;
    }
    int total = 0;
    for (const auto& entry : difference) {
        total += std::abs(entry.second);
    }
    return total;
}

// Training rows by their metals, to ask which cores may be the same.
class CoresByMetals {
  public:
    void add(const DatasetRow& row, const Pair& pair) {
        rows_[row.candidate.core.metals].push_back({&row, pair});
    }
    /// Pairs of `core` with the sets of rows whose core differs from that of `row` in nothing that
    /// both tell of: an empty cell, and a table without the column, tell nothing.
    std::vector<Pair> with_sets_of_likes(const DatasetRow& row, std::size_t core) const {
        std::vector<Pair> pairs;
        const auto it = rows_.find(row.candidate.core.metals);
        if (it != rows_.end()) {
            for (const auto& [other, pair] : it->second) {
                if (may_be_same(row, *other)) {
                    pairs.push_back({core, pair.set});
                }
            }
        }
        return pairs;
    }

  private:
    static bool may_be_same(const DatasetRow& a, const DatasetRow& b) {
        const auto& one = a.candidate.core;
        const auto& two = b.candidate.core;
        return (!one.hydrides || !two.hydrides || one.hydrides == two.hydrides) &&
               (!a.anions_known || !b.anions_known || one.anions == two.anions);
    }

    std::map<Composition, std::vector<std::pair<const DatasetRow*, Pair>>> rows_;
};

// Keeps a share of the training pairs, the same first ones for every share: a learning curve.
void thin(EvaluationTask& task, double share) {
    if (share >= 1.0) {
        return;
    }
    std::mt19937_64 random(5077 + static_cast<std::uint64_t>(task.seed));
    for (std::size_t i = task.train.size(); i > 1; --i) {
        std::swap(task.train[i - 1], task.train[random() % i]);
    }
    task.train.resize(std::max<std::size_t>(
        static_cast<std::size_t>(share * static_cast<double>(task.train.size())), 8));
}

}  // namespace

EvaluationTask inner_task(const Dataset& data, const EvaluationTask& fixed, std::uint64_t seed) {
    // Both-cold keeps few pairs of either part: it needs the larger share.
    const double share = fixed.split == "both-cold" ? 0.45 : 0.25;
    EvaluationTask task;
    task.split = fixed.split;
    task.seed = fixed.seed;
    std::mt19937_64 random(seed + static_cast<std::uint64_t>(fixed.seed));
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
        if (task.split == "core-cold" || task.split == "source" || task.split == "given") {
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
            task.big.push_back(metals_of(data.catalogue.cores()[pair.core]) >= 6 ? 1 : 0);
        }
    }
    // Only what this training part knows is left out of the negatives: the outer test stays unseen.
    const std::set<Pair> known(fixed.train.begin(), fixed.train.end());
    add_negatives(task, known, random);
    mark_shared_classes(data.catalogue, known, task);
    return task;
}

std::vector<EvaluationTask> fixed_tasks(const Dataset& data, const EvaluationOptions& options) {
    const auto file = options.data.parent_path() / "splits.json";
    const auto json = read_json(file);
    const std::set<Pair> known(data.known.begin(), data.known.end());
    std::vector<EvaluationTask> tasks;
    try {
        for (const auto& [name, seeds] : json.at("splits").items()) {
            if (!options.splits.empty() &&
                std::find(options.splits.begin(), options.splits.end(), name) ==
                    options.splits.end()) {
                continue;
            }
            for (const auto& fixed : seeds) {
                EvaluationTask task = task_of(data, name, fixed);
                // Development splits may be drawn more often than there are fixed ones.
                const int step = static_cast<int>(seeds.size());
                const int last =
                    options.development ? options.seeds : std::min(options.seeds, step);
                for (; task.seed < last; task.seed += step) {
                    EvaluationTask drawn = task;
                    if (options.development) {
                        drawn = inner_task(data, task, 977);
                    } else {
                        mark_shared_classes(data.catalogue, known, drawn);
                    }
                    thin(drawn, options.train_share);
                    tasks.push_back(std::move(drawn));
                }
            }
        }
    } catch (const nlohmann::json::exception& error) {
        throw InputError("bad_splits", file.string() + ": " + error.what());
    }
    return tasks;
}

namespace {

/// "12 rows of status mixed-metal, 3 of recheck"; empty when all were wanted.
std::string passed_over_text(const chemistry::TableNotes& notes) {
    std::string text;
    for (const auto& [status, count] : notes.passed_over) {
        text += (text.empty() ? "" : ", ") + std::to_string(count) +
                (text.empty() ? " rows of status " : " of ") + status;
    }
    return text;
}

/// "CN as [C-]#N, CO as [C-]#[O+]"
std::string names_text(const chemistry::TableNotes& notes) {
    std::string text;
    for (const auto& [name, smiles] : notes.names) {
        text += (text.empty() ? "" : ", ") + name + " as " + smiles;
    }
    return text;
}

void add_lines(const EvaluationOptions& options,
               std::size_t rows,
               std::size_t tested,
               TestTable& table) {
    const std::string file = options.test->string() + ": ";
    const std::string of_all = " of its " + std::to_string(rows) + " rows: ";
    const std::string left = "; " + std::to_string(tested) + " pairs are tested";
    if (table.same > 0) {
        table.lines.push_back(file + std::to_string(table.same) + of_all +
                              "core and ligands stand in " + options.data.string() +
                              " already, or in a row before" + left);
    }
    if (table.as_far_as_told > 0) {
        table.lines.push_back(file + std::to_string(table.as_far_as_told) + of_all +
                              "metals and ligands stand in " + options.data.string() +
                              " already, and no hydrides or anions tell them apart" + left);
    }
    if (!table.notes.passed_over.empty()) {
        table.lines.push_back(file + passed_over_text(table.notes) +
                              " not read; only rows of status ok are tested");
    }
    if (!table.notes.names.empty()) {
        table.lines.push_back(file +
                              "ligands read by name, not as SMILES: " + names_text(table.notes) +
                              "; an atom in brackets makes a SMILES of it ([CH3]O)");
    }
}

}  // namespace

std::vector<EvaluationTask> given_tasks(Dataset& data,
                                        const EvaluationOptions& options,
                                        TestTable& table) {
    std::set<std::pair<std::string, std::string>> trained;
    for (const auto& pair : data.known) {
        trained.emplace(data.catalogue.core_key(pair.core), data.catalogue.set_key(pair.set));
    }
    CoresByMetals training, tested;
    for (const auto& row : data.rows) {
        training.add(row, row.pair);
    }
    const Dataset other = load_dataset(*options.test, &table.refused, &table.notes);
    std::vector<Pair> positives, in_catalogue;
    std::set<Pair> known(data.known.begin(), data.known.end());
    for (const auto& row : other.rows) {
        const Pair pair = add_candidate(data.catalogue, row.candidate);
        in_catalogue.push_back(pair);
        tested.add(row, pair);
        const auto likes = training.with_sets_of_likes(row, pair.core);
        if (known.count(pair) != 0 || trained.count({data.catalogue.core_key(pair.core),
                                                     data.catalogue.set_key(pair.set)}) != 0) {
            ++table.same;
        } else if (std::find(likes.begin(), likes.end(), pair) != likes.end()) {
            ++table.as_far_as_told;
        } else {
            known.insert(pair);
            positives.push_back(pair);
        }
    }
    // A swap that may be a reported cluster is no negative either.
    for (std::size_t i = 0; i < other.rows.size(); ++i) {
        for (const auto* cores : {&training, &tested}) {
            const auto likes = cores->with_sets_of_likes(other.rows[i], in_catalogue[i].core);
            known.insert(likes.begin(), likes.end());
        }
    }
    if (positives.empty()) {
        const std::string passed_over = passed_over_text(table.notes);
        throw InputError("no_rows",
                         options.test->string() + ": none of its " +
                             std::to_string(other.rows.size() + table.refused.size()) +
                             " rows is new and can be read" +
                             (passed_over.empty() ? "" : "; besides them " + passed_over) +
                             (table.refused.empty() ? "" : "; the first: " + table.refused[0]));
    }
    add_lines(options, other.rows.size(), positives.size(), table);
    std::vector<EvaluationTask> tasks;
    for (int seed = 0; seed < options.seeds; ++seed) {
        EvaluationTask task;
        task.split = "given";
        task.seed = seed;
        task.train = data.known;
        task.test = positives;
        task.label.assign(positives.size(), 1);
        for (const auto& pair : positives) {
            const CoreGraph& core = data.catalogue.cores()[pair.core];
            task.big.push_back(metals_of(core) >= 6 ? 1 : 0);
            const bool near = std::any_of(task.train.begin(), task.train.end(), [&](const Pair& t) {
                return t.set == pair.set &&
                       metal_distance(core, data.catalogue.cores()[t.core]) <= 2;
            });
            task.relative.push_back(near ? 1 : 0);
        }
        std::mt19937_64 random(static_cast<std::uint64_t>(seed) + 4001);
        add_negatives(task, known, random);
        if (task.test.size() == positives.size()) {
            throw InputError("no_rows",
                             options.test->string() + ": its " + std::to_string(positives.size()) +
                                 " new pairs are too few: no other pair can be made of their "
                                 "cores and ligand sets to tell them from");
        }
        mark_shared_classes(data.catalogue, known, task);
        thin(task, options.train_share);
        tasks.push_back(std::move(task));
    }
    return tasks;
}

}  // namespace cupel::workbench
