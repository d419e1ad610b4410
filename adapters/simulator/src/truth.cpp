// The split by families of cores, and the look-ups of the held-back side.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <numeric>
#include <set>

#include <cupel/chemistry/csv.hpp>
#include <cupel/chemistry/reported_table.hpp>
#include <cupel/codec/candidate_codec.hpp>
#include <cupel/domain/error.hpp>
#include <cupel/simulator/truth.hpp>

#include "geometry.hpp"

namespace cupel::simulator {
namespace {

using chemistry::ReportedCluster;

/// At most one metal atom more or less, or one exchanged for another.
bool near(const Core& a, const Core& b) {
    std::set<std::string> elements;
    for (const auto* core : {&a, &b}) {
        for (const auto& [element, count] : core->metals) {
            elements.insert(element);
        }
    }
    const auto count = [](const Core& core, const std::string& element) {
        const auto found = core.metals.find(element);
        return found == core.metals.end() ? 0 : found->second;
    };
    int changes = 0;
    for (const auto& element : elements) {
        changes += std::abs(count(a, element) - count(b, element));
    }
    return changes <= 2;
}

std::size_t root(std::vector<std::size_t>& parent, std::size_t i) {
    while (parent[i] != i) {
        i = parent[i] = parent[parent[i]];
    }
    return i;
}

/// Rows grouped so that no core and no near-relative stands in two groups; in table order.
std::vector<std::vector<std::size_t>> families(const std::vector<ReportedCluster>& rows) {
    std::vector<std::size_t> parent(rows.size());
    std::iota(parent.begin(), parent.end(), std::size_t{0});
    std::vector<std::string> cores, sets;
    for (const auto& row : rows) {
        cores.push_back(core_learning_key(row.candidate.core));
        sets.push_back(ligand_set_learning_key(row.candidate.ligands));
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (cores[i] == cores[j] ||
                (sets[i] == sets[j] && near(rows[i].candidate.core, rows[j].candidate.core))) {
                parent[root(parent, i)] = root(parent, j);
            }
        }
    }
    std::map<std::size_t, std::vector<std::size_t>> groups;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        groups[root(parent, i)].push_back(i);
    }
    std::vector<std::vector<std::size_t>> result;
    for (auto& [first, members] : groups) {
        result.push_back(std::move(members));
    }
    return result;
}

/// Of a size and kind that the structure writer builds within a second or so.
bool buildable(const Candidate& candidate) {
    int ligands = 0;
    for (const auto& entry : candidate.ligands) {
        if (entry.ligand.donors.empty() || entry.ligand.smiles.find('.') != std::string::npos) {
            return false;
        }
        ligands += entry.count;
    }
    for (const auto& [anion, count] : candidate.core.anions) {
        if (atomic_number(anion) == 0) {
            return false;
        }
    }
    return candidate.core.nuclearity() >= 2 && candidate.core.nuclearity() <= 60 && ligands <= 36;
}

/// Whole families at random until enough buildable pairs are held back. A family larger than a
/// tenth of what is wanted stays with the learner: it would make the campaign about one core.
std::set<std::size_t> held_back(const std::vector<ReportedCluster>& rows,
                                const LaboratoryOptions& options,
                                Random& random) {
    auto groups = families(rows);
    random.shuffle(groups);
    std::set<std::size_t> held;
    std::set<std::string> pairs;
    const auto largest = static_cast<std::size_t>(std::max(2, options.true_pairs / 10));
    for (const auto& group : groups) {
        if (static_cast<int>(pairs.size()) >= options.true_pairs) {
            break;
        }
        if (group.size() > largest) {
            continue;
        }
        for (const std::size_t i : group) {
            held.insert(i);
            if (buildable(rows[i].candidate)) {
                pairs.insert(learning_key(rows[i].candidate));
            }
        }
    }
    return held;
}

/// The ligands of one cluster in numbers that suit the size of another.
LigandSet scaled(LigandSet ligands, int from_metals, int to_metals) {
    const double factor =
        std::pow(static_cast<double>(to_metals) / static_cast<double>(from_metals), 2.0 / 3.0);
    for (auto& entry : ligands) {
        entry.count = std::max(1, static_cast<int>(std::lround(entry.count * factor)));
    }
    return ligands;
}

