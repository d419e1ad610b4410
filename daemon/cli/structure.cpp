// cupel structure: what a crystal or xyz structure shows, and whether it is what was asked for.
#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <cupel/chemistry/candidate_name.hpp>
#include <cupel/chemistry/structure_analysis.hpp>
#include <cupel/chemistry/structure_verdict.hpp>
#include <cupel/codec/candidate_codec.hpp>
#include <cupel/codec/structure_codec.hpp>
#include <cupel/domain/error.hpp>
#include <cupel/domain/vocabulary.hpp>

#include "commands.hpp"

namespace cupel::cli {
namespace {

using Json = nlohmann::ordered_json;
using chemistry::Abbreviations;

constexpr int kBadInput = 2;

struct StructureOptions {
    std::vector<std::string> files;
    std::string target;
    bool json = false;
};

/// A formula, a candidate as JSON, or @FILE with either in it.
Candidate read_target(std::string text, const Abbreviations& names) {
    if (!text.empty() && text.front() == '@') {
        const std::string file = text.substr(1);
        std::ifstream in(file, std::ios::binary);
        std::ostringstream all;
        all << in.rdbuf();
        if (!in) {
            throw InputError("no_file", "--target: " + file + ": cannot be read");
        }
        text = all.str();
    }
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string::npos) {
        throw InputError("bad_name", "--target: is empty");
    }
    text = text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
    try {
        return text.front() == '{' ? codec::decode_candidate(text)
                                   : chemistry::parse_candidate_name(text, names);
    } catch (const InputError& error) {
        throw InputError(error.code(), std::string("--target: ") + error.what());
    }
}

/// Names for messages; without the starter data SMILES do.
Abbreviations names_or_none() {
    try {
        return Abbreviations::standard();
    } catch (const InputError&) {
        return {};
    }
}

const char* mark(Agreement agreement) {
    return agreement == Agreement::Yes ? "yes" : agreement == Agreement::No ? "NO " : "?  ";
}

void print_verdict(const Verdict& verdict) {
    std::printf("  verdict   %s\n", verdict.text.c_str());
    for (const auto& field : verdict.fields) {
        std::printf(
            "    %s %-13s %s\n", mark(field.agreement), field.field.c_str(), field.text.c_str());
    }
    if (!verdict.confirmed) {
        std::printf("    as a label for the target this counts %.2g\n", verdict.target_grade);
    }
}

void print_report(const StructureReport& report, const Abbreviations& names) {
    Candidate found;
    found.core = report.core;
    found.ligands = report.ligands;
    found.charge = report.charge;
    std::printf("%s%s\n",
                report.file.c_str(),
                report.block.empty() ? "" : (" (block " + report.block + ")").c_str());
    std::printf("  cluster   %s%s, %d atoms\n",
                chemistry::short_name(found, names).c_str(),
                report.ligands_undecided ? " and more ligands" : "",
                report.cluster_atoms);
    std::printf(
        "  core      %s, hydrides %s\n",
        report.core.formula().c_str(),
        report.core.hydrides ? std::to_string(*report.core.hydrides).c_str() : "not determined");
    for (const auto& [ligand, count] : report.ligands) {
        const std::string name = names.name_of(ligand.smiles);
        std::printf("  ligand    %d x %s%s, %s   %s\n",
                    count,
                    name.empty() ? "" : (name + " ").c_str(),
                    ligand.formula.c_str(),
                    ligand.donor_class.c_str(),
                    ligand.smiles.c_str());
    }
    if (report.ligands_undecided) {
        std::printf("  ligand    and some whose alternatives could not be told apart\n");
    }
    if (report.charge) {
        std::printf("  charge    %+d, from the counter-ions\n", *report.charge);
    } else {
        std::printf("  charge    not determined\n");
    }
    for (const auto& other : report.other) {
        std::printf("  beside    %d x %s (%s)\n",
                    other.count,
                    other.formula.c_str(),
                    other.role == "counterion" ? "counter-ion" : other.role.c_str());
    }
    for (const auto& line : report.disorder) {
        std::printf("  disorder  %s\n", line.c_str());
    }
    for (const auto& line : report.warnings) {
        std::printf("  warning   %s\n", line.c_str());
    }
    if (report.verdict) {
        print_verdict(*report.verdict);
    }
}

void run(const StructureOptions& options) {
    const Abbreviations names =
        options.target.empty() ? names_or_none() : Abbreviations::standard();
    const auto target =
        options.target.empty() ? std::nullopt : std::optional(read_target(options.target, names));
    Json answers = Json::array();
    bool failed = false;
    for (const auto& file : options.files) {
        try {
            const auto report =
                target
                    ? chemistry::judge_best(
                          chemistry::analyse_blocks(file, chemistry::Clusters::All), *target, names)
                    : chemistry::analyse_structure(file);
            if (options.json) {
                answers.push_back(Json::parse(codec::encode(report)));
            } else {
                print_report(report, names);
            }
        } catch (const InputError& error) {
            failed = true;
            if (options.json) {
                answers.push_back(
                    {{"file", file}, {"error", {{"code", error.code()}, {"text", error.what()}}}});
            } else {
                std::fflush(stdout);
                std::fprintf(stderr, "cupel: %s\n", error.what());
            }
        }
    }
    if (options.json) {
        const Json& out = options.files.size() == 1 ? answers.front() : answers;
        std::cout << out.dump(-1, ' ', false, Json::error_handler_t::replace) << "\n";
    }
    std::fflush(stdout);
    if (failed) {
        throw CLI::RuntimeError(kBadInput);
    }
}

}  // namespace

void add_structure(CLI::App& app) {
    auto options = std::make_shared<StructureOptions>();
    auto* command = app.add_subcommand(
        "structure", "analyse crystal or xyz structures; compare them with a target");
    command->add_option("files", options->files, "CIF, xyz or extended xyz files")->required();
    command->add_option(
        "--target", options->target, "what it should be: a formula, a candidate as JSON, or @FILE");
    command->add_flag("--json", options->json, "one object per file, an array for several");
    command->footer("example: cupel structure crystal.cif --target \"[Au25(PET)18]-\"");
    command->callback([options] { run(*options); });
}

}  // namespace cupel::cli
