// Rigid ligands roll over the core and turn about their donors until no penalty is left.
#include "ligand_shell.hpp"

#include <algorithm>

#include <cupel/domain/element.hpp>

namespace cupel::simulator {
namespace {

constexpr int kFirstPoses = 30;  ///< poses compared when a ligand is first set down
constexpr int kSweeps = 80;
constexpr int kMoves = 14;  ///< proposals for each clashing ligand of a sweep
constexpr double kDegree = 0.017453292519943295;
constexpr double kTurn = 6.283185307179586;

// Distances kept above the sum of covalent radii, angstrom.
constexpr double kMetalDonor = -0.12;
constexpr double kMetalOther = 0.7;
constexpr double kAnionAny = 0.8;

/// A ligand where it stands.
struct Body {
    const Conformers* kind = nullptr;
    std::vector<Vec3> at;
    Vec3 centre{};
    double radius = 0.0;
    Vec3 host{};     ///< the metal its anchor binds
    int anchor = 0;  ///< index of the binding donor
    double penalty = 0.0;
};

void measure(Body& body) {
    body.centre = {};
    for (const auto& p : body.at) {
        body.centre = body.centre + p;
    }
    body.centre = (1.0 / static_cast<double>(body.at.size())) * body.centre;
    body.radius = 0.0;
    for (const auto& p : body.at) {
        body.radius = std::max(body.radius, distance(p, body.centre));
    }
}

double squared_shortfall(double needed, double apart) {
    const double shortfall = std::max(0.0, needed - apart);
    return shortfall * shortfall;
}

class Shell {
  public:
    Shell(const Cluster& cluster, double clearance, Random& random, WorkBudget& budget)
        : core_(cluster.atoms()), clearance_(clearance), random_(random), budget_(budget) {
        for (const auto& atom : core_) {
            reach_ = std::max(reach_, norm(atom.at));
            core_radii_.push_back(covalent_radius(atom.element));
            if (atom.owner == kMetal) {
                hosts_.push_back(&atom);
            }
        }
    }

    void set_down(const Conformers& kind) {
        Body best;
        double best_score = 1e300;
        for (int i = 0; i < kFirstPoses; ++i) {
            Body body = fresh_pose(kind);
            body.penalty = penalty(body, bodies_.size());
            // A chelate is worth a little strain.
            const double score = body.penalty - 0.4 * (grip(body) - 1);
            if (score < best_score) {
                best_score = score;
                best = std::move(body);
            }
        }
        bodies_.push_back(std::move(best));
    }

    /// True when no penalty is left.
    bool settle() {
        constexpr int kPatience = 12;  ///< sweeps within which a fifth of the penalty must go
        double milestone = 1e300;
        int milestone_sweep = 0;
        for (int sweep = 0; sweep < kSweeps; ++sweep) {
            double total = 0.0;
            for (std::size_t i = 0; i < bodies_.size(); ++i) {
                bodies_[i].penalty = penalty(bodies_[i], i);
                if (bodies_[i].penalty > 0.0) {
                    improve(i, sweep);
                }
                total += bodies_[i].penalty;
            }
            if (total == 0.0) {
                return true;
            }
            if (total < 0.8 * milestone) {
                milestone = total;
                milestone_sweep = sweep;
            }
            if (sweep - milestone_sweep >= kPatience || budget_.pairs_left < 0.0) {
                return false;
            }
        }
        return false;
    }

    void give_to(Cluster& cluster) const {
        for (std::size_t i = 0; i < bodies_.size(); ++i) {
            const Body& body = bodies_[i];
            for (std::size_t k = 0; k < body.at.size(); ++k) {
                cluster.add({body.kind->elements[k],
                             body.at[k],
                             static_cast<int>(i),
                             body.kind->is_donor[k] != 0});
            }
        }
    }

  private:
    void improve(std::size_t i, int sweep) {
        for (int k = 0; k < kMoves && bodies_[i].penalty > 0.0; ++k) {
            // New places early, small corrections later.
            const bool jump = random_.uniform() < (sweep < 10 ? 0.4 : 0.1);
            Body moved = jump ? fresh_pose(*bodies_[i].kind) : nudged(bodies_[i]);
            moved.penalty = penalty(moved, i);
            if (moved.penalty < bodies_[i].penalty) {
                bodies_[i] = std::move(moved);
            }
        }
    }

    /// A random place on the core, the donor's bonds pointing outwards.
    Body fresh_pose(const Conformers& kind) {
        Body body;
        body.kind = &kind;
        const std::size_t which = random_.index(kind.donors.size());
        body.anchor = kind.donors[which];
        const double radius = kind.radii[static_cast<std::size_t>(body.anchor)];
        Vec3 out{};
        Vec3 donor_at{};
        // Buried sites are dropped before any atom of the ligand is turned.
        for (int i = 0; i < 20; ++i) {
            const ClusterAtom& host = *hosts_[random_.index(hosts_.size())];
            out = random_.direction();
            body.host = host.at;
            donor_at = host.at + (radius + covalent_radius(host.element)) * out;
            if (core_penalty(radius, true, donor_at) < 0.01) {
                break;
            }
        }
        const auto& shape = kind.shapes[random_.index(kind.shapes.size())];
        const Vec3 origin = shape[static_cast<std::size_t>(body.anchor)];
        Vec3 sum{};
        for (const int i : kind.bonded[static_cast<std::size_t>(body.anchor)]) {
            sum = sum + unit(shape[static_cast<std::size_t>(i)] - origin);
        }
        const Vec3 from = unit(sum);
        const Vec3 side = turned(perpendicular(out), out, random_.uniform(0.0, kTurn));
        const Vec3 to = turned(out, side, tilt(kind, which));
        const double sine = norm(cross(from, to));
        const Vec3 axis = sine < 1e-6 ? perpendicular(from) : (1.0 / sine) * cross(from, to);
        const double angle = std::atan2(sine, dot(from, to));
        const double spin = random_.uniform(0.0, kTurn);
        body.at.reserve(shape.size());
        for (const auto& p : shape) {
            body.at.push_back(donor_at + turned(turned(p - origin, axis, angle), to, spin));
        }
        measure(body);
        return body;
    }

