// Counts what is refused, for the audit table. Lives on the io thread.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "../ledger/ledger.hpp"

namespace cupel::controller {

/// Between two flushes it holds at most kRows rows; who comes after them is counted as "others".
class Audit {
  public:
    static constexpr std::size_t kRows = 256;

    explicit Audit(Ledger& ledger) : ledger_(ledger) {}
    /// `client` is a name of the allow-list, or begins with "key " for a key that is not on it.
    void refused(const std::string& client, const std::string& code, const std::string& what);
    /// Hands what was counted to the ledger.
    void flush();

  private:
    struct Count {
        std::int64_t count = 0;
        std::string last;
    };
    Ledger& ledger_;
    std::map<std::vector<std::string>, Count> counts_;  ///< by minute, client, code
};

}  // namespace cupel::controller
