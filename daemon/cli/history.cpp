// cupel rebuild, backup, restore, export, import: the history of a store and its copies.
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <cupel/controller/store_backup.hpp>
#include <cupel/controller/store_export.hpp>
#include <cupel/controller/store_rebuild.hpp>
#include <cupel/domain/error.hpp>

#include "commands.hpp"
#include "id_match.hpp"
#include "store_options.hpp"

namespace cupel::cli {
namespace {

using Json = nlohmann::ordered_json;

struct HistoryOptions : StoreOptions {
    std::string target;  ///< the backup, the export
};

void say(bool json, const Json& result, const std::string& text) {
    std::cout << (json ? result.dump() + "\n" : text) << std::flush;
}

std::string counts(const controller::VerifyReport& report) {
    return std::to_string(report.events) + " events, " + std::to_string(report.campaigns) +
           " campaigns, " + std::to_string(report.proposals) + " proposals";
}

template <typename Report>
std::string file_lines(const Report& report) {
    std::string text;
    for (const auto& hash : report.missing) {
        text += "  MISSING file " + hash + ": the store names it, no folder has it\n";
    }
    for (const auto& hash : report.damaged) {
        text += "  DAMAGED file " + hash + ": its bytes are not those it had\n";
    }
    return text;
}

Json counted(const std::string& store, const controller::VerifyReport& report) {
    return {{"store", store},
            {"events", report.events},
            {"campaigns", report.campaigns},
            {"proposals", report.proposals}};
}

/// The copy stands; what was wrong before it was made is still said, and ends with 1.
void require_whole(const std::string& what, const controller::VerifyReport& report) {
    if (!report.ok()) {
        throw Error(what + ": it was copied as it is, and it is damaged: " +
                    report.problems.front() + "; cupel verify lists more");
    }
}

/// A copy that lacks files is no copy to rely on: it ends with 1 as well.
template <typename Report>
void require_files(const std::string& what, const Report& report) {
    const std::size_t count = report.missing.size() + report.damaged.size();
    if (count > 0) {
        throw Error(what + ": the history was copied, but " + std::to_string(count) +
                    (count == 1 ? " file of a result was" : " files of results were") +
                    " not; find it in the .blobs folder of an earlier backup, by its hash");
    }
}

void rebuild(const HistoryOptions& options) {
    const auto store = options.store_path();
    const auto report = controller::rebuild_store(store);
    Json result = counted(store.string(), report.now);
    result["kept"] = report.kept.string();
    say(options.json,
        result,
        store.string() + ": made anew from its history: " + counts(report.now) +
            "\n  the old one is kept as " + report.kept.string() + "\n");
    require_whole(store.string(), report.now);
}

void backup(const HistoryOptions& options) {
    const auto report =
        controller::backup_store(options.store_path(), options.blobs_path(), options.target);
    Json result{{"file", options.target},
                {"events", report.check.events},
                {"campaigns", report.check.campaigns},
                {"proposals", report.check.proposals},
                {"files", report.files},
                {"file_bytes", report.bytes},
                {"missing", report.missing},
                {"damaged", report.damaged}};
    say(options.json,
        result,
        options.target + ": " + counts(report.check) + "; " + std::to_string(report.files) +
            " files in " + options.target + ".blobs\n" + file_lines(report));
    require_whole(options.target, report.check);
    require_files(options.target, report);
}

std::string lost_lines(const controller::RestoreReport& report) {
    if (report.lost_is_unknown) {
        return "  no store was there that can be read and goes on from the backup: what was "
               "started "
               "since is not\n  known; campaigns wait for cupel campaign resume: look at the bench "
               "first\n";
    }
    std::string text;
    for (const auto& one : report.lost) {
        text += "  " + short_id(one.proposal) + " " + one.name + " of " + one.campaign +
                " was started after the backup (" + one.state + "): it will be UNKNOWN" +
                (one.in_backup ? "\n" : ", carried over from the store that was there\n");
    }
    return text;
}

void restore(const HistoryOptions& options) {
    const auto store = options.store_path();
    const auto report = controller::restore_store(options.target, store, options.blobs_path());
    Json lost = Json::array();
    for (const auto& one : report.lost) {
        lost.push_back({{"proposal", one.proposal},
                        {"campaign", one.campaign},
                        {"name", one.name},
                        {"state", one.state},
                        {"in_backup", one.in_backup}});
    }
    Json result = counted(store.string(), report.check);
    result["kept"] = report.kept.empty() ? Json(nullptr) : Json(report.kept.string());
    result["missing"] = report.missing;
    result["damaged"] = report.damaged;
    result["started_since"] = report.lost_is_unknown ? Json(nullptr) : lost;
    say(options.json,
        result,
        store.string() + ": restored: " + counts(report.check) + "\n" +
            (report.kept.empty() ? "" : "  the old one is kept as " + report.kept.string() + "\n") +
            file_lines(report) + lost_lines(report) +
            "  next: start cupeld; campaigns are RESTORED, what was out is UNKNOWN until its "
            "worker reports or\n  cupel resolve settles it; then they go on, or at once by cupel "
            "campaign resume\n");
}

bool ends_with(const std::string& text, const std::string& end) {
    return text.size() >= end.size() &&
           text.compare(text.size() - end.size(), end.size(), end) == 0;
}

void write_export(const HistoryOptions& options) {
    const bool only_events = ends_with(options.target, ".jsonl");
    const auto report =
        only_events
            ? controller::export_events(options.store_path(), options.target)
            : controller::export_store(options.store_path(), options.blobs_path(), options.target);
    say(options.json,
        {{"export", options.target},
         {"events", report.events},
         {"files", report.files},
         {"missing", report.missing},
         {"damaged", report.damaged}},
        options.target + ": " + std::to_string(report.events) + " events" +
            (only_events ? "\n" : ", " + std::to_string(report.files) + " files\n") +
            file_lines(report));
    require_whole(options.target, report.history);
    require_files(options.target, report);
}

void read_export(const HistoryOptions& options) {
    const auto store = options.store_path();
    const auto report = controller::import_store(options.target, store, options.blobs_path());
    Json result = counted(store.string(), report.check);
    result["missing"] = report.missing;
    result["damaged"] = report.damaged;
    say(options.json,
        result,
        store.string() + ": imported: " + counts(report.check) + "\n" + file_lines(report) +
            "  next: start cupeld; it is a restored store, as after cupel restore\n");
    require_whole(store.string(), report.check);
}

void add_command(CLI::App& app,
                 const char* verb,
                 const char* what,
                 const char* target,
                 const char* example,
                 void (*act)(const HistoryOptions&)) {
    auto options = std::make_shared<HistoryOptions>();
    auto* command = app.add_subcommand(verb, what);
    if (target != nullptr) {
        command->add_option("target", options->target, target)->required()->check(file_name());
    }
    add_store_options(*command, *options);
    command->footer(std::string("example: ") + example);
    command->callback([options, act] { act(*options); });
}

}  // namespace

void add_history(CLI::App& app) {
    add_command(app,
                "rebuild",
                "make the tables of a store anew from its history; its daemon must be stopped",
                nullptr,
                "cupel rebuild --config cupeld.toml",
                rebuild);
    add_command(app,
                "backup",
                "copy a store beside its running daemon",
                "file to make; the files of results go into FILE.blobs",
                "cupel backup cupel-monday.db --config cupeld.toml",
                backup);
    add_command(app,
                "restore",
                "put a backup in the place of a store; its daemon must be stopped",
                "file that cupel backup made",
                "cupel restore cupel-monday.db --config cupeld.toml",
                restore);
    add_command(app,
                "export",
                "write the whole history as JSON lines, with its files",
                "folder to make; a name that ends with .jsonl: only the events",
                "cupel export gold-campaign --config cupeld.toml",
                write_export);
    add_command(app,
                "import",
                "make a store from an export",
                "folder that cupel export made",
                "cupel import gold-campaign --store new/cupel.db",
                read_export);
}

}  // namespace cupel::cli
