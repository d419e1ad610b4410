// Moves of core, ligand number and ligand species, combined and then closed by charge.
#include <algorithm>
#include <cstdlib>
#include <set>

#include <cupel/chemistry/candidate_name.hpp>
#include <cupel/chemistry/edits.hpp>
#include <cupel/chemistry/electron_count.hpp>

namespace cupel::chemistry {
namespace {

/// A change of the core. `removed` names a metal that leaves, which may take a ligand along.
struct CoreMove {
    Core core;
    std::string step;  ///< empty: nothing happens, or the step is told by `removed`
    std::string removed;
    bool metal_move = true;  ///< hydride and anion moves are not combined with others
};

/// One ligand more or less; `change` 0 = nothing happens.
struct LigandMove {
    std::size_t species = 0;
    int change = 0;
};

/// All of one species becomes another; `to` null = nothing happens.
struct Exchange {
    std::size_t species = 0;
    const StockItem* to = nullptr;
};

/// Charges of all parts but the metals' valence electrons: n* of the candidate if its charge were
/// zero. Metals without a fixed valence cancel between parent and edit.
int neutral_count(const Candidate& candidate) {
    int n = -candidate.core.hydrides.value_or(0);
    for (const auto& [element, count] : candidate.core.metals) {
        n += metal_valence(element).value_or(0) * count;
    }
    for (const auto& [anion, count] : candidate.core.anions) {
        n -= anion_charge(anion).value_or(0) * count;
    }
    for (const auto& [ligand, count] : candidate.ligands) {
        n += ligand.charge * count;
    }
    return n;
}

/// "+", "2-", "" as a superscript would be written.
std::string charge_text(int charge) {
    const int size = std::abs(charge);
    return charge == 0 ? "" : (size > 1 ? std::to_string(size) : "") + (charge < 0 ? "-" : "+");
}

std::string signed_text(int value) {
    return (value > 0 ? "+" : "") + std::to_string(value);
}

void change_count(Composition& composition, const std::string& element, int by) {
    auto& count = composition[element];
    count += by;
    if (count <= 0) {
        composition.erase(element);
    }
}

class Editor {
  public:
    Editor(const Candidate& parent,
           const std::string& parent_name,
           const Stock& stock,
           const EditOptions& options)
        : parent_(parent), parent_name_(parent_name), stock_(stock), options_(options) {
        parent_.ligands = normalised(parent_.ligands);
        parent_.conditions.clear();
        parent_.edit.reset();
        seen_.insert(identity_key(parent_));
        // A formula-only parent and one with coordinates have the same edits: no edit keeps atoms.
        parent_.core.atoms.clear();
    }

    EditNeighbourhood run() {
        for (const auto& move : core_moves()) {
            for (const auto& ligand_move : ligand_moves()) {
                for (const auto& exchange : exchanges()) {
                    if (wanted(move, ligand_move, exchange)) {
                        combine(move, ligand_move, exchange);
                    }
                }
            }
        }
        return std::move(result_);
    }

  private:
    static bool is_nothing(const CoreMove& move) {
        return move.step.empty() && move.removed.empty();
    }

    bool wanted(const CoreMove& move, const LigandMove& ligand, const Exchange& exchange) const {
        const int parts = (is_nothing(move) ? 0 : 1) + (ligand.change != 0 ? 1 : 0) +
                          (exchange.to != nullptr ? 1 : 0);
        if (parts <= 1) {
            return parts == 1;
        }
        // A ligand that leaves with its metal is one edit.
        const bool fragment = !move.removed.empty() && ligand.change < 0 && parts == 2;
        return move.metal_move && (options_.compound || fragment);
    }

    std::vector<CoreMove> core_moves() const {
        std::vector<CoreMove> moves(1);
        moves[0].core = parent_.core;
        metal_moves(moves);
        if (parent_.core.hydrides) {
            for (const int by : {-1, 1}) {
                CoreMove move{parent_.core, by < 0 ? "hydride lost" : "hydride gained", "", false};
                *move.core.hydrides += by;
                if (*move.core.hydrides >= 0) {
                    moves.push_back(std::move(move));
                }
            }
        }
        swap_anions({"F", "Cl", "Br", "I"}, moves);
        swap_anions({"O", "S", "Se", "Te"}, moves);
        return moves;
    }

    void metal_moves(std::vector<CoreMove>& moves) const {
        for (const auto& [element, count] : parent_.core.metals) {
            if (!metal_valence(element)) {
                continue;  // what leaves with it cannot be told
            }
            CoreMove removal{parent_.core, "", element, true};
            change_count(removal.core.metals, element, -1);
            if (removal.core.nuclearity() >= options_.min_nuclearity) {
                moves.push_back(std::move(removal));
            }
            for (const auto& other : options_.metals) {
                if (other != element) {
                    CoreMove move{parent_.core, "one " + element + " -> " + other, "", true};
                    change_count(move.core.metals, element, -1);
                    change_count(move.core.metals, other, 1);
                    moves.push_back(std::move(move));
                }
            }
        }
        for (const auto& element : options_.metals) {
            CoreMove move{parent_.core, element + " added", "", true};
            change_count(move.core.metals, element, 1);
            moves.push_back(std::move(move));
        }
    }

