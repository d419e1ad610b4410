// Descriptors 0, 1 and 2, which whoever starts a program may have closed.
#pragma once

namespace cupel::controller {

/// Puts /dev/null where one of the three is closed: else the next file, pipe or socket would take
/// its number, and what is meant for standard error would be written there. What is written to a
/// standard output that was closed still fails. To be called first of all.
void keep_standard_streams() noexcept;

}  // namespace cupel::controller
