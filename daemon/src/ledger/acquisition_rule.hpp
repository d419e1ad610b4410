// Which rule chose a proposal, as its acquisition input says.
#pragma once

#include <string>

namespace cupel::controller {

/// The string `rule` of a JSON object ("ucb", ..., "audit"); empty where there is none, and for
/// what is no object. Reads no further than there: STATUS asks it of every labelled proposal.
std::string acquisition_rule(const std::string& acquisition_input);

}  // namespace cupel::controller
