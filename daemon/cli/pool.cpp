// cupel pool: builds candidate pools, shows them, exports graphs.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <cupel/chemistry/candidate_name.hpp>
#include <cupel/chemistry/csv.hpp>
#include <cupel/chemistry/data_dir.hpp>
#include <cupel/chemistry/edits.hpp>
#include <cupel/chemistry/electron_count.hpp>
#include <cupel/chemistry/featuriser.hpp>
#include <cupel/chemistry/hazards.hpp>
#include <cupel/chemistry/pool.hpp>
#include <cupel/chemistry/reported_table.hpp>
#include <cupel/codec/candidate_codec.hpp>
#include <cupel/codec/pool_file.hpp>
#include <cupel/domain/error.hpp>
#include <cupel/domain/output_paths.hpp>

#include "commands.hpp"
#include "connection.hpp"
#include "pool_import.hpp"
#include "whole_file.hpp"

namespace cupel::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using chemistry::Abbreviations;
using chemistry::RejectedCandidate;

struct BuildOptions {
    std::string cores, stock, output;
    std::vector<std::string> parents, elements, allowed_hazards, forbidden;
    int min_metals = 1, max_metals = std::numeric_limits<int>::max();
    int min_charge = 0, max_charge = 0;
    double max_cost = 0.0;
    bool only_stock = false, elementary = false, include_reported = false, json = false;
    bool has_min_charge = false, has_max_charge = false, has_max_cost = false;
    std::size_t limit = 20000;
    std::uint64_t seed = 1;
};

fs::path rejected_file(const fs::path& pool) {
    fs::path path = pool;
    return path.replace_extension(".rejected.csv");
}

/// An element, a donor class, or a ligand by name, as PoolConstraints wants it.
std::string resolved(const std::string& what,
                     const Abbreviations& names,
                     const chemistry::Stock& stock) {
    const auto& classes = chemistry::donor_classes();
    if (atomic_number(what) != 0 ||
        std::find(classes.begin(), classes.end(), what) != classes.end()) {
        return what;
    }
    for (const auto& item : stock.items()) {
        if (item.name == what) {
            return item.ligand.smiles;
        }
    }
    if (const auto species = names.find(what)) {
        return species->smiles.empty() ? what : species->smiles;
    }
    throw InputError("bad_constraint",
                     "--forbid: '" + what + "' is no element, donor class or known ligand");
}

chemistry::PoolConstraints constraints_of(const BuildOptions& options,
                                          const Abbreviations& names,
                                          const chemistry::Stock& stock) {
    chemistry::PoolConstraints constraints;
    for (const auto& element : options.elements) {
        if (!is_metal(atomic_number(element)) && element != "Ge" && element != "Sn" &&
            element != "Sb") {
            throw InputError("bad_constraint", "--element: '" + element + "' is no metal");
        }
        constraints.elements.insert(element);
    }
    constraints.min_nuclearity = options.min_metals;
    constraints.max_nuclearity = options.max_metals;
    if (options.has_min_charge) {
        constraints.min_charge = options.min_charge;
    }
    if (options.has_max_charge) {
        constraints.max_charge = options.max_charge;
    }
    if (options.has_max_cost) {
        constraints.max_cost = options.max_cost;
    }
    constraints.only_stock = options.only_stock;
    std::set<std::string> allowed(options.allowed_hazards.begin(), options.allowed_hazards.end());
    for (const auto& rule : chemistry::hazard_rules()) {
        if (allowed.erase(rule.name) == 0) {
            constraints.excluded_hazards.insert(rule.name);
        }
    }
    if (!allowed.empty()) {
        throw InputError("bad_constraint",
                         "--allow-hazard: there is no rule '" + *allowed.begin() + "'");
    }
    for (const auto& pair : options.forbidden) {
        const std::size_t colon = pair.find(':');
        if (colon == std::string::npos) {
            throw InputError("bad_constraint", "--forbid: expected A:B, got '" + pair + "'");
        }
        constraints.forbidden_pairs.emplace_back(resolved(pair.substr(0, colon), names, stock),
                                                 resolved(pair.substr(colon + 1), names, stock));
    }
    return constraints;
}