    void swap_anions(const std::vector<std::string>& kind, std::vector<CoreMove>& moves) const {
        for (const auto& from : kind) {
            const auto it = parent_.core.anions.find(from);
            if (it == parent_.core.anions.end()) {
                continue;
            }
            for (const auto& to : kind) {
                if (to != from) {
                    CoreMove move{parent_.core, from + " -> " + to, "", false};
                    move.core.anions.erase(from);
                    move.core.anions[to] += it->second;
                    moves.push_back(std::move(move));
                }
            }
        }
    }

    std::vector<LigandMove> ligand_moves() const {
        std::vector<LigandMove> moves(1);
        for (std::size_t i = 0; i < parent_.ligands.size(); ++i) {
            moves.push_back({i, -1});
            moves.push_back({i, 1});
        }
        return moves;
    }

    std::vector<Exchange> exchanges() const {
        std::vector<Exchange> list(1);
        for (std::size_t i = 0; i < parent_.ligands.size(); ++i) {
            const Ligand& own = parent_.ligands[i].ligand;
            for (const auto& item : stock_.items()) {
                if (item.ligand.smiles != own.smiles &&
                    item.ligand.donor_class == own.donor_class &&
                    item.ligand.denticity == own.denticity) {
                    list.push_back({i, &item});
                }
            }
        }
        return list;
    }

    /// As people call it; the short names used in formulas are better inside one.
    std::string name_of(const Ligand& ligand) const {
        const StockItem* item = stock_.find(ligand.smiles);
        return item == nullptr ? short_name_of(ligand) : item->name;
    }
    std::string short_name_of(const Ligand& ligand) const {
        const std::string name = names_.name_of(ligand.smiles);
        return name.empty() ? ligand.smiles : name;
    }

    void combine(const CoreMove& move, const LigandMove& ligand, const Exchange& exchange) {
        Candidate edited = parent_;
        edited.core = move.core;
        std::vector<std::string> steps;
        std::string fragment = move.removed;
        if (!move.step.empty()) {
            steps.push_back(move.step);
        }
        if (ligand.change != 0) {
            edited.ligands[ligand.species].count += ligand.change;
            const Ligand& moved = parent_.ligands[ligand.species].ligand;
            if (!fragment.empty() && ligand.change < 0) {
                fragment += "(" + short_name_of(moved) + ")";
            } else {
                steps.push_back(name_of(moved) + (ligand.change < 0 ? " lost" : " gained"));
            }
        }
        if (exchange.to != nullptr) {
            auto& entry = edited.ligands[exchange.species];
            if (entry.count < 1) {
                return;  // nothing is left to exchange
            }
            steps.push_back(name_of(entry.ligand) + " -> " + exchange.to->name);
            entry.ligand = exchange.to->ligand;
        }
        edited.ligands = normalised(std::move(edited.ligands));
        if (!edited.ligands.empty()) {
            close(std::move(edited), fragment, std::move(steps));
        }
    }

    /// Lists what may happen to the charge, and keeps what leaves the electrons even.
    void close(Candidate edited, const std::string& fragment, std::vector<std::string> steps) {
        if (!parent_.charge) {
            keep(
                std::move(edited), fragment.empty() ? "" : fragment + " removed", std::move(steps));
            return;
        }
        const int electrons = neutral_count(edited) - neutral_count(parent_);
        std::set<int> closures{-1, 0, 1, electrons};
        for (const int by : closures) {
            Candidate closed = edited;
            closed.charge = *parent_.charge + by;
            const int change = electrons - by;
            if (change != 0 && std::abs(change) != 2) {
                result_.rejected.push_back(
                    {closed.name(),
                     {"charge",
                      "charge " + signed_text(*parent_.charge) + " -> " +
                          signed_text(*closed.charge) + " changes the electron count by " +
                          signed_text(change)}});
                continue;
            }
            std::string first;
            auto words = steps;
            if (!fragment.empty()) {
                first = removal_text(fragment, -by);
            } else if (by != 0) {
                words.push_back("charge " + signed_text(*parent_.charge) + " -> " +
                                signed_text(*closed.charge));
            }
            keep(std::move(closed), first, std::move(words));
        }
    }

    /// "[Cu(PPh3)]+ removed", "Cu+ removed".
    static std::string removal_text(const std::string& fragment, int charge) {
        const bool brackets = charge != 0 && fragment.find('(') != std::string::npos;
        return (brackets ? "[" + fragment + "]" : fragment) + charge_text(charge) + " removed";
    }

    void keep(Candidate candidate, const std::string& first, std::vector<std::string> steps) {
        if (!seen_.insert(identity_key(candidate)).second) {
            return;
        }
        if (!first.empty()) {
            steps.insert(steps.begin(), first);
        }
        candidate.edit = Edit{parent_name_, std::move(steps)};
        result_.kept.push_back(std::move(candidate));
    }

    Candidate parent_;
    std::string parent_name_;
    const Stock& stock_;
    const EditOptions& options_;
    Abbreviations names_ = Abbreviations::standard();
    std::set<std::string> seen_;
    EditNeighbourhood result_;
};

}  // namespace

EditNeighbourhood edits_of(const Candidate& parent,
                           const std::string& parent_name,
                           const Stock& stock,
                           const EditOptions& options) {
    return Editor(parent, parent_name, stock, options).run();
}

}  // namespace cupel::chemistry
