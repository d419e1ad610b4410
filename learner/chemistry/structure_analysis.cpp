// The steps of structure analysis in their order, and the checks that become warnings.
#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <map>
#include <memory>
#include <set>

#include <cupel/chemistry/plain_text.hpp>
#include <cupel/chemistry/structure_analysis.hpp>
#include <cupel/domain/error.hpp>

#include "cluster_parts.hpp"
#include "crystal.hpp"
#include "molecules.hpp"
#include "packing.hpp"
#include "species.hpp"

namespace cupel::chemistry {
namespace {

constexpr double kWhole = 0.05;          ///< an average so near a whole number is that number
constexpr std::size_t kMaxClusters = 8;  ///< of one cell that are described

std::string two_digits(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.2f", value);
    return text;
}

bool says_xyz(const std::string& text, const std::string& name) {
    std::string ending = std::filesystem::path(name).extension().string();
    std::transform(ending.begin(), ending.end(), ending.begin(), [](unsigned char c) {
        return static_cast<char>(std::tolower(c));
    });
    if (ending == ".cif" || ending == ".xyz" || ending == ".extxyz") {
        return ending != ".cif";
    }
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::size_t first = text.find_first_not_of(" \t\r");
    return first < end && text.find_first_not_of("0123456789 \t\r") >= end;
}

/// One analysis; keeps what the steps share.
class Analysis {
  public:
    explicit Analysis(Crystal crystal) : crystal_(std::move(crystal)) {}

    /// The cluster with most metal first.
    std::vector<StructureReport> run(Clusters which) {
        find_all();
        const StructureReport common = report_;
        std::vector<StructureReport> reports;
        for (const Molecule* cluster : clusters_by_size(which)) {
            report_ = common;
            describe(*cluster, which);
            reports.push_back(std::move(report_));
        }
        return reports;
    }

  private:
    void find_all() {
        report_.block = crystal_.block;
        report_.warnings = crystal_.warnings;
        check_metal();
        packing_ = pack(crystal_);
        if (share_metal_sites(crystal_, packing_, report_.disorder)) {
            packing_ = pack(crystal_);
        }
        leave_out_repeated(crystal_, packing_, report_.warnings);
        weigh_contents();
        infer_groups(crystal_, packing_);
        resolve_disorder(crystal_, packing_, report_.disorder);
        leave_out_rare_metals();
        molecules_ = find_molecules(packing_);
        report_.warnings.insert(
            report_.warnings.end(), molecules_.warnings.begin(), molecules_.warnings.end());
    }

    void describe(const Molecule& cluster, Clusters which) {
        cluster_ = &cluster;
        clusters_ = static_cast<int>(std::count_if(
            molecules_.all.begin(), molecules_.all.end(), [&](const Molecule& molecule) {
                return molecule.skeleton == cluster.skeleton;
            }));
        missing_hydrogens_ = 0;
        if (which == Clusters::Largest) {
            warn_second_cluster();
        }
        if (cluster.coinage == 0) {
            report_.warnings.push_back("no Cu, Ag or Au atom in the cluster");
        }
        parts_ = take_apart(packing_, molecules_.bonds, cluster);
        describe_core();
        describe_ligands();
        describe_others();
        leave_undecided_open();
        warn();
    }

    const CellAtom& atom(int i) const { return packing_.atoms[static_cast<std::size_t>(i)]; }
    const Site& site_of(int i) const {
        return crystal_.sites[static_cast<std::size_t>(atom(i).site)];
    }
    std::string in_block() const {
        return crystal_.block.empty() ? std::string() : "block " + crystal_.block + ": ";
    }

    void check_metal() const {
        const bool metal =
            std::any_of(crystal_.sites.begin(), crystal_.sites.end(), [](const Site& site) {
                return is_metal(site.element) && !is_ion_metal(site.element);
            });
        if (!metal) {
            throw InputError("no_metal",
                             in_block() + "no Cu, Ag, Au or other metal among " +
                                 std::to_string(crystal_.sites.size()) + " atoms");
        }
    }

