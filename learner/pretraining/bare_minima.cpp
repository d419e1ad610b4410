// The list of compositions, the sweeps over size that feed each other, and the table.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <functional>
#include <map>
#include <mutex>
#include <sstream>

#include <cupel/domain/error.hpp>
#include <cupel/domain/side_by_side.hpp>
#include <cupel/pretraining/bare_minima.hpp>

namespace cupel::pretraining {
namespace {

using Position = std::array<double, 3>;
const std::vector<std::string> kMetals = {"Ag", "Au", "Cu"};
const std::vector<int> kAlloySizes = {4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 16, 18, 19,
                                      20, 22, 23, 25, 28, 30, 32, 34, 36, 38, 40, 44, 48, 55};

// The `atoms` points nearest to `centre`, scaled to the element's bond length.
Cluster cut(const std::vector<Position>& points, const Position& centre, int element, int atoms) {
    std::vector<std::pair<double, std::size_t>> order;
    for (std::size_t i = 0; i < points.size(); ++i) {
        const double distance = std::hypot(
            points[i][0] - centre[0], points[i][1] - centre[1], points[i][2] - centre[2]);
        // Rounded, so that points of one shell keep the order in which they were made.
        order.emplace_back(std::round(distance * 1e6), i);
    }
    std::sort(order.begin(), order.end());
    Cluster cluster;
    const double bond = 0.97 * gupta_parameters(element, element).r0;
    for (std::size_t i = 0; i < order.size() && i < static_cast<std::size_t>(atoms); ++i) {
        const Position& p = points[order[i].second];
        cluster.elements.push_back(static_cast<std::uint8_t>(element));
        cluster.positions.push_back({bond * p[0], bond * p[1], bond * p[2]});
    }
    return cluster;
}

// Unit bond length in all three.
std::vector<Position> icosahedron() {
    const double golden = (1.0 + std::sqrt(5.0)) / 2.0;
    std::vector<Position> corners;
    for (const double a : {-1.0, 1.0}) {
        for (const double b : {-golden, golden}) {
            corners.push_back({0, a, b});
            corners.push_back({a, b, 0});
            corners.push_back({b, 0, a});
        }
    }
    const double scale = 0.5;  // edges of these corners are 2 long
    std::vector<Position> points{{0, 0, 0}};
    for (const auto& c : corners) {
        points.push_back({scale * c[0], scale * c[1], scale * c[2]});
        points.push_back({2 * scale * c[0], 2 * scale * c[1], 2 * scale * c[2]});
    }
    for (std::size_t i = 0; i < corners.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            const auto& a = corners[i];
            const auto& b = corners[j];
            if (std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]) < 2.1) {
                points.push_back(
                    {scale * (a[0] + b[0]), scale * (a[1] + b[1]), scale * (a[2] + b[2])});
            }
        }
    }
    return points;
}

std::vector<Position> decahedron() {
    constexpr double kTurn = 2.0 * 3.14159265358979323846 / 5.0;
    const double side = std::sqrt(3.0) / 2.0;
    std::vector<Position> points;
    for (int z = -4; z <= 4; ++z) {
        points.push_back({0, 0, static_cast<double>(z)});
        for (int sector = 0; sector < 5; ++sector) {
            for (int i = 1; i <= 4; ++i) {
                for (int j = 0; i + j <= 4; ++j) {
                    const double x =
                        side * (i * std::cos(kTurn * sector) + j * std::cos(kTurn * (sector + 1)));
                    const double y =
                        side * (i * std::sin(kTurn * sector) + j * std::sin(kTurn * (sector + 1)));
                    points.push_back({x, y, z + 0.5 * ((i + j) % 2)});
                }
            }
        }
    }
    return points;
}

std::vector<Position> fcc() {
    const double half = 1.0 / std::sqrt(2.0);
    std::vector<Position> points;
    for (int i = -5; i <= 5; ++i) {
        for (int j = -5; j <= 5; ++j) {
            for (int k = -5; k <= 5; ++k) {
                if ((i + j + k) % 2 == 0) {
                    points.push_back({half * i, half * j, half * k});
                }
            }
        }
    }
    return points;
}

