// Walks the history of a store and holds it against the tables beside it.
#include <map>

#include <nlohmann/json.hpp>

#include <cupel/controller/store_check.hpp>
#include <cupel/domain/vocabulary.hpp>

#include "../campaign/records.hpp"
#include "blob_store.hpp"
#include "epoch_file.hpp"
#include "projection.hpp"
#include "store_files.hpp"
#include "store_impl.hpp"

namespace cupel::controller {
namespace {

using Json = nlohmann::json;

void add_to(std::vector<std::string>& problems, std::string text) {
    constexpr std::size_t kEnough = 20;
    if (problems.size() < kEnough) {
        problems.push_back(std::move(text));
    }
}

void add_problem(VerifyReport& report, std::string text) {
    add_to(report.problems, std::move(text));
}

/// One pass over the events; what they tell is kept to be compared with the projections.
class HistoryCheck {
  public:
    explicit HistoryCheck(VerifyReport& report) : report_(report) {}

    void hear(const Event& event) {
        ++report_.events;
        const std::string where = "event " + std::to_string(event.gseq);
        if (event.gseq != gseq_ + 1) {
            problem(where + ": gseq follows " + std::to_string(gseq_));
        }
        std::int64_t& seq = seqs_[event.campaign];
        if (event.seq != seq + 1) {
            problem(where + ": seq " + std::to_string(event.seq) + " of " + event.campaign +
                    " follows " + std::to_string(seq));
        }
        if (event.chain != chain_hash(chain_, event)) {
            problem(where + ": its hash does not fit the row and its predecessor");
        }
        gseq_ = event.gseq;
        seq = event.seq;
        chain_ = event.chain;
        remember(event, where);
    }

    void compare_proposals(const std::vector<ProposalStateRow>& rows) {
        compare("proposal", proposals_, rows);
        report_.proposals = static_cast<std::int64_t>(rows.size());
    }

    void compare_campaigns(const std::vector<ProjectionRow>& rows) {
        std::vector<ProposalStateRow> states;
        for (const auto& row : rows) {
            try {
                states.push_back(
                    {row.id, std::string(to_string(decode_campaign_record(row.record).state))});
            } catch (const InputError& error) {
                problem("campaign " + row.id + ": " + error.what());
                campaigns_.erase(row.id);
            }
        }
        compare("campaign", campaigns_, states);
        report_.campaigns = static_cast<std::int64_t>(rows.size());
    }

  private:
    void remember(const Event& event, const std::string& where) {
        const Json body = Json::parse(event.body_json, nullptr, false);
        if (!body.is_object()) {
            problem(where + ": its body is no JSON object");
            return;
        }
        const auto state = body.find("state");
        if (state != body.end() && state->is_string()) {
            // An event of no proposal that names a state names its campaign's.
            auto& known = event.proposal.empty() ? campaigns_ : proposals_;
            known[event.proposal.empty() ? event.campaign : event.proposal] =
                state->get<std::string>();
        }
    }

    void compare(const std::string& what,
                 const std::map<std::string, std::string>& told,
                 const std::vector<ProposalStateRow>& rows) {
        std::map<std::string, std::string> left = told;
        for (const auto& row : rows) {
            const auto found = left.find(row.id);
            if (found == left.end()) {
                problem(what + " " + row.id + ": the history knows nothing of it");
                continue;
            }
            if (found->second != row.state) {
                problem(what + " " + row.id + ": the table says " + row.state +
                        ", the history says " + found->second);
            }
            left.erase(found);
        }
        for (const auto& [id, state] : left) {
            problem(what + " " + id + ": " + state + " in the history, missing in the table");
        }
    }

    void problem(std::string text) { add_problem(report_, std::move(text)); }