    /// What the cell holds by occupancy, before any alternative is left out.
    void weigh_contents() {
        for (const auto& cell_atom : packing_.atoms) {
            if (cell_atom.removed) {
                continue;
            }
            const Site& site = crystal_.sites[static_cast<std::size_t>(cell_atom.site)];
            if (site.shared.empty()) {
                contents_[std::string(element_symbol(cell_atom.element))] += cell_atom.occupancy;
            }
            for (const auto& [element, occupancy] : site.shared) {
                contents_[std::string(element_symbol(element))] += occupancy;
            }
        }
    }

    /// A metal that is more often absent than there is no part of the cluster.
    void leave_out_rare_metals() {
        std::set<int> told;
        for (auto& cell_atom : packing_.atoms) {
            if (cell_atom.removed || !is_metal(cell_atom.element) ||
                is_ion_metal(cell_atom.element) || cell_atom.occupancy >= kMostlyThere) {
                continue;
            }
            cell_atom.removed = true;
            rare_[std::string(element_symbol(cell_atom.element))] += cell_atom.occupancy;
            if (told.insert(cell_atom.site).second && told.size() <= 20) {
                tell_left_out(crystal_.sites[static_cast<std::size_t>(cell_atom.site)].label,
                              cell_atom.occupancy);
            }
        }
    }

    /// One of each composition, that with most metal first; never none.
    std::vector<const Molecule*> clusters_by_size(Clusters which) const {
        bool endless = false;
        std::vector<const Molecule*> clusters;
        for (const auto& molecule : molecules_.all) {
            endless = endless || (molecule.endless && molecule.coinage > 0);
            if (molecule.metals > 0 && !molecule.endless) {
                clusters.push_back(&molecule);
            }
        }
        const bool any_metal = std::any_of(molecules_.all.begin(),
                                           molecules_.all.end(),
                                           [](const Molecule& m) { return m.metals > 0; });
        if (!any_metal) {
            throw InputError("no_metal",
                             in_block() + "each metal atom is more often absent than there");
        }
        if (endless || clusters.empty()) {
            throw InputError("polymeric",
                             in_block() +
                                 "the metals hang together without end (a chain, a sheet "
                                 "or a framework): this is no cluster");
        }
        const auto rank = [](const Molecule* m) {
            return std::tuple(m->coinage, m->metals, m->members.size());
        };
        std::stable_sort(clusters.begin(), clusters.end(), [&](const auto* a, const auto* b) {
            return rank(a) > rank(b);
        });
        // Of equal ones that whose hydrogens were located stands first.
        std::set<Composition> seen;
        clusters.erase(
            std::remove_if(clusters.begin(),
                           clusters.end(),
                           [&](const Molecule* m) { return !seen.insert(m->skeleton).second; }),
            clusters.end());
        const std::size_t most = which == Clusters::Largest ? 1 : kMaxClusters;
        clusters.resize(std::min(clusters.size(), most));
        return clusters;
    }

    void warn_second_cluster() {
        std::set<std::string> second;
        for (const auto& molecule : molecules_.all) {
            if (molecule.coinage >= 3 && molecule.skeleton != cluster_->skeleton) {
                second.insert(hill_formula(molecule.composition));
            }
        }
        for (const auto& formula : second) {
            report_.warnings.push_back("a second cluster in the crystal, " + formula +
                                       ": the larger one is described");
        }
    }

    void add_core_atoms(const std::vector<Member>& members) {
        for (const auto& member : members) {
            report_.core.atoms.push_back(
                {atom(member.atom).element,
                 moved(packing_, atom(member.atom).place, member.shift),
                 site_of(member.atom).shared.empty() ? atom(member.atom).occupancy : 1.0});
        }
    }