// Without its least bound atom.
Cluster smaller(Cluster cluster) {
    const auto energies = atom_energies(cluster);
    const auto loosest = std::max_element(energies.begin(), energies.end()) - energies.begin();
    cluster.elements.erase(cluster.elements.begin() + loosest);
    cluster.positions.erase(cluster.positions.begin() + loosest);
    return cluster;
}

// With one more atom, at the best of some places on the surface.
Cluster larger(const Cluster& cluster) {
    Cluster best;
    double lowest = 1e9;
    Position middle{};
    for (const auto& p : cluster.positions) {
        for (std::size_t axis = 0; axis < 3; ++axis) {
            middle[axis] += p[axis] / static_cast<double>(cluster.positions.size());
        }
    }
    const double bond = gupta_parameters(cluster.elements[0], cluster.elements[0]).r0;
    constexpr int kPlaces = 60;
    for (int place = 0; place < kPlaces; ++place) {
        // Directions on a Fibonacci spiral; then inwards until the first contact.
        const double z = 1.0 - (2.0 * place + 1.0) / kPlaces;
        const double turn = 2.39996322972865332 * place;
        const double flat = std::sqrt(1.0 - z * z);
        const Position d{flat * std::cos(turn), flat * std::sin(turn), z};
        Position at{};
        bool is_free = true;
        for (double r = 14.0; r > 0.0 && is_free; r -= 0.1) {
            for (std::size_t axis = 0; axis < 3; ++axis) {
                at[axis] = middle[axis] + r * d[axis];
            }
            for (const auto& p : cluster.positions) {
                is_free =
                    is_free && std::hypot(p[0] - at[0], p[1] - at[1], p[2] - at[2]) > 0.93 * bond;
            }
        }
        Cluster grown = cluster;
        grown.elements.push_back(cluster.elements[0]);
        grown.positions.push_back(at);
        const double energy = gupta_energy(grown);
        if (energy < lowest) {
            lowest = energy;
            best = std::move(grown);
        }
    }
    return best;
}

// The same places with other elements, stretched to their bond lengths.
Cluster dressed(const Cluster& cluster, const Composition& composition) {
    Cluster result;
    double bond = 0.0;
    for (const auto& [symbol, count] : composition) {
        const int z = atomic_number(symbol);
        bond += count * gupta_parameters(z, z).r0 / static_cast<double>(cluster.elements.size());
        result.elements.insert(
            result.elements.end(), static_cast<std::size_t>(count), static_cast<std::uint8_t>(z));
    }
    const double stretch = bond / gupta_parameters(cluster.elements[0], cluster.elements[0]).r0;
    result.positions = cluster.positions;
    for (auto& position : result.positions) {
        for (auto& value : position) {
            value *= stretch;
        }
    }
    return result;
}

/// Runs jobs side by side, counts them for the progress line, and knows when time is up.
class Search {
  public:
    Search(const MinimaOptions& options,
           std::size_t total,
           const std::function<void(double, const std::string&)>& progress)
        : options_(options),
          total_(total),
          progress_(progress),
          end_(std::chrono::steady_clock::now() +
               std::chrono::milliseconds(static_cast<long>(options.minutes * 60000.0))) {}

    bool is_over() const { return std::chrono::steady_clock::now() >= end_; }

    HoppingOptions hopping(std::uint64_t salt) const {
        HoppingOptions hopping;
        hopping.hops = options_.hops;
        hopping.seed = options_.seed * 1000003 + salt;
        hopping.is_over = [this] { return is_over(); };
        return hopping;
    }

    void done(const std::string& what) {
        const std::lock_guard lock(mutex_);
        ++done_;
        if (progress_) {
            progress_(static_cast<double>(done_) / static_cast<double>(total_), what);
        }
    }

    void run(std::size_t count, const std::function<void(std::size_t)>& job) const {
        run_side_by_side(count, options_.threads, job);
    }

  private:
    const MinimaOptions& options_;
    std::size_t total_, done_ = 0;
    const std::function<void(double, const std::string&)>& progress_;
    std::chrono::steady_clock::time_point end_;
    std::mutex mutex_;
};

using Sizes = std::map<int, Minimum>;  // of one metal

