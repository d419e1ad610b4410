// One row per client, code and minute.
#include "audit.hpp"

#include <chrono>

#include <cupel/domain/timestamp.hpp>

#include "../ledger/store.hpp"

namespace cupel::controller {

void Audit::refused(const std::string& client, const std::string& code, const std::string& what) {
    const std::string now = to_rfc3339(
        std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now()));
    std::vector<std::string> row{now.substr(0, 16) + "Z", client, code};
    if (counts_.size() >= kRows && counts_.count(row) == 0) {
        row[1] = "others";
    }
    Count& entry = counts_[row];
    ++entry.count;
    entry.last = what.substr(0, 200);
}

void Audit::flush() {
    if (counts_.empty()) {
        return;
    }
    std::vector<RefusalRow> rows;
    for (const auto& [key, entry] : counts_) {
        rows.push_back({key[0], key[1], key[2], entry.count, entry.last});
    }
    counts_.clear();
    ledger_.note_refusals(std::move(rows));
}

}  // namespace cupel::controller