    void describe_core() {
        std::map<std::string, double> shared;
        int shared_sites = 0;
        double partial = 0.0;
        Composition partial_metals;
        std::map<std::string, double> exact;
        for (const auto& member : parts_.metals) {
            const Site& site = site_of(member.atom);
            const std::string symbol(element_symbol(atom(member.atom).element));
            if (!site.shared.empty()) {
                ++shared_sites;
                double sum = 0.0;
                for (const auto& [element, occupancy] : site.shared) {
                    sum += occupancy;
                }
                for (const auto& [element, occupancy] : site.shared) {
                    shared[std::string(element_symbol(element))] += occupancy / sum;
                    exact[std::string(element_symbol(element))] += occupancy / sum;
                }
                continue;
            }
            ++report_.core.metals[symbol];
            exact[symbol] += atom(member.atom).occupancy;
            if (atom(member.atom).occupancy < kFull) {
                ++partial_metals[symbol];
                partial += atom(member.atom).occupancy;
            }
        }
        share_out(shared, shared_sites);
        for (const auto& [symbol, amount] : rare_) {
            exact[symbol] += amount / std::max(1, clusters_);
        }
        if (shared_sites > 0 || !partial_metals.empty() || !rare_.empty()) {
            tell_fractions(exact, shared_sites > 0);
        }
        if (!partial_metals.empty()) {
            report_.warnings.push_back(
                "partial occupancy in the core: " + hill_formula(partial_metals) + " at " +
                two_digits(partial) + " atoms in all");
        }
        add_core_atoms(parts_.metals);
        count_anions();
        add_core_atoms(parts_.hydrides);
        count_hydrides();
        report_.cluster_atoms = static_cast<int>(cluster_->members.size());
    }

    /// What is absent more often than there is no part of the core, as with metals.
    void count_anions() {
        std::map<std::string, double> average;
        for (const auto& [formula, members] : parts_.anions) {
            double occupancy = 0.0;
            for (const auto& member : members) {
                occupancy += atom(member.atom).occupancy / static_cast<double>(members.size());
            }
            average[formula] += occupancy;
            if (occupancy >= kMostlyThere) {
                ++report_.core.anions[formula];
                add_core_atoms(members);
            } else {
                tell_left_out(formula, occupancy);
            }
        }
        const bool whole = std::all_of(average.begin(), average.end(), [&](const auto& entry) {
            const auto counted = report_.core.anions.find(entry.first);
            const int count = counted == report_.core.anions.end() ? 0 : counted->second;
            return std::abs(entry.second - count) < kWhole;
        });
        if (!whole) {
            report_.fractional_anions = std::move(average);
        }
    }

    void tell_left_out(const std::string& what, double occupancy) {
        report_.disorder.push_back(what + " (occupancy " + two_digits(occupancy) +
                                   ") left out: it is absent more often than there");
    }

    void count_hydrides() {
        if (parts_.hydrides.empty()) {
            return;
        }
        double amount = 0.0;
        bool calculated = false;
        for (const auto& member : parts_.hydrides) {
            amount += atom(member.atom).occupancy;
            calculated = calculated || site_of(member.atom).calculated;
        }
        if (calculated) {
            report_.warnings.push_back(
                "hydrogens on metals stand at calculated places: hydrides "
                "count as not determined");
            return;
        }
        const std::size_t places = parts_.hydrides.size();
        if (std::abs(amount - std::round(amount)) < 0.1) {
            report_.core.hydrides = static_cast<int>(std::lround(amount));
        }
        if (amount < static_cast<double>(places) - 0.1) {
            report_.warnings.push_back(
                "hydrides are partly occupied: " + two_digits(amount) + " on " +
                std::to_string(places) + " places" +
                (report_.core.hydrides ? "" : "; they count as not determined"));
        }
    }

