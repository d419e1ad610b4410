// Depth first over the sites, the best-bonded colouring kept; pruned by what is still to gain.
#include "alternatives.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

namespace cupel::chemistry {
namespace {

constexpr double kOneLevel = 0.006;  ///< occupancies so near are one free variable
constexpr double kTriangle = 2.0;    ///< what three atoms bonded to each other cost
constexpr int kMostAlternatives = 4;

using Relation = Alternatives::Relation;

/// How many alternatives there are with their occupancies, the fullest first.
using Occupancies = std::vector<double>;

/// Occupancies that were refined as one, with the number of sites that have each.
std::vector<std::pair<double, int>> levels_of(const Alternatives& place, bool apart) {
    std::vector<double> all;
    for (const auto& site : place.sites) {
        all.push_back(site.occupancy);
    }
    std::sort(all.rbegin(), all.rend());
    std::vector<std::pair<double, int>> levels;
    double sum = 0.0;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (i == 0 || (apart && all[i - 1] - all[i] > kOneLevel)) {
            levels.emplace_back(0.0, 0);
            sum = 0.0;
        }
        sum += all[i];
        ++levels.back().second;
        levels.back().first = sum / levels.back().second;
    }
    return levels;
}

/// `number` alternatives of one size, each of one level, that add up to one.
std::optional<Occupancies> shared_out(const std::vector<std::pair<double, int>>& levels,
                                      int number) {
    int sites = 0;
    for (const auto& [level, count] : levels) {
        sites += count;
    }
    const int size = sites / number;
    Occupancies occupancies;
    for (const auto& [level, count] : levels) {
        if (size == 0 || sites % number != 0 || count % size != 0) {
            return std::nullopt;
        }
        occupancies.insert(occupancies.end(), static_cast<std::size_t>(count / size), level);
    }
    const double sum = std::accumulate(occupancies.begin(), occupancies.end(), 0.0);
    return std::abs(sum - 1.0) < 0.07 ? std::optional(occupancies) : std::nullopt;
}

class Search {
  public:
    Search(const Alternatives& place, const Occupancies& occupancies, std::size_t& steps_left)
        : place_(place),
          occupancies_(occupancies),
          steps_left_(steps_left),
          links_(place.sites.size()),
          colour_(place.sites.size(), -1) {}

    std::optional<std::vector<int>> run() {
        if (!share_elements()) {
            return std::nullopt;
        }
        for (const auto& pair : place_.pairs) {
            links_[static_cast<std::size_t>(pair.a)].push_back({pair.b, &pair});
            links_[static_cast<std::size_t>(pair.b)].push_back({pair.a, &pair});
        }
        put_in_order();
        visit(0, 0.0, 0);
        return steps_left_ > 0 && !best_.empty() ? std::optional(best_) : std::nullopt;
    }

  private:
    struct Link {
        int to = 0;
        const Alternatives::Pair* pair = nullptr;
    };

    std::size_t number() const { return occupancies_.size(); }

    bool share_elements() {
        std::map<int, int> count;
        for (const auto& site : place_.sites) {
            ++count[site.element];
        }
        room_.resize(number());
        for (const auto& [element, atoms] : count) {
            if (atoms % static_cast<int>(number()) != 0) {
                return false;
            }
            for (auto& room : room_) {
                room[element] = atoms / static_cast<int>(number());
            }
        }
        return true;
    }

    /// Each site after one that it touches; `to_gain_[i]` is what the sites from i on may bring.
    void put_in_order() {
        std::vector<char> seen(place_.sites.size(), 0);
        for (std::size_t start = 0; start < seen.size(); ++start) {
            if (seen[start] != 0) {
                continue;
            }
            seen[start] = 1;
            std::size_t next = order_.size();
            order_.push_back(static_cast<int>(start));
            for (; next < order_.size(); ++next) {
                for (const Link& link : links_[static_cast<std::size_t>(order_[next])]) {
                    if (seen[static_cast<std::size_t>(link.to)] == 0) {
                        seen[static_cast<std::size_t>(link.to)] = 1;
                        order_.push_back(link.to);
                    }
                }
            }
        }
        to_gain_.assign(order_.size() + 1, 0.0);
        std::vector<char> before(order_.size(), 0);
        std::vector<double> own(order_.size(), 0.0);
        for (std::size_t i = 0; i < order_.size(); ++i) {
            for (const Link& link : links_[static_cast<std::size_t>(order_[i])]) {
                own[i] += before[static_cast<std::size_t>(link.to)] != 0
                              ? std::max(0.0, link.pair->gain)
                              : 0.0;
            }
            before[static_cast<std::size_t>(order_[i])] = 1;
        }
        for (std::size_t i = order_.size(); i > 0; --i) {
            to_gain_[i - 1] = to_gain_[i] + own[i - 1];
        }
    }