/// The cores and ligand sets of a table, crossed.
void add_product(const BuildOptions& options,
                 const chemistry::PoolFilter& filter,
                 chemistry::Pool& pool) {
    std::vector<Core> cores;
    std::vector<chemistry::KnownLigandSet> sets;
    std::set<std::string> seen_cores, seen_sets;
    chemistry::ProductOptions product;
    product.limit = options.limit;
    product.seed = options.seed;
    for (const auto& row : chemistry::load_reported_table(options.cores)) {
        const Candidate& candidate = row.candidate;
        if (!options.include_reported) {
            product.reported.insert(learning_key(candidate));
        }
        if (seen_cores.insert(core_learning_key(candidate.core)).second) {
            cores.push_back(candidate.core);
            cores.back().atoms.clear();
        }
        if (seen_sets.insert(ligand_set_learning_key(candidate.ligands)).second) {
            sets.push_back({candidate.ligands, candidate.core.nuclearity()});
        }
    }
    pool = chemistry::build_product(cores, sets, filter, product);
}

void add_edits(const BuildOptions& options,
               const Abbreviations& names,
               const chemistry::PoolFilter& filter,
               chemistry::Pool& pool) {
    chemistry::EditOptions edit_options;
    edit_options.compound = !options.elementary;
    for (const auto& parent : options.parents) {
        auto edits = chemistry::edits_of(
            chemistry::parse_candidate_name(parent, names), parent, filter.stock(), edit_options);
        for (auto& candidate : edits.kept) {
            if (auto refusal = filter.check(candidate)) {
                pool.rejected.push_back({candidate.name(), std::move(*refusal)});
            } else {
                pool.candidates.push_back(std::move(candidate));
                ++pool.allowed;
            }
        }
        pool.rejected.insert(pool.rejected.end(), edits.rejected.begin(), edits.rejected.end());
    }
}

std::string pool_line(const Candidate& candidate, const chemistry::PoolFilter& filter) {
    Json json = Json::parse(codec::encode(candidate));
    json["cost"] = filter.cost(candidate);
    json["flags"] = filter.hazards(candidate);
    const auto electrons = chemistry::count_electrons(candidate);
    json["electrons"] = electrons.n ? Json(*electrons.n) : Json();
    return json.dump() + "\n";
}

std::string rejected_csv(const std::vector<RejectedCandidate>& rejected) {
    std::string text = "name,reason,text\n";
    for (const auto& [name, refusal] : rejected) {
        text += chemistry::csv_cell(name) + "," + refusal.reason + "," +
                chemistry::csv_cell(refusal.text) + "\n";
    }
    return text;
}

void check_build(const BuildOptions& options) {
    if (options.cores.empty() && options.parents.empty()) {
        throw InputError("usage", "give --cores TABLE, --parent NAME, or both");
    }
    check_outputs({{"-o", options.output, true}, {"-o", rejected_file(options.output), true}},
                  {{options.cores, "the table read by --cores"},
                   {options.stock, "the list read by --stock"}});
}

/// "12 rejected, charge 10, hazard 2"
std::string rejected_text(const std::map<std::string, std::size_t>& reasons) {
    std::size_t all = 0;
    std::string text;
    for (const auto& [reason, count] : reasons) {
        all += count;
        text += ", " + reason + " " + std::to_string(count);
    }
    return std::to_string(all) + " rejected" + text;
}

std::map<std::string, std::size_t> reasons_of(const chemistry::Pool& pool) {
    std::map<std::string, std::size_t> reasons;
    for (const auto& entry : pool.rejected) {
        ++reasons[entry.refusal.reason];
    }
    return reasons;
}

/// A pool that stands there stays; why nothing was allowed is written beside it.
[[noreturn]] void refuse_empty(const BuildOptions& options, const chemistry::Pool& pool) {
    std::string why = "; a parent needs ligands, and --stock gives what they may become";
    if (!pool.rejected.empty()) {
        write_whole(rejected_file(options.output), rejected_csv(pool.rejected));
        why = " (" + rejected_text(reasons_of(pool)) + "); " +
              rejected_file(options.output).string() + " says why";
    }
    throw InputError("no_candidates",
                     options.output + ": not written, there is no candidate for it" + why);
}

void print_build_summary(const BuildOptions& options, const chemistry::Pool& pool) {
    const auto reasons = reasons_of(pool);
    if (options.json) {
        Json json{{"pool", options.output},
                  {"candidates", pool.candidates.size()},
                  {"allowed", pool.allowed},
                  {"rejected", reasons},
                  {"rejected_file", rejected_file(options.output).string()},
                  {"seed", options.seed}};
        std::cout << json.dump() << "\n";
        return;
    }
    std::cout << options.output << ": " << pool.candidates.size() << " candidates";
    if (pool.allowed > pool.candidates.size()) {
        std::cout << " of " << pool.allowed << " allowed, drawn with seed " << options.seed
                  << " (--limit)";
    }
    std::cout << "\n"
              << rejected_text(reasons) << "\nThe rejected stand in "
              << rejected_file(options.output).string() << "; `cupel pool show " << options.output
              << " --rejected` lists them.\n";
}