    /// Whole numbers for the sites that metals share: nearest to the refined ones, same sum.
    void share_out(const std::map<std::string, double>& shared, int sites) {
        std::vector<std::pair<double, std::string>> remainders;
        int given = 0;
        for (const auto& [symbol, amount] : shared) {
            const int whole = static_cast<int>(std::floor(amount + 1e-6));
            given += whole;
            if (whole > 0) {
                report_.core.metals[symbol] += whole;
            }
            remainders.emplace_back(amount - whole, symbol);
        }
        std::sort(remainders.rbegin(), remainders.rend());
        for (std::size_t i = 0; given < sites && i < remainders.size(); ++i, ++given) {
            ++report_.core.metals[remainders[i].second];
        }
    }

    /// Where the average is the cluster itself (an atom split over two places) nothing is told. A
    /// shared site never is: how two metals are spread over their sites is not known.
    void tell_fractions(const std::map<std::string, double>& exact, bool shared) {
        bool whole = !shared;
        std::string text;
        for (const auto& [symbol, amount] : exact) {
            const auto counted = report_.core.metals.find(symbol);
            const int count = counted == report_.core.metals.end() ? 0 : counted->second;
            whole = whole && std::abs(amount - count) < kWhole;
            text += symbol + two_digits(amount);
        }
        if (whole) {
            return;
        }
        report_.fractional_metals = exact;
        if (shared) {
            report_.warnings.push_back("metals share sites: the crystal holds " + text +
                                       " on average; whole numbers are the nearest cluster");
        }
    }

    void describe_ligands() {
        auto species = group_ligands(parts_.ligands);
        report_.ligands = std::move(species.ligands);
        report_.fractional_ligands = std::move(species.average);
        for (const auto& fragment : parts_.ligands) {
            if (fragment.occupancy < kMostlyThere) {
                tell_left_out(
                    "a ligand of " + std::to_string(fragment.atoms.size()) + " heavy atoms",
                    fragment.occupancy);
            }
        }
        missing_hydrogens_ += species.missing_hydrogens;
        report_.warnings.insert(
            report_.warnings.end(), species.warnings.begin(), species.warnings.end());
        if (parts_.waters_without_hydrogen > 0) {
            missing_hydrogens_ += 2 * parts_.waters_without_hydrogen;
            report_.warnings.push_back(std::to_string(parts_.waters_without_hydrogen) +
                                       " terminal oxygen without hydrogen taken as water");
        }
    }

    void describe_others() {
        OtherMolecules others(packing_, molecules_.bonds, clusters_);
        for (const auto& molecule : molecules_.all) {
            if (molecule.skeleton != cluster_->skeleton) {
                others.add(molecule);
            }
        }
        report_.other = others.species();
        missing_hydrogens_ += others.missing_hydrogens();
        report_.warnings.insert(
            report_.warnings.end(), others.warnings().begin(), others.warnings().end());
        if (crystal_.lattice && !crystal_.masked_solvent) {
            report_.charge = others.cluster_charge();
        }
        if (crystal_.masked_solvent) {
            report_.warnings.push_back(
                "electrons were masked out of voids: solvent and counter-ions may be missing");
        }
    }

    /// What hangs on alternatives that could not be told apart is not determined.
    void leave_undecided_open() {
        if (std::none_of(packing_.atoms.begin(), packing_.atoms.end(), [](const CellAtom& one) {
                return one.undecided;
            })) {
            return;
        }
        report_.charge.reset();
        if (std::any_of(cluster_->members.begin(), cluster_->members.end(), [&](const Member& m) {
                return atom(m.atom).undecided;
            })) {
            report_.ligands_undecided = true;
            report_.core.hydrides.reset();
        }
    }

    /// Anions and ligands that are absent now and then count as there.
    void warn_partial_ligands() {
        std::string example;
        int partial = 0;
        for (const auto& member : cluster_->members) {
            const CellAtom& one = atom(member.atom);
            if (!is_metal(one.element) && one.element != 1 && one.occupancy < kFull &&
                ++partial == 1) {
                example = site_of(member.atom).label + " at " + two_digits(one.occupancy);
            }
        }
        if (partial > 0) {
            report_.warnings.push_back("partial occupancy beside the metals: " +
                                       std::to_string(partial) + " atoms, " + example);
        }
    }

