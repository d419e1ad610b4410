// The reply to STATUS as metric families: both tell the same figures.
#pragma once

#include <string>
#include <vector>

#include <prometheus/metric_family.h>

namespace cupel::controller {

/// Of the process always, of the daemon when there is a reply.
std::vector<prometheus::MetricFamily> status_metrics(const std::string& version,
                                                     const std::string& status_json);

}  // namespace cupel::controller
