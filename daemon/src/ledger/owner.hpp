// Whose the files of a store are, and what stands in the way of writing them.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include <sys/types.h>

namespace cupel::controller {

struct Owner {
    uid_t user = 0;
    gid_t group = 0;
    std::string name() const;  ///< of the user; "uid 4242" when nobody is called so
};

/// Of the file or folder that links lead to; nothing when there is none.
std::optional<Owner> owner_of(const std::filesystem::path& path);

/// Of the store, or of the folder that it is to be made in.
std::optional<Owner> owner_of_store(const std::filesystem::path& store);

/// What root makes for a daemon of another user is that user's: only then can the daemon write it.
/// Others give away nothing but the group, where they may. The file itself, never what a link leads
/// to.
void give_to(const std::filesystem::path& path, const Owner& owner) noexcept;

/// Why something cannot be written, and the command that mends it.
struct Obstacle {
    std::string text, remedy;
};
/// To this process; nothing when it can write the file or folder, or there is none.
std::optional<Obstacle> obstacle_to(const std::filesystem::path& path);
/// To a daemon of `user`, whose folder this is in: what root made there, or, when this process is
/// that user's, whatever it cannot write.
std::optional<Obstacle> obstacle_to(const std::filesystem::path& path, const Owner& user);

}  // namespace cupel::controller
