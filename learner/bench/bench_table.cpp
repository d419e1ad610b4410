// Printing of benchmark rows as text and JSON.
#include "bench_table.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <utility>

namespace cupel::bench {

Spread spread_of(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    const std::size_t n = values.size();
    return {n % 2 == 1 ? values[n / 2] : 0.5 * (values[n / 2 - 1] + values[n / 2]),
            values.front(),
            values.back()};
}

Spread seconds(int runs, const std::function<void()>& job) {
    std::vector<double> values;
    for (int i = 0; i <= runs; ++i) {
        const auto start = std::chrono::steady_clock::now();
        job();
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
        if (i > 0) {
            values.push_back(took.count());
        }
    }
    return spread_of(std::move(values));
}

Spread rate(double work, const Spread& time) {
    return {work / time.median, work / time.high, work / time.low};
}

std::string figure(double value) {
    char text[32];
    std::snprintf(text, sizeof(text), "%.3g", value);
    return text;
}

void BenchTable::fact(const std::string& name, const std::string& value) {
    facts_.emplace_back(name, value);
    std::printf("%s: %s\n", name.c_str(), value.c_str());
    std::fflush(stdout);
}

void BenchTable::add(const Row& row) {
    rows_.push_back(row);
    std::string line = row.what + ": ";
    if (row.measured) {
        line += figure(row.value.median) + " " + row.unit + " (" + figure(row.value.low) + " to " +
                figure(row.value.high) + ")";
    } else {
        line += row.note;
    }
    if (!row.target.empty()) {
        line += "; target " + row.target +
                (row.measured ? (row.met ? ": met" : ": NOT met") : std::string());
    }
    if (!row.limit.empty()) {
        line += "; limit " + row.limit;
        if (row.share > 0.0) {
            line += " (" + figure(100.0 * row.share) + " % of it)";
        }
    }
    if (row.measured && !row.note.empty()) {
        line += "; " + row.note;
    }
    std::printf("%s\n", line.c_str());
    std::fflush(stdout);
}

namespace {

std::string quoted(const std::string& text) {
    std::string result = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            result += '\\';
        }
        result += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
    return result + "\"";
}

std::string number(double value) {
    char text[40];
    std::snprintf(text, sizeof(text), "%.6g", value);
    return text;
}

}  // namespace

std::string BenchTable::json() const {
    std::string text = "{\"machine\":{";
    for (std::size_t i = 0; i < facts_.size(); ++i) {
        text += (i > 0 ? "," : "") + quoted(facts_[i].first) + ":" + quoted(facts_[i].second);
    }
    text += "},\"rows\":[";
    for (std::size_t i = 0; i < rows_.size(); ++i) {
        const Row& row = rows_[i];
        text += (i > 0 ? ",\n" : "\n") + std::string("{\"what\":") + quoted(row.what);
        if (row.measured) {
            text += ",\"median\":" + number(row.value.median) +
                    ",\"low\":" + number(row.value.low) + ",\"high\":" + number(row.value.high) +
                    ",\"unit\":" + quoted(row.unit);
        }
        if (!row.target.empty()) {
            text += ",\"target\":" + quoted(row.target);
            if (row.measured) {
                text += std::string(",\"met\":") + (row.met ? "true" : "false");
            }
        }
        if (!row.limit.empty()) {
            text += ",\"limit\":" + quoted(row.limit);
        }
        if (row.share > 0.0) {
            text += ",\"share_of_limit\":" + number(row.share);
        }
        if (!row.note.empty()) {
            text += ",\"note\":" + quoted(row.note);
        }
        text += "}";
    }
    return text + "\n]}\n";
}

}  // namespace cupel::bench