    /// Angle between the metal-donor line and the donor's bonds: near 75 degrees for a bent M-S-C,
    /// none end-on.
    double tilt(const Conformers& kind, std::size_t which) {
        const auto donor = static_cast<std::size_t>(kind.donors[which]);
        if (kind.linear[which]) {
            return random_.uniform(0.0, 8.0) * kDegree;
        }
        const bool bent = kind.bonded[donor].size() == 1 && kind.elements[donor] != 6;
        return (bent ? random_.uniform(20.0, 78.0) : random_.uniform(0.0, 18.0)) * kDegree;
    }

    /// Rolled about its metal and turned about its donor; the metal-donor distance stands.
    Body nudged(const Body& body) {
        Body moved = body;
        const double scale = random_.uniform() < 0.5 ? 25.0 : 6.0;
        const Vec3 roll_axis = random_.direction();
        const Vec3 turn_axis = random_.direction();
        const double roll = random_.uniform(-scale, scale) * kDegree;
        const double turn = random_.uniform(-2.0 * scale, 2.0 * scale) * kDegree;
        const Vec3 donor =
            body.host +
            turned(body.at[static_cast<std::size_t>(body.anchor)] - body.host, roll_axis, roll);
        for (auto& p : moved.at) {
            const Vec3 rolled = body.host + turned(p - body.host, roll_axis, roll);
            p = donor + turned(rolled - donor, turn_axis, turn);
        }
        measure(moved);
        return moved;
    }

    double core_penalty(double radius, bool donor, const Vec3& at) const {
        double sum = 0.0;
        if (norm(at) > reach_ + 4.5) {
            return sum;
        }
        for (std::size_t i = 0; i < core_.size(); ++i) {
            const ClusterAtom& atom = core_[i];
            const double gap = atom.owner == kAnion ? kAnionAny : donor ? kMetalDonor : kMetalOther;
            const double needed = radius + core_radii_[i] + gap;
            const Vec3 apart = at - atom.at;
            const double squared = dot(apart, apart);
            if (squared < needed * needed) {
                sum += squared_shortfall(needed, std::sqrt(squared));
            }
        }
        return sum;
    }

    double pair_penalty(const Body& a, const Body& b) {
        constexpr double kLongest = 4.0;
        double sum = 0.0;
        if (distance(a.centre, b.centre) > a.radius + b.radius + kLongest) {
            return sum;
        }
        const double reach = b.radius + kLongest;
        for (std::size_t i = 0; i < a.at.size(); ++i) {
            const Vec3 from_centre = a.at[i] - b.centre;
            if (dot(from_centre, from_centre) > reach * reach) {
                continue;
            }
            const double own = a.kind->radii[i] + clearance_;
            budget_.pairs_left -= static_cast<double>(b.at.size());
            for (std::size_t j = 0; j < b.at.size(); ++j) {
                const double needed = own + b.kind->radii[j];
                const Vec3 apart = a.at[i] - b.at[j];
                const double squared = dot(apart, apart);
                if (squared < needed * needed) {
                    sum += squared_shortfall(needed, std::sqrt(squared));
                }
            }
        }
        return sum;
    }

    /// Of a body that stands, or would stand, at place `self`.
    double penalty(const Body& body, std::size_t self) {
        double sum = 0.0;
        budget_.pairs_left -= static_cast<double>(body.at.size() * core_.size());
        for (std::size_t i = 0; i < body.at.size(); ++i) {
            sum += core_penalty(body.kind->radii[i], body.kind->is_donor[i] != 0, body.at[i]);
        }
        for (std::size_t i = 0; i < bodies_.size(); ++i) {
            if (i != self) {
                sum += pair_penalty(body, bodies_[i]);
            }
        }
        return sum;
    }

    /// Number of donors within bonding distance of a metal.
    int grip(const Body& body) const {
        int bound = 0;
        for (const int donor : body.kind->donors) {
            const double own = body.kind->radii[static_cast<std::size_t>(donor)];
            bound += std::any_of(hosts_.begin(), hosts_.end(), [&](const ClusterAtom* metal) {
                return distance(body.at[static_cast<std::size_t>(donor)], metal->at) <
                       own + covalent_radius(metal->element) + 0.2;
            });
        }
        return bound;
    }

    std::vector<ClusterAtom> core_;
    std::vector<double> core_radii_;
    double clearance_;
    Random& random_;
    WorkBudget& budget_;
    std::vector<const ClusterAtom*> hosts_;
    double reach_ = 0.0;
    std::vector<Body> bodies_;
};

}  // namespace

bool dock_all(Cluster& cluster,
              const std::vector<const Conformers*>& order,
              double clearance,
              Random& random,
              WorkBudget& budget) {
    Shell shell(cluster, clearance, random, budget);
    for (const auto* kind : order) {
        shell.set_down(*kind);
    }
    if (!shell.settle()) {
        return false;
    }
    shell.give_to(cluster);
    return true;
}

}  // namespace cupel::simulator