    void warn() {
        warn_partial_ligands();
        if (missing_hydrogens_ > 0) {
            report_.hydrogens_missing = true;
            report_.warnings.push_back(
                "hydrogen atoms are missing: " + std::to_string(missing_hydrogens_) +
                " completed by valence");
        }
        warn_formula();
        warn_stripped();
        warn_close_contacts();
    }

    void warn_formula() {
        const auto stated = try_parse_formula(crystal_.formula_sum);
        if (!stated || stated->empty()) {
            return;
        }
        // The formula may stand for any share of the cell: scale it by the heaviest element.
        std::string anchor;
        for (const auto& [symbol, count] : *stated) {
            if (contents_.count(symbol) > 0 &&
                (anchor.empty() || atomic_number(symbol) > atomic_number(anchor))) {
                anchor = symbol;
            }
        }
        const double scale =
            anchor.empty() ? 1.0 : contents_[anchor] / std::max(1, stated->at(anchor));
        std::set<std::string> symbols;
        for (const auto& [symbol, count] : *stated) {
            symbols.insert(symbol);
        }
        Composition found;
        for (const auto& [symbol, amount] : contents_) {
            symbols.insert(symbol);
            found[symbol] = static_cast<int>(std::lround(amount / scale));
        }
        std::string differs;
        for (const auto& symbol : symbols) {
            const auto it = stated->find(symbol);
            const double want = it == stated->end() ? 0.0 : it->second;
            const double have = contents_.count(symbol) > 0 ? contents_.at(symbol) / scale : 0.0;
            if (std::abs(want - have) > std::max(0.6, 0.01 * want)) {
                differs += (differs.empty() ? "" : ", ") + symbol;
            }
        }
        if (differs.empty()) {
            return;
        }
        report_.warnings.push_back(
            "_chemical_formula_sum says " + hill_formula(*stated) + ", the atoms give " +
            hill_formula(found) + " (" + differs +
            (differs.find(',') == std::string::npos ? " differs)" : " differ)") +
            (crystal_.sites_end_the_file ? "; the list of atoms ends the file: is it complete?"
                                         : ""));
    }

    /// Frameworks drawn without their R groups carry bare chalcogens and nothing else.
    void warn_stripped() {
        int chalcogens = 0;
        for (const char* symbol : {"S", "Se", "Te"}) {
            const auto it = report_.core.anions.find(symbol);
            chalcogens += it == report_.core.anions.end() ? 0 : it->second;
        }
        if (report_.ligands.empty() && chalcogens > 0) {
            report_.warnings.push_back(
                "no ligands, " + std::to_string(chalcogens) +
                " bare chalcogen atoms: the R groups may have been left out of the file");
        }
    }

    void warn_close_contacts() {
        constexpr std::size_t kListed = 5;
        std::size_t found = 0;
        std::set<std::pair<int, int>> told;
        for (const auto& c : packing_.contacts) {
            const bool light = atom(c.a).element == 1 || atom(c.b).element == 1;
            const double least = light ? 0.6 : shortest_bond(atom(c.a).element, atom(c.b).element);
            if (atom(c.a).removed || atom(c.b).removed || c.ratio > least ||
                !told.insert(std::minmax(atom(c.a).site, atom(c.b).site)).second) {
                continue;
            }
            if (++found <= kListed) {
                report_.warnings.push_back("close contact: " + site_of(c.a).label + " and " +
                                           site_of(c.b).label + " are " + two_digits(c.length) +
                                           " angstrom apart");
            }
        }
        if (found > kListed) {
            report_.warnings.push_back(std::to_string(found - kListed) + " more close contacts");
        }
    }

