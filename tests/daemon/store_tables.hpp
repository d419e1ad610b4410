// Every row of every table of a store, so that tests can compare stores byte by byte.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <SQLiteCpp/SQLiteCpp.h>

namespace cupel::test {

using Tables = std::map<std::string, std::vector<std::string>>;

inline Tables tables_of(const std::filesystem::path& store) {
    SQLite::Database db(store.string(), SQLite::OPEN_READONLY);
    std::vector<std::string> names;
    SQLite::Statement list(db, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1");
    while (list.executeStep()) {
        names.push_back(list.getColumn(0).getString());
    }
    Tables tables;
    for (const auto& name : names) {
        auto& rows = tables[name];
        SQLite::Statement query(db, "SELECT * FROM " + name + " ORDER BY 1, 2");
        while (query.executeStep()) {
            std::string row;
            for (int i = 0; i < query.getColumnCount(); ++i) {
                const std::string text = query.getColumn(i).getString();
                row += std::to_string(text.size()) + ":" + text;
            }
            rows.push_back(row);
        }
    }
    return tables;
}

}  // namespace cupel::test
