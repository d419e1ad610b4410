// The exceptions of the library; each message says what, where, and what to try.
#pragma once

#include <stdexcept>
#include <string>

namespace cupel {

/// Base of every exception Cupel throws on purpose.
class Error : public std::runtime_error {
  public:
    explicit Error(const std::string& what) : std::runtime_error(what) {}
};

/// A file, table, SMILES or body that does not hold what it should.
/// `code` is stable and machine-readable (e.g. "not_cif", "bad_smiles"); `what()` is for people.
class InputError : public Error {
  public:
    InputError(std::string code, const std::string& what) : Error(what), code_(std::move(code)) {}
    const std::string& code() const noexcept { return code_; }

  private:
    std::string code_;
};

}  // namespace cupel
