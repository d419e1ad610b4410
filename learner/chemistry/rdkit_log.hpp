// Keeps RDKit's parser messages off our standard error: errors are reported once, in our words.
#pragma once

#include <RDGeneral/RDLog.h>

namespace cupel::chemistry {

/// Silences RDKit's error and warning logs while it lives.
class QuietRdkit {
  public:
    QuietRdkit() = default;

  private:
    RDLog::LogStateSetter quiet_{};
};

}  // namespace cupel::chemistry