void build(const BuildOptions& options) {
    check_build(options);
    const auto names = Abbreviations::standard();
    const auto stock =
        options.stock.empty() ? chemistry::Stock{} : chemistry::Stock::load(options.stock);
    for (const auto& warning : stock.warnings()) {
        std::cerr << "cupel: warning: " << warning << "\n";
    }
    const chemistry::PoolFilter filter(constraints_of(options, names, stock), stock);
    chemistry::Pool pool;
    if (!options.cores.empty()) {
        add_product(options, filter, pool);
    }
    add_edits(options, names, filter, pool);
    if (pool.candidates.empty()) {
        refuse_empty(options, pool);
    }
    std::string lines;
    std::set<std::string> keys;
    std::vector<Candidate> once;
    for (auto& candidate : pool.candidates) {
        if (keys.insert(identity_key(candidate)).second) {
            lines += pool_line(candidate, filter);
            once.push_back(std::move(candidate));
        }
    }
    pool.candidates = std::move(once);
    write_whole(options.output, lines);
    write_whole(rejected_file(options.output), rejected_csv(pool.rejected));
    print_build_summary(options, pool);
}

struct ShowOptions {
    std::string pool;
    bool rejected = false, json = false;
    std::size_t top = 20;
};

void show_rejected(const ShowOptions& options) {
    const auto table = chemistry::CsvTable::load(rejected_file(options.pool));
    std::size_t shown = 0;
    Json list = Json::array();
    for (const auto& row : table.rows()) {
        if (shown++ == options.top) {
            break;
        }
        const auto& name = table.cell(row, "name");
        const auto& reason = table.cell(row, "reason");
        const auto& text = table.cell(row, "text");
        if (options.json) {
            list.push_back({{"name", name}, {"reason", reason}, {"text", text}});
        } else {
            std::cout << reason << "\t" << name << "\t" << text << "\n";
        }
    }
    if (options.json) {
        std::cout << Json{{"rejected", table.rows().size()}, {"shown", list}}.dump() << "\n";
    } else {
        std::cout << "shown " << std::min(shown, options.top) << " of " << table.rows().size()
                  << " rejected (--top N)\n";
    }
}

void show(const ShowOptions& options) {
    if (options.rejected) {
        show_rejected(options);
        return;
    }
    std::vector<codec::PoolLine> rows;
    const std::size_t again = codec::read_pool_file(
        options.pool, [&](codec::PoolLine line) { rows.push_back(std::move(line)); });
    std::stable_sort(
        rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.cost < b.cost; });
    const std::size_t shown = std::min(options.top, rows.size());
    if (options.json) {
        Json list = Json::array();
        for (std::size_t i = 0; i < shown; ++i) {
            list.push_back(Json::parse(rows[i].json));
        }
        std::cout << Json{{"candidates", rows.size()}, {"again", again}, {"shown", std::move(list)}}
                         .dump()
                  << "\n";
        return;
    }
    const auto names = Abbreviations::standard();
    for (std::size_t i = 0; i < shown; ++i) {
        const Candidate& candidate = rows[i].candidate;
        const auto electrons = chemistry::count_electrons(candidate);
        std::printf("%7.2f  n*=%-3s  %s",
                    rows[i].cost,
                    electrons.n ? std::to_string(*electrons.n).c_str() : "?",
                    chemistry::short_name(candidate, names).c_str());
        if (candidate.edit) {
            std::string steps;
            for (const auto& step : candidate.edit->steps) {
                steps += (steps.empty() ? "" : "; ") + step;
            }
            std::printf("   {%s} of %s", steps.c_str(), candidate.edit->parent.c_str());
        }
        std::printf("\n");
    }
    std::fflush(stdout);
    std::cout << "shown " << shown << " of " << rows.size()
              << " candidates, cheapest first (--top N)"
              << (again > 0 ? "; " + std::to_string(again) + " lines name one of them again" : "")
              << "\n";
}

