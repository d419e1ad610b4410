// Atoms on one place: metals that share it, and atoms that only repeat another.
#include <algorithm>
#include <map>
#include <set>

#include <cupel/domain/element.hpp>

#include "disorder.hpp"

namespace cupel::chemistry {
namespace {

constexpr double kSharedSite = 0.35;  ///< angstrom between two metals on one site
constexpr double kSplitSite = 1.0;    ///< the same where together they are there once at most
constexpr double kOnePlace = 0.1;     ///< angstrom between an atom and its repetition

}  // namespace

bool share_metal_sites(Crystal& crystal, const Packing& packing, std::vector<std::string>& report) {
    // Contacts, not places in the list: a partner may be listed a cell or an operation away.
    std::map<std::size_t, std::set<std::size_t>> partners;
    for (const auto& c : packing.contacts) {
        const auto a = static_cast<std::size_t>(packing.atoms[static_cast<std::size_t>(c.a)].site);
        const auto b = static_cast<std::size_t>(packing.atoms[static_cast<std::size_t>(c.b)].site);
        const auto partial_metal = [&](std::size_t i) {
            return is_metal(crystal.sites[i].element) && crystal.sites[i].occupancy < kFull;
        };
        const double sum = crystal.sites[a].occupancy + crystal.sites[b].occupancy;
        if (c.length <= (sum <= kAtMostOne ? kSplitSite : kSharedSite) && partial_metal(a) &&
            partial_metal(b) && crystal.sites[a].element != crystal.sites[b].element) {
            partners[std::min(a, b)].insert(std::max(a, b));
        }
    }
    std::set<std::size_t> gone;
    for (const auto& [first, others] : partners) {
        Site& site = crystal.sites[first];
        if (gone.count(first) > 0) {
            continue;
        }
        for (const std::size_t n : others) {
            const Site& other = crystal.sites[n];
            if (gone.count(n) > 0 || other.element == site.element ||
                site.occupancy + other.occupancy > 1.1) {
                continue;
            }
            if (site.shared.empty()) {
                site.shared.emplace_back(site.element, site.occupancy);
            }
            site.shared.emplace_back(other.element, other.occupancy);
            site.occupancy += other.occupancy;
            gone.insert(n);
        }
        if (!site.shared.empty()) {
            std::sort(site.shared.begin(), site.shared.end(), [](const auto& a, const auto& b) {
                return a.second > b.second;
            });
            site.element = site.shared.front().first;
            site.group = 0;
            std::string parts;
            for (const auto& [element, occupancy] : site.shared) {
                parts += (parts.empty() ? "" : ", ") + std::string(element_symbol(element)) + " " +
                         occupancy_text(occupancy);
            }
            add_line(report, "site " + site.label + " is shared: " + parts + "; kept fractional");
        }
    }
    std::size_t next = 0;
    for (std::size_t i = 0; i < crystal.sites.size(); ++i) {
        if (gone.count(i) == 0) {
            if (next != i) {
                crystal.sites[next] = std::move(crystal.sites[i]);
            }
            ++next;
        }
    }
    crystal.sites.resize(next);
    return !gone.empty();
}

void leave_out_repeated(const Crystal& crystal,
                        Packing& packing,
                        std::vector<std::string>& warnings) {
    const auto site_of = [&](int i) { return packing.atoms[static_cast<std::size_t>(i)].site; };
    std::set<int> repeated;
    std::string example;
    for (const auto& c : packing.contacts) {
        const Site& a = crystal.sites[static_cast<std::size_t>(site_of(c.a))];
        const Site& b = crystal.sites[static_cast<std::size_t>(site_of(c.b))];
        // Half atoms on one place may well be two halves.
        const bool whole = a.occupancy >= kFull && b.occupancy >= kFull;
        if (c.length > kOnePlace || site_of(c.a) == site_of(c.b) || a.element != b.element ||
            a.group != b.group || a.assembly != b.assembly || !whole) {
            continue;
        }
        const int later = site_of(c.a) > site_of(c.b) ? c.a : c.b;
        packing.atoms[static_cast<std::size_t>(later)].removed = true;
        if (repeated.insert(site_of(later)).second && repeated.size() == 1) {
            example = (later == c.a ? a : b).label + " stands where " +
                      (later == c.a ? b : a).label + " is";
        }
    }
    if (!repeated.empty()) {
        warnings.push_back(std::to_string(repeated.size()) +
                           " atoms are listed more than once and counted once: " + example);
    }
}

}  // namespace cupel::chemistry
