// The tables beside the history, made anew from it.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include <nlohmann/json.hpp>

#include "store.hpp"

namespace cupel::controller {

/// The tables that the history tells. What else a store holds (the events, the stored replies, the
/// refusals, the names of files, the epoch) is no consequence of it and is taken over as it is.
const std::vector<std::string>& projected_tables();
const std::vector<std::string>& kept_tables();

/// Fills the projected tables of a store from events, in order. Records in use stay in memory, at
/// most a few thousand of them.
class Projection {
  public:
    /// `out` must be in a transaction while this writes.
    explicit Projection(Store& out) : out_(out) {}

    /// Begins where a store from before schema 3 stood when its history began to tell the tables.
    void take_baseline(Store& from);
    /// Throws StoreError, naming the event, when its changes do not fit what stands before it.
    void hear(const Event& event);
    /// Writes what is still in memory. Throws StoreError when a record cannot be read.
    void finish();

  private:
    using Json = nlohmann::json;
    using Records = std::unordered_map<std::string, Json>;

    void apply(const Json& changes);
    void change_records(const Json& changes, const char* table, Records& records);
    void begin_with(const std::string& kind, const std::string& id, const std::string& row);

    Store& out_;
    std::int64_t from_ = 0;  ///< events up to here are told by the baseline
    Records proposals_, campaigns_;
};

/// Runs the whole history of `from` through a Projection into `out`, in one transaction.
void project(Store& from, Store& out);

}  // namespace cupel::controller