    VerifyReport& report_;
    std::int64_t gseq_ = 0;
    std::string chain_;
    std::map<std::string, std::int64_t> seqs_;
    std::map<std::string, std::string> proposals_, campaigns_;  ///< id -> last state told
};

/// SQLite's own look at the file: pages, trees, types.
void check_pages(SQLite::Database& db, VerifyReport& report) {
    guarded("check the pages", [&] {
        SQLite::Statement check(db, "PRAGMA quick_check(5)");
        while (check.executeStep()) {
            const std::string line = check.getColumn(0).getString();
            if (line != "ok") {
                add_problem(report, "SQLite finds: " + line);
            }
        }
    });
}

/// Holds every row of a table against the one that the history makes; both in order of their key.
void compare_table(const std::string& table,
                   SQLite::Database& told_db,
                   SQLite::Database& found_db,
                   VerifyReport& report) {
    const std::string sql = "SELECT * FROM " + table + " ORDER BY 1";
    SQLite::Statement told(told_db, sql);
    SQLite::Statement found(found_db, sql);
    bool more_told = told.executeStep();
    bool more_found = found.executeStep();
    while (more_told || more_found) {
        const std::string told_id = more_told ? told.getColumn(0).getString() : "";
        const std::string found_id = more_found ? found.getColumn(0).getString() : "";
        const bool extra = more_found && (!more_told || found_id < told_id);
        const bool missing = more_told && (!more_found || told_id < found_id);
        if (extra) {
            add_problem(report, table + " " + found_id + ": the history knows nothing of it");
        } else if (missing) {
            add_problem(report, table + " " + told_id + ": it is missing in the table");
        } else {
            for (int i = 1; i < told.getColumnCount(); ++i) {
                if (told.getColumn(i).getString() != found.getColumn(i).getString()) {
                    add_problem(report,
                                table + " " + found_id + ": its " + found.getColumnName(i) +
                                    " is not what the history tells");
                }
            }
        }
        more_told = extra ? more_told : told.executeStep();
        more_found = missing ? more_found : found.executeStep();
    }
}

/// Rows are durable after their files: every file of this moment's rows is there.
void check_files(Store& store, const std::filesystem::path& blobs, VerifyReport& report) {
    for (const auto& row : store.blobs()) {
        const std::string file = "file " + row.sha256 + " (" + row.name + ")";
        try {
            switch (look_at_blob(blobs, row.sha256)) {
                case BlobState::Whole:
                    break;
                case BlobState::Missing:
                    add_to(report.files, file + " is not in " + blobs.string());
                    break;
                case BlobState::Damaged:
                    add_to(report.files, file + " is damaged: its bytes are not those it had");
                    break;
            }
        } catch (const StoreError& error) {
            add_to(report.files, error.what());
        }
    }
}

}  // namespace

void Store::compare_with_history(VerifyReport& report) {
    try {
        Store told("", Mode::Write);  // a private one, gone when it is closed
        project(*this, told);
        for (const auto& table : projected_tables()) {
            compare_table(table, told.impl_->db, impl_->db, report);
        }
    } catch (const StoreError& error) {
        add_problem(report, error.what());
    } catch (const SQLite::Exception& error) {
        add_problem(report, std::string("the tables cannot be read: ") + error.what());
    }
}

VerifyReport Store::verify_history() {
    VerifyReport report;
    HistoryCheck check(report);
    for_each_event([&](const Event& event) { check.hear(event); });
    return report;
}

VerifyReport Store::verify() {
    VerifyReport report;
    check_pages(impl_->db, report);
    HistoryCheck check(report);
    for_each_event([&](const Event& event) { check.hear(event); });
    if (report.events > 0 && !meta("epoch")) {
        add_problem(report, "the store has no epoch");
    }
    const bool whole = report.ok();
    check.compare_proposals(proposal_states());
    check.compare_campaigns(campaigns());
    if (whole) {
        compare_with_history(report);
    }
    return report;
}

VerifyReport check_store(const std::filesystem::path& path, const std::filesystem::path& blobs) {
    // Read before the store: a daemon that writes meanwhile only moves the store ahead of it.
    const EpochFile::Mark beside = EpochFile(path).read();
    Store store(path, Store::Mode::Read);
    store.begin_read();
    VerifyReport report = store.verify();
    const std::int64_t last = store.head().gseq;
    const auto epoch = store.meta("epoch");
    if (!epoch && beside.gseq > last) {
        report.problems.push_back("the store is empty, but the file beside it has seen event " +
                                  std::to_string(beside.gseq) +
                                  ": the history is gone; cupel restore the last backup");
    } else if (epoch == beside.epoch && beside.gseq > last) {
        report.problems.push_back("the history ends with event " + std::to_string(last) +
                                  ", but the file beside the store has seen event " +
                                  std::to_string(beside.gseq));
    }
    const std::filesystem::path of_backup = path.string() + ".blobs";
    std::error_code none;
    check_files(store,
                blobs.empty() && std::filesystem::is_directory(of_backup, none)
                    ? of_backup
                    : blobs_beside(std::filesystem::absolute(path), blobs),
                report);
    store.rollback();
    return report;
}

}  // namespace cupel::controller
