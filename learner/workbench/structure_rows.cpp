// Folders of crystal and xyz structures into a dataset: which core gets which coordinates.
#include <algorithm>
#include <cctype>
#include <map>
#include <set>
#include <system_error>

#include <cupel/chemistry/featuriser.hpp>
#include <cupel/chemistry/structure_analysis.hpp>
#include <cupel/domain/error.hpp>
#include <cupel/workbench/structure_rows.hpp>

namespace cupel::workbench {
namespace {

bool is_structure_file(const std::filesystem::path& file) {
    std::string ending = file.extension().string();
    std::transform(ending.begin(), ending.end(), ending.begin(), [](unsigned char c) {
        return static_cast<char>(std::tolower(c));
    });
    return ending == ".cif" || ending == ".xyz" || ending == ".extxyz";
}

std::vector<std::filesystem::path> structure_files(const std::filesystem::path& folder) {
    std::error_code error;
    std::vector<std::filesystem::path> files;
    for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end;
         it.increment(error)) {
        if (is_structure_file(it->path())) {
            files.push_back(it->path());
        }
    }
    if (error) {
        throw InputError("no_folder",
                         folder.string() + ": cannot be read as a folder of CIF and xyz files: " +
                             error.message());
    }
    if (files.empty()) {
        throw InputError("no_structures", folder.string() + ": no CIF or xyz file in it");
    }
    std::sort(files.begin(), files.end());
    return files;
}

}  // namespace

PlacedStructures place_structures(Dataset& data,
                                  const std::vector<std::filesystem::path>& folders) {
    std::vector<std::filesystem::path> files;
    for (const auto& folder : folders) {
        const auto some = structure_files(folder);
        files.insert(files.end(), some.begin(), some.end());
    }
    PlacedStructures placed;
    placed.files = files.size();
    std::set<std::size_t> reported;
    for (const auto& pair : data.known) {
        reported.insert(pair.core);
    }
    std::map<std::size_t, std::string> source;  // of each core's coordinates
    std::set<learner::Pair> known(data.known.begin(), data.known.end());
    for (const auto& file : files) {
        const auto leave_out = [&](const std::string& why) {
            placed.left_out.push_back(file.string() + ": " + why);
        };
        try {
            const StructureReport report = chemistry::analyse_structure(file);
            if (report.ligands.empty()) {
                leave_out("it holds no ligands; were the R groups left out?");
                continue;
            }
            if (report.core.nuclearity() < 2) {
                leave_out("one metal atom is no cluster");
                continue;
            }
            Candidate candidate;
            candidate.core = report.core;
            candidate.ligands = report.ligands;
            const learner::Pair pair = add_candidate(data.catalogue, candidate);
            if (reported.count(pair.core) == 0 && known.insert(pair).second) {
                data.known.push_back(pair);
                ++placed.new_pairs;
            }
            const auto [first, is_first] = source.emplace(pair.core, file.filename().string());
            if (!is_first) {
                leave_out("the core " + report.core.formula() + " has coordinates from " +
                          first->second);
                continue;
            }
            const CoreGraph graph = chemistry::core_graph(report.core);
            data.catalogue.place_atoms(pair.core, graph.elements, graph.positions);
            placed.cores.push_back(pair.core);
            ++placed.used;
        } catch (const InputError& error) {
            placed.left_out.emplace_back(error.what());
        }
    }
    if (placed.cores.empty()) {
        throw InputError("no_structures",
                         "none of " + std::to_string(placed.files) +
                             " structures can be used; the first: " + placed.left_out.front());
    }
    std::sort(placed.cores.begin(), placed.cores.end());
    return placed;
}

}  // namespace cupel::workbench
