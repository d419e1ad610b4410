// Who may speak to the daemon: public keys and what each may do.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <cupel/domain/access.hpp>

namespace cupel::controller {

/// A value; another version of the file is another list.
class AllowList {
  public:
    /// Throws InputError as in `allow.toml:3: client[1].role: ...`. A file that is not there allows
    /// nobody.
    static AllowList load(const std::filesystem::path& file);
    static AllowList parse(const std::string& text, const std::string& file);
    std::string to_toml() const;
    /// Replaces the file in one step; it is there whole or as it was before, with the owner and the
    /// mode it had, and with the comments outside of what changed. A link stays one, and what it
    /// leads to is replaced. Throws InputError.
    void save(const std::filesystem::path& file) const;

    /// Null for a key that is not allowed.
    std::shared_ptr<const Access> find(const std::string& key) const;
    /// Adds the client or gives the key other rights. Throws InputError for what is no key, no
    /// name, and a name that has another key.
    void allow(const std::string& key, Access access);
    /// By key or by name; false when there is none.
    bool revoke(const std::string& key_or_name);
    /// True when somebody whom `before` knew has less now, or nothing.
    bool is_narrower_than(const AllowList& before) const;
    std::size_t size() const { return clients_.size(); }

  private:
    /// The text of a file that held `old` and is to hold this list.
    std::string in_place_of(const std::string& old) const;

    std::map<std::string, std::shared_ptr<const Access>, std::less<>> clients_;  ///< by key
};

using SharedAllowList = std::shared_ptr<const AllowList>;

}  // namespace cupel::controller
