// stat, chown, and the names of users.
#include "owner.hpp"

#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cupel::controller {
namespace {

std::string chown_to(const Owner& owner, const std::filesystem::path& path) {
    const std::string user = owner.name().find("uid ") == 0 ? std::to_string(owner.user)  //
                                                            : owner.name();
    return "chown " + user + " " + path.string();
}

}  // namespace

std::string Owner::name() const {
    std::array<char, 4096> room{};
    passwd entry{};
    passwd* found = nullptr;
    if (::getpwuid_r(user, &entry, room.data(), room.size(), &found) == 0 && found != nullptr) {
        return found->pw_name;
    }
    return "uid " + std::to_string(user);
}

std::optional<Owner> owner_of(const std::filesystem::path& path) {
    struct stat found {};
    if (::stat(path.c_str(), &found) != 0) {
        return std::nullopt;
    }
    return Owner{found.st_uid, found.st_gid};
}

std::optional<Owner> owner_of_store(const std::filesystem::path& store) {
    const auto owner = owner_of(store);
    return owner ? owner : owner_of(std::filesystem::absolute(store).parent_path());
}

void give_to(const std::filesystem::path& path, const Owner& owner) noexcept {
    const uid_t user = ::geteuid() == 0 ? owner.user : static_cast<uid_t>(-1);
    if (::lchown(path.c_str(), user, owner.group) != 0) {
        // A group that is not ours to give: the file stays as it was made.
    }
}

std::optional<Obstacle> obstacle_to(const std::filesystem::path& path) {
    if (::faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) == 0 || errno == ENOENT) {
        return std::nullopt;
    }
    const int code = errno;
    const auto owner = owner_of(path);
    if (code != EACCES || !owner) {
        return Obstacle{path.string() + " cannot be written: " + std::strerror(code),
                        "see to its folder and its disk"};
    }
    const Owner self{::geteuid(), ::getegid()};
    if (owner->user == self.user) {
        return Obstacle{path.string() + " cannot be written: its mode forbids it",
                        "chmod u+w " + path.string()};
    }
    return Obstacle{path.string() + " cannot be written: it belongs to " + owner->name() +
                        ", and this program runs as " + self.name(),
                    chown_to(self, path)};
}

std::optional<Obstacle> obstacle_to(const std::filesystem::path& path, const Owner& user) {
    if (::geteuid() == user.user && user.user != 0) {
        return obstacle_to(path);
    }
    struct stat found {};
    if (user.user == 0 || ::stat(path.c_str(), &found) != 0 || found.st_uid != 0) {
        return std::nullopt;
    }
    const bool open = (found.st_mode & S_IWOTH) != 0 ||
                      (found.st_gid == user.group && (found.st_mode & S_IWGRP) != 0);
    if (open) {
        return std::nullopt;
    }
    return Obstacle{path.string() + " belongs to root, its folder to " + user.name() +
                        ": a cupeld of " + user.name() + " cannot write it",
                    chown_to(user, path)};
}

}  // namespace cupel::controller
