// Rows of a benchmark: medians of several runs with their spread, beside a target and a limit.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace cupel::bench {

/// Median and the range of several runs.
struct Spread {
    double median = 0.0, low = 0.0, high = 0.0;
};
Spread spread_of(std::vector<double> values);
/// Seconds of `runs` runs after one that is not counted.
Spread seconds(int runs, const std::function<void()>& job);
/// `work` over each: a rate of a time.
Spread rate(double work, const Spread& time);

struct Row {
    std::string what, unit;
    Spread value;
    bool measured = true;
    std::string target;  ///< in words, empty = none
    bool met = true;
    std::string limit;   ///< the machine's own limit, in words
    double share = 0.0;  ///< of that limit; 0 = not said
    std::string note;
};

class BenchTable {
  public:
    /// A fact about the machine or the run.
    void fact(const std::string& name, const std::string& value);
    /// Keeps the row and prints it at once.
    void add(const Row& row);
    std::string json() const;

  private:
    std::vector<std::pair<std::string, std::string>> facts_;
    std::vector<Row> rows_;
};

/// A number with three figures.
std::string figure(double value);

}  // namespace cupel::bench