// Upwards, each size from the one below and from motifs; then downwards from the one above.
void sweep_metal(const std::string& metal,
                 std::size_t index,
                 const MinimaOptions& options,
                 Search& search,
                 Sizes& minima) {
    const int z = atomic_number(metal);
    for (int n = 2; n <= options.largest && !search.is_over(); ++n) {
        std::vector<Cluster> starts = motifs(z, n);
        if (minima.count(n - 1) != 0) {
            starts.push_back(larger(minima.at(n - 1).cluster));
        }
        Minimum found = best_minimum(
            {{metal, n}}, starts, search.hopping(1000 * index + static_cast<std::size_t>(n)));
        if (!search.is_over()) {
            minima[n] = std::move(found);
        }
        search.done(metal + std::to_string(n));
    }
    for (int n = options.largest - 1; n >= 3; --n) {
        if (minima.count(n) != 0 && minima.count(n + 1) != 0) {
            Cluster start = smaller(minima.at(n + 1).cluster);
            const double energy = relax(start);
            if (energy < minima.at(n).energy - 1e-6) {
                minima[n] = {std::move(start), energy};
            }
        }
    }
}

// What another metal found may be better than what this one found itself.
void exchange_structures(std::vector<Sizes>& metals) {
    const std::vector<Sizes> found = metals;
    for (std::size_t m = 0; m < metals.size(); ++m) {
        for (auto& [n, best] : metals[m]) {
            for (std::size_t other = 0; other < metals.size(); ++other) {
                if (other == m || found[other].count(n) == 0) {
                    continue;
                }
                Cluster start = dressed(found[other].at(n).cluster, {{kMetals[m], n}});
                const double energy = relax(start);
                if (energy < best.energy - 1e-6) {
                    best = {std::move(start), energy};
                }
            }
        }
    }
}

std::vector<Composition> alloys(int largest) {
    std::vector<Composition> result;
    for (const int n : kAlloySizes) {
        for (std::size_t a = 0; a < kMetals.size() && n <= largest; ++a) {
            for (std::size_t b = a + 1; b < kMetals.size(); ++b) {
                std::vector<int> counts{1, n / 4, n / 2, n - n / 4, n - 1};
                counts.erase(std::unique(counts.begin(), counts.end()), counts.end());
                for (const int count : counts) {
                    result.push_back({{kMetals[a], count}, {kMetals[b], n - count}});
                }
            }
        }
    }
    return result;
}

BareMinimum described(const Composition& composition, const Minimum& minimum) {
    BareMinimum result;
    result.composition = composition;
    result.atoms = static_cast<int>(minimum.cluster.elements.size());
    result.energy = minimum.energy;
    result.shape = shape_of(minimum.cluster);
    return result;
}

std::string text_of(const Composition& composition) {
    std::string text;
    for (const auto& [symbol, count] : composition) {
        text += (text.empty() ? "" : ";") + symbol + ":" + std::to_string(count);
    }
    return text;
}

constexpr const char* kHeading =
    "composition,atoms,energy_ev,second_difference_ev,anisotropy,coordination,inner_share";

}  // namespace

std::vector<Cluster> motifs(int element, int atoms) {
    static const auto ico = icosahedron();
    static const auto deca = decahedron();
    static const auto crystal = fcc();
    const double half = 0.5 / std::sqrt(2.0);
    std::vector<Cluster> result;
    if (atoms <= static_cast<int>(ico.size())) {
        result.push_back(cut(ico, {0, 0, 0}, element, atoms));
    }
    result.push_back(cut(deca, {0, 0, 0}, element, atoms));
    result.push_back(cut(deca, {0, 0, 0.5}, element, atoms));
    result.push_back(cut(crystal, {0, 0, 0}, element, atoms));
    result.push_back(cut(crystal, {2 * half, 0, 0}, element, atoms));    // octahedral hole
    result.push_back(cut(crystal, {half, half, half}, element, atoms));  // tetrahedral hole
    return result;
}

