// What a store that was replaced knew to be begun and the backup in its place does not.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "../campaign/records.hpp"
#include "store.hpp"

namespace cupel::controller {

/// Kept in the meta of a restored store, from cupel restore to the first start on it.
struct StartedSince {
    std::set<std::string> in_backup;        ///< ids of proposals that somebody started
    std::vector<ProposalRecord> proposals;  ///< the backup has none of these: begun or claimed
    std::vector<CampaignRecord> campaigns;  ///< nor of these, to which they belong
};

/// Nothing where the store that was replaced could not tell: anything may have been started.
std::optional<StartedSince> started_since(Store& restored);
void put_started_since(Store& restored, const StartedSince& since);
/// It has been read.
void drop_started_since(Store& restored);

}  // namespace cupel::controller
