// Answers SNAPSHOT, REPLAY, BLOB_GET and BLOB_PUT beside the ledger thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <cupel/domain/command.hpp>

#include "ledger_options.hpp"

namespace cupel::controller {

/// A read-only connection to the store. Used by one thread.
class Reader {
  public:
    explicit Reader(const LedgerOptions& options);
    ~Reader();
    /// The reply to a SNAPSHOT, REPLAY or BLOB_GET; never throws for what a client sent.
    Reply answer(const Command& command);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Writes the frames of a command (or one part of BLOB_PUT) durably and checks them against what
/// the body says. Returns an ERR reply when they do not fit, nothing when the command may go on; a
/// BLOB_PUT is answered here in any case.
std::optional<Reply> store_frames(const LedgerOptions& options,
                                  const Command& command,
                                  const std::vector<std::string>& frames);

/// The files a command's body names.
const std::vector<BlobRef>* named_blobs(const CommandBody& body);

/// True for the commands the reader answers.
bool is_read(const CommandBody& body);

}  // namespace cupel::controller