std::vector<BareMinimum> bare_minima(
    const MinimaOptions& options, const std::function<void(double, const std::string&)>& progress) {
    const auto mixtures = alloys(options.largest);
    const std::size_t pure =
        kMetals.size() * static_cast<std::size_t>(std::max(options.largest - 1, 0));
    Search search(options, pure + mixtures.size(), progress);
    std::vector<Sizes> metals(kMetals.size());
    search.run(kMetals.size(),
               [&](std::size_t m) { sweep_metal(kMetals[m], m + 1, options, search, metals[m]); });
    exchange_structures(metals);

    std::vector<std::optional<Minimum>> mixed(mixtures.size());
    search.run(mixtures.size(), [&](std::size_t i) {
        if (search.is_over()) {
            return;
        }
        int n = 0;
        for (const auto& part : mixtures[i]) {
            n += part.second;
        }
        std::vector<Cluster> starts;
        for (const auto& sizes : metals) {
            if (sizes.count(n) != 0) {
                starts.push_back(dressed(sizes.at(n).cluster, mixtures[i]));
            }
        }
        Minimum found = best_minimum(mixtures[i], starts, search.hopping(100000 + i));
        if (!search.is_over()) {
            mixed[i] = std::move(found);
        }
        search.done(text_of(mixtures[i]));
    });

    std::vector<BareMinimum> result;
    for (std::size_t m = 0; m < metals.size(); ++m) {
        for (const auto& [n, minimum] : metals[m]) {
            BareMinimum row = described({{kMetals[m], n}}, minimum);
            if (metals[m].count(n - 1) != 0 && metals[m].count(n + 1) != 0) {
                row.second_difference =
                    metals[m].at(n + 1).energy + metals[m].at(n - 1).energy - 2.0 * minimum.energy;
            }
            result.push_back(std::move(row));
        }
    }
    for (std::size_t i = 0; i < mixtures.size(); ++i) {
        if (mixed[i]) {
            result.push_back(described(mixtures[i], *mixed[i]));
        }
    }
    return result;
}

void write_minima(const std::filesystem::path& file, const std::vector<BareMinimum>& minima) {
    std::ofstream out(file);
    out << kHeading << '\n';
    for (const auto& m : minima) {
        char second[32] = "";
        if (m.second_difference) {
            std::snprintf(second, sizeof(second), "%.5f", *m.second_difference);
        }
        char line[160];
        std::snprintf(line,
                      sizeof(line),
                      ",%d,%.5f,%s,%.4f,%.4f,%.4f\n",
                      m.atoms,
                      m.energy,
                      second,
                      m.shape.anisotropy,
                      m.shape.coordination,
                      m.shape.inner_share);
        out << text_of(m.composition) << line;
    }
    if (!out) {
        throw Error(file.string() + ": cannot write the minima");
    }
}

std::vector<BareMinimum> read_minima(const std::filesystem::path& file) {
    std::ifstream in(file);
    std::string line;
    if (!in || !std::getline(in, line) || line != kHeading) {
        throw InputError(
            "bad_minima",
            file.string() + ": not a table of minima; its first line must be \"" + kHeading + "\"");
    }
    std::vector<BareMinimum> minima;
    for (std::size_t number = 2; std::getline(in, line); ++number) {
        std::vector<std::string> cells;
        std::istringstream words(line);
        for (std::string cell; std::getline(words, cell, ',');) {
            cells.push_back(cell);
        }
        BareMinimum m;
        try {
            std::istringstream parts(cells.at(0));
            int atoms = 0;
            for (std::string part; std::getline(parts, part, ';');) {
                const auto colon = part.find(':');
                const int count = std::stoi(part.substr(colon + 1));
                if (colon == std::string::npos || atomic_number(part.substr(0, colon)) == 0 ||
                    count < 1) {
                    throw std::invalid_argument(part);
                }
                m.composition[part.substr(0, colon)] += count;
                atoms += count;
            }
            m.atoms = std::stoi(cells.at(1));
            m.energy = std::stod(cells.at(2));
            if (!cells.at(3).empty()) {
                m.second_difference = std::stod(cells[3]);
            }
            m.shape = {std::stod(cells.at(4)), std::stod(cells.at(5)), std::stod(cells.at(6))};
            if (atoms != m.atoms || atoms == 0) {
                throw std::invalid_argument(cells[0]);
            }
        } catch (const std::exception&) {
            throw InputError(
                "bad_minima",
                file.string() + ":" + std::to_string(number) + ": not a row of minima: " + line);
        }
        minima.push_back(std::move(m));
    }
    return minima;
}

}  // namespace cupel::pretraining