std::vector<Candidate> decoys(const std::vector<Candidate>& pairs,
                              const std::set<std::string>& reported,
                              int per_pair,
                              Random& random) {
    std::vector<Candidate> made;
    std::set<std::string> taken = reported;
    std::vector<std::size_t> order(pairs.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (int round = 0; round < per_pair; ++round) {
        random.shuffle(order);
        for (std::size_t i = 0; i < pairs.size(); ++i) {
            // The shuffled partner first; when that pair is known, the next ones in turn.
            for (std::size_t k = 0; k < pairs.size(); ++k) {
                const Candidate& partner = pairs[order[(i + k) % pairs.size()]];
                Candidate decoy;
                decoy.core = pairs[i].core;
                decoy.ligands =
                    scaled(partner.ligands, partner.core.nuclearity(), decoy.core.nuclearity());
                if (taken.insert(learning_key(decoy)).second) {
                    made.push_back(std::move(decoy));
                    break;
                }
            }
        }
    }
    return made;
}

void write_file(const std::filesystem::path& path, const std::string& text) {
    std::ofstream file(path, std::ios::binary);
    file << text;
    if (!file.flush()) {
        throw Error("cannot write " + path.string());
    }
}

/// The rows whose ids are in `ids`, every column as it stands in the table.
std::string rows_as_csv(const chemistry::CsvTable& table, const std::set<std::string>& ids) {
    const auto line = [](const std::vector<std::string>& cells) {
        std::string text;
        for (const auto& cell : cells) {
            text += (text.empty() ? "" : ",") + chemistry::csv_cell(cell);
        }
        return text + "\n";
    };
    std::string text = line(table.columns());
    for (const auto& row : table.rows()) {
        if (ids.count(table.cell(row, "id")) > 0) {
            text += line(row.cells);
        }
    }
    return text;
}

}  // namespace

LaboratoryFiles make_laboratory(const std::filesystem::path& table,
                                const std::filesystem::path& folder,
                                const LaboratoryOptions& options) {
    const auto rows = chemistry::load_reported_table(table);
    Random random(options.seed);
    const auto held = held_back(rows, options, random);
    LaboratoryFiles files{folder / "train.csv", folder / "truth.csv", folder / "pool.jsonl"};
    std::set<std::string> train_ids, truth_ids, reported, seen;
    std::vector<Candidate> pairs;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        (held.count(i) > 0 ? truth_ids : train_ids).insert(rows[i].id);
        Candidate candidate = rows[i].candidate;
        if (held.count(i) > 0 && buildable(candidate) &&
            seen.insert(learning_key(candidate)).second) {
            candidate.charge.reset();
            pairs.push_back(std::move(candidate));
        }
    }
    // Rows that do not train are still reports: what they hold is no decoy.
    chemistry::TableOptions all;
    all.statuses = {"ok", "mixed-metal", "coordination", "computed"};
    for (const auto& row : chemistry::load_reported_table(table, all)) {
        reported.insert(learning_key(row.candidate));
    }
    auto pool = decoys(pairs, reported, options.decoys_per_pair, random);
    files.true_pairs = static_cast<int>(pairs.size());
    files.decoys = static_cast<int>(pool.size());
    files.train_rows = static_cast<int>(train_ids.size());
    files.truth_rows = static_cast<int>(truth_ids.size());
    pool.insert(pool.end(), pairs.begin(), pairs.end());
    random.shuffle(pool);

    std::filesystem::create_directories(folder);
    const auto csv = chemistry::CsvTable::load(table);
    write_file(files.train, rows_as_csv(csv, train_ids));
    write_file(files.truth, rows_as_csv(csv, truth_ids));
    std::string lines;
    for (const auto& candidate : pool) {
        lines += codec::encode(candidate) + "\n";
    }
    write_file(files.pool, lines);
    return files;
}

Truth Truth::load(const std::filesystem::path& path) {
    Truth truth;
    for (auto& row : chemistry::load_reported_table(path)) {
        const std::size_t index = truth.clusters_.size();
        truth.by_learning_key_.emplace(learning_key(row.candidate), index);
        truth.by_core_.emplace(core_learning_key(row.candidate.core), index);
        truth.by_ligands_.emplace(ligand_set_learning_key(row.candidate.ligands), index);
        truth.clusters_.push_back(std::move(row.candidate));
    }
    return truth;
}

const Candidate* Truth::find(const Candidate& candidate) const {
    const auto found = by_learning_key_.find(learning_key(candidate));
    return found == by_learning_key_.end() ? nullptr : &clusters_[found->second];
}

const Candidate* Truth::relative(const Candidate& candidate, std::uint64_t choice) const {
    std::vector<std::size_t> near;
    const std::string own = learning_key(candidate);
    const auto gather = [&](const std::multimap<std::string, std::size_t>& index,
                            const std::string& key) {
        const auto [first, last] = index.equal_range(key);
        for (auto it = first; it != last; ++it) {
            if (learning_key(clusters_[it->second]) != own && buildable(clusters_[it->second])) {
                near.push_back(it->second);
            }
        }
    };
    gather(by_core_, core_learning_key(candidate.core));
    gather(by_ligands_, ligand_set_learning_key(candidate.ligands));
    return near.empty() ? nullptr : &clusters_[near[choice % near.size()]];
}

}  // namespace cupel::simulator
