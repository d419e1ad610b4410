// Files that go with a result.
#pragma once

#include <string>
#include <vector>

#include <cupel/domain/command.hpp>

namespace cupel::cli {

/// What a command names, and the bytes in the same order.
struct Attachments {
    std::vector<BlobRef> blobs;
    std::vector<std::string> frames;
};

/// Reads crystal structures (`cifs`) and other files. Throws InputError with one line: a file that
/// cannot be read or is empty, a .cif without a data block, two files of one name.
Attachments read_attachments(const std::vector<std::string>& cifs,
                             const std::vector<std::string>& others);

}  // namespace cupel::cli