    Crystal crystal_;
    Packing packing_;
    Molecules molecules_;
    ClusterParts parts_;
    StructureReport report_;
    const Molecule* cluster_ = nullptr;
    int clusters_ = 0;  ///< copies of the cluster in the cell
    std::map<std::string, double> contents_;
    std::map<std::string, double> rare_;
    int missing_hydrogens_ = 0;
};

/// What `work` gives; its errors begin with the name of the file.
template <typename Work>
auto naming(const std::string& name, Work work) {
    try {
        return work();
    } catch (const InputError& error) {
        throw InputError(error.code(), name + ": " + error.what());
    } catch (const std::bad_alloc&) {
        throw InputError("too_large", name + ": more memory needed than there is");
    }
}

std::string text_of(const std::string& bytes) {
    if (bytes.size() > kMaxFileBytes) {
        throw InputError("too_large", "the file is larger than 64 MiB");
    }
    std::string text = plain_text(bytes);
    if (text.find_first_not_of(" \t\r\n") == std::string::npos) {
        throw InputError("not_cif", "the file is empty");
    }
    return text;
}

std::string bytes_of(const std::filesystem::path& file) {
    std::error_code ignored;
    const auto type = std::filesystem::status(file, ignored).type();
    if (type == std::filesystem::file_type::not_found) {
        throw InputError("no_file", file.string() + ": there is no such file");
    }
    if (type == std::filesystem::file_type::directory) {
        throw InputError("no_file", file.string() + ": is a folder; name a file in it");
    }
    std::ifstream in(file, std::ios::binary | std::ios::ate);
    if (!in) {
        throw InputError("no_file", file.string() + ": cannot be read: " + std::strerror(errno));
    }
    const auto size = in.tellg();
    if (size > static_cast<std::streamoff>(kMaxFileBytes)) {
        throw InputError("too_large", file.string() + ": the file is larger than 64 MiB");
    }
    std::string bytes(static_cast<std::size_t>(std::max<std::streamoff>(size, 0)), '\0');
    in.seekg(0);
    in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    bytes.resize(static_cast<std::size_t>(in.gcount()));
    return bytes;
}

template <typename Read>
BlockAnalysis analyse_block(const std::string& block,
                            const std::string& file,
                            Clusters which,
                            Read read) {
    BlockAnalysis out{block, {}, std::nullopt};
    try {
        out.clusters = naming(file, [&] { return Analysis(read()).run(which); });
    } catch (const InputError& error) {
        out.refused = error;
    }
    for (auto& report : out.clusters) {
        report.file = file;
    }
    return out;
}

}  // namespace

StructureReport analyse_structure_text(const std::string& bytes, const std::string& name) {
    return naming(name, [&] {
        const std::string text = text_of(bytes);
        Analysis analysis(says_xyz(text, name) ? read_xyz(text) : read_cif(text));
        StructureReport report = std::move(analysis.run(Clusters::Largest).front());
        report.file = name;
        return report;
    });
}

StructureReport analyse_structure(const std::filesystem::path& file) {
    return analyse_structure_text(bytes_of(file), file.string());
}

std::vector<BlockAnalysis> analyse_blocks_text(const std::string& bytes,
                                               const std::string& name,
                                               Clusters which) {
    const std::string text = naming(name, [&] { return text_of(bytes); });
    std::vector<BlockAnalysis> blocks;
    if (says_xyz(text, name)) {
        blocks.push_back(analyse_block("", name, which, [&] { return read_xyz(text); }));
    } else {
        const auto cif = naming(name, [&] { return std::make_unique<const CifFile>(text); });
        for (std::size_t i = 0; i < cif->size(); ++i) {
            blocks.push_back(
                analyse_block(cif->name(i), name, which, [&] { return cif->read(i); }));
        }
    }
    if (std::all_of(blocks.begin(), blocks.end(), [](const BlockAnalysis& block) {
            return block.refused.has_value();
        })) {
        throw InputError(*blocks.front().refused);
    }
    return blocks;
}

std::vector<BlockAnalysis> analyse_blocks(const std::filesystem::path& file, Clusters which) {
    return analyse_blocks_text(bytes_of(file), file.string(), which);
}

}  // namespace cupel::chemistry