    /// What `site` brings as part of alternative `colour`, beside what was given before.
    std::optional<double> gain(int site, int colour) const {
        double sum = 0.0;
        std::vector<int> bonded;
        for (const Link& link : links_[static_cast<std::size_t>(site)]) {
            if (colour_[static_cast<std::size_t>(link.to)] != colour) {
                continue;
            }
            if (link.pair->relation == Relation::Never) {
                return std::nullopt;
            }
            sum += link.pair->gain;
            if (link.pair->relation == Relation::Bond) {
                bonded.push_back(link.to);
            }
        }
        for (const int end : bonded) {
            for (const Link& link : links_[static_cast<std::size_t>(end)]) {
                const bool closes = link.pair->relation == Relation::Bond && link.to < end &&
                                    std::count(bonded.begin(), bonded.end(), link.to) > 0;
                sum -= closes && !boron(site, end, link.to) ? kTriangle : 0.0;
            }
        }
        return sum;
    }

    bool boron(int a, int b, int c) const {
        return element(a) == 5 || element(b) == 5 || element(c) == 5;
    }
    int element(int site) const { return place_.sites[static_cast<std::size_t>(site)].element; }

    void visit(std::size_t at, double score, int used) {
        if (steps_left_ == 0 || (!best_.empty() && score + to_gain_[at] <= best_score_ + 1e-9)) {
            return;
        }
        --steps_left_;
        if (at == order_.size()) {
            if (alike()) {
                best_ = colour_;
                best_score_ = score;
            }
            return;
        }
        const int site = order_[at];
        std::vector<std::pair<double, int>> choices;
        for (int colour = 0; colour < static_cast<int>(number()); ++colour) {
            if (!first_of_its_kind(colour, used) ||
                !has_room(site, static_cast<std::size_t>(colour))) {
                continue;
            }
            if (const auto more = gain(site, colour)) {
                choices.emplace_back(-*more, colour);
            }
        }
        std::sort(choices.begin(), choices.end());
        for (const auto& [loss, colour] : choices) {
            int& room = room_[static_cast<std::size_t>(colour)][element(site)];
            --room;
            colour_[static_cast<std::size_t>(site)] = colour;
            visit(at + 1, score - loss, used | 1 << colour);
            colour_[static_cast<std::size_t>(site)] = -1;
            ++room;
        }
    }

    /// Of alternatives that are still empty and alike, the first.
    bool first_of_its_kind(int colour, int used) const {
        if ((used >> colour & 1) != 0) {
            return true;
        }
        for (int other = 0; other < colour; ++other) {
            if ((used >> other & 1) == 0 && occupancies_[static_cast<std::size_t>(other)] ==
                                                occupancies_[static_cast<std::size_t>(colour)]) {
                return false;
            }
        }
        return true;
    }

    bool has_room(int site, std::size_t colour) const {
        const std::set<double> levels(occupancies_.begin(), occupancies_.end());
        const double off =
            std::abs(place_.sites[static_cast<std::size_t>(site)].occupancy - occupancies_[colour]);
        return room_[colour].at(element(site)) > 0 && (levels.size() == 1 || off < kOneLevel);
    }

    /// The alternatives fall into fragments of the same formulas on the same anchors.
    bool alike() const {
        std::set<std::vector<std::map<int, int>>> kinds;
        for (int colour = 0; colour < static_cast<int>(number()); ++colour) {
            kinds.insert(fragments(colour));
        }
        return kinds.size() == 1;
    }

    /// Elements of each fragment, and as negative keys what it hangs on.
    std::vector<std::map<int, int>> fragments(int colour) const {
        std::vector<std::map<int, int>> list;
        std::vector<char> seen(colour_.size(), 0);
        for (std::size_t start = 0; start < colour_.size(); ++start) {
            if (seen[start] != 0 || colour_[start] != colour) {
                continue;
            }
            std::map<int, int> parts;
            std::vector<int> todo{static_cast<int>(start)};
            seen[start] = 1;
            while (!todo.empty()) {
                const auto site = static_cast<std::size_t>(todo.back());
                todo.pop_back();
                ++parts[place_.sites[site].element];
                for (const auto& [anchor, times] : place_.sites[site].anchors) {
                    parts[-1 - anchor] += times;
                }
                for (const Link& link : links_[site]) {
                    const auto to = static_cast<std::size_t>(link.to);
                    if (link.pair->relation == Relation::Bond && seen[to] == 0 &&
                        colour_[to] == colour) {
                        seen[to] = 1;
                        todo.push_back(link.to);
                    }
                }
            }
            list.push_back(std::move(parts));
        }
        std::sort(list.begin(), list.end());
        return list;
    }

    const Alternatives& place_;
    const Occupancies& occupancies_;
    std::size_t& steps_left_;
    std::vector<std::vector<Link>> links_;
    std::vector<int> colour_;
    std::vector<std::map<int, int>> room_;  ///< per alternative and element
    std::vector<int> order_;
    std::vector<double> to_gain_;
    std::vector<int> best_;
    double best_score_ = 0.0;
};

}  // namespace

std::optional<std::vector<int>> part_alternatives(const Alternatives& place,
                                                  std::size_t& steps_left) {
    for (const bool apart : {true, false}) {
        const auto levels = levels_of(place, apart);
        for (int number = 2; number <= kMostAlternatives; ++number) {
            const auto occupancies = shared_out(levels, number);
            if (!occupancies) {
                continue;
            }
            if (const auto found = Search(place, *occupancies, steps_left).run()) {
                return found;
            }
        }
    }
    return std::nullopt;
}

}  // namespace cupel::chemistry