void export_graphs(const std::string& data, const std::string& output, bool json) {
    const fs::path table = data.empty() ? chemistry::data_dir() / "clusters.csv" : fs::path(data);
    check_nothing_overwritten({{"-o", output}}, {{table, "the table read by --data"}});
    const auto file = chemistry::graph_file_of(chemistry::load_reported_table(table));
    std::ofstream out(output, std::ios::binary);
    if (!out) {
        throw InputError("cannot_write", output + ": cannot be written");
    }
    write_graph_file(out, file);
    if (json) {
        std::cout << Json{{"graphs", output},
                          {"rows", file.rows.size()},
                          {"cores", file.cores.size()},
                          {"ligands", file.ligands.size()}}
                         .dump()
                  << "\n";
    } else {
        std::cout << output << ": " << file.rows.size() << " rows, " << file.cores.size()
                  << " cores, " << file.ligands.size() << " ligands (graphs-1)\n";
    }
}

void add_build(CLI::App& pool) {
    auto options = std::make_shared<BuildOptions>();
    auto* command = pool.add_subcommand("build", "build a candidate pool under constraints");
    command->add_option("--cores", options->cores, "table whose cores and ligand sets are crossed");
    command->add_option("--parent", options->parents, "cluster whose edits are added, by formula");
    command->add_option("--stock", options->stock, "ligands at hand: name,smiles,cost");
    command->add_option("--element", options->elements, "metal that may occur; several allowed");
    command->add_option("--min-metals", options->min_metals, "smallest nuclearity");
    command->add_option("--max-metals", options->max_metals, "largest nuclearity");
    auto* low = command->add_option("--min-charge", options->min_charge, "lowest charge");
    auto* high = command->add_option("--max-charge", options->max_charge, "highest charge");
    auto* cost = command->add_option("--max-cost", options->max_cost, "highest cost of ligands")
                     ->check(number_between(0, 1e12));
    command->add_flag("--only-stock", options->only_stock, "every ligand must be in stock");
    command->add_option("--allow-hazard",
                        options->allowed_hazards,
                        "hazard rule to lift: perchlorate, azide, fulminate, peroxide, acetylide, "
                        "carbonyl, cyanide, toxic-metal");
    command->add_option("--forbid",
                        options->forbidden,
                        "A:B must not meet; elements, donor classes or ligand names");
    command->add_flag("--elementary", options->elementary, "no compound edits");
    command->add_flag("--include-reported",
                      options->include_reported,
                      "also pairs that stand in the table of --cores");
    command->add_option("--limit", options->limit, "most candidates taken from --cores")
        ->check(number_between(1, 1e9));
    command->add_option("--seed", options->seed, "of the draw when --limit applies")
        ->check(number_between(0, 1e18));
    command->add_option("-o,--output", options->output, "pool file to write")->required();
    command->add_flag("--json", options->json, "summary as JSON");
    command->footer(
        "example: cupel pool build --parent \"[Cu20Cl(PET)12(PPh3)4(MeCOO)6]+\" --stock stock.csv "
        "-o pool.jsonl");
    command->callback([options, low, high, cost] {
        options->has_min_charge = low->count() > 0;
        options->has_max_charge = high->count() > 0;
        options->has_max_cost = cost->count() > 0;
        build(*options);
    });
}

void add_show(CLI::App& pool) {
    auto options = std::make_shared<ShowOptions>();
    auto* command = pool.add_subcommand("show", "list candidates, or those that were rejected");
    command->add_option("pool", options->pool, "pool file")->required();
    command->add_flag("--rejected", options->rejected, "list rejections with their reasons");
    command->add_option("--top", options->top, "how many to list (20)");
    command->add_flag("--json", options->json, "as JSON");
    command->footer("example: cupel pool show pool.jsonl --rejected --top 50");
    command->callback([options] { show(*options); });
}

void add_export(CLI::App& pool) {
    struct ExportOptions {
        std::string data, output;
        bool json = false;
    };
    auto options = std::make_shared<ExportOptions>();
    auto* command = pool.add_subcommand("export", "write a table as graphs (graphs-1)");
    command->add_option("--data", options->data, "table (default: the starter facts)");
    command->add_option("-o,--output", options->output, "file to write")->required();
    command->add_flag("--json", options->json, "summary as JSON");
    command->footer("example: cupel pool export -o graphs.txt");
    command->callback([options] { export_graphs(options->data, options->output, options->json); });
}

}  // namespace

void add_pool(CLI::App& app) {
    auto* pool = app.add_subcommand("pool", "candidate pools: build, show, import, export");
    pool->require_subcommand(1);
    add_build(*pool);
    add_show(*pool);
    add_pool_import(*pool);
    add_export(*pool);
}

}  // namespace cupel::cli
