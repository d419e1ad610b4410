// TOML to rights and back.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include <fcntl.h>
#include <sys/stat.h>
#include <toml++/toml.h>
#include <unistd.h>

#include <cupel/controller/allow_list.hpp>
#include <cupel/domain/error.hpp>
#include <cupel/domain/key_file.hpp>
#include <cupel/domain/vocabulary.hpp>

#include "../campaign/campaign_config.hpp"
#include "../one_line.hpp"

namespace cupel::controller {
namespace {

namespace fs = std::filesystem;

constexpr LeaseClass kClasses[] = {LeaseClass::Robot, LeaseClass::Person, LeaseClass::Facility};
constexpr const char* kKeys[] = {
    "key", "name", "roles", "campaigns", "lease_classes", "max_claims"};

[[noreturn]] void fail(const std::string& where, const std::string& problem) {
    throw InputError("bad_allow_list", where + ": " + one_line(problem));
}

std::string where_of(const std::string& file, const toml::node& node) {
    return file + ":" + std::to_string(node.source().begin.line);
}

bool is_client_name(const std::string& name) {
    return !name.empty() && name.size() <= 64 &&
           name.find_first_not_of(
               "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
               ".@") == std::string::npos;
}

/// What an entry must be, whoever made it.
void check(const std::string& where, const std::string& key, const Access& access) {
    if (!is_curve_key(key)) {
        fail(where, "key: expected the 40 characters of a public key as cupel keygen prints it");
    }
    if (!is_client_name(access.client)) {
        fail(where, "name: expected 1 to 64 letters, digits, '_', '-', '.' or '@'");
    }
    if (access.roles.empty()) {
        fail(where, "roles: expected observer, worker, analyst, reviewer or admin");
    }
    if (access.campaigns.empty()) {
        fail(where, "campaigns: expected names of campaigns, or \"*\" for every one");
    }
    for (const auto& campaign : access.campaigns) {
        if (campaign != "*" && !is_campaign_name(campaign)) {
            fail(where, "campaigns: \"" + campaign + "\" is no name of a campaign");
        }
    }
    if (access.lease_classes.empty()) {
        fail(where, "lease_classes: expected robot, person or facility");
    }
    if (access.max_claims < 0 || access.max_claims > 100'000) {
        fail(where, "max_claims: expected 0..100000");
    }
}

std::vector<std::string> words(const std::string& file,
                               const toml::table& entry,
                               const char* name) {
    std::vector<std::string> found;
    const toml::node* node = entry.get(name);
    if (node == nullptr) {
        return found;
    }
    const toml::array* list = node->as_array();
    if (list == nullptr) {
        fail(where_of(file, *node), std::string(name) + ": expected a list of texts");
    }
    for (const auto& each : *list) {
        const auto word = each.value_exact<std::string>();
        if (!word) {
            fail(where_of(file, each), std::string(name) + ": expected a list of texts");
        }
        found.push_back(*word);
    }
    return found;
}

std::string text(const std::string& file, const toml::table& entry, const char* name) {
    const auto value = entry[name].value_exact<std::string>();
    if (!value) {
        fail(where_of(file, entry), std::string(name) + ": expected a text");
    }
    return *value;
}

Access read_access(const std::string& file, const toml::table& entry) {
    for (const auto& [key, node] : entry) {
        const auto known = [&, name = key.str()](const char* each) { return name == each; };
        if (std::none_of(std::begin(kKeys), std::end(kKeys), known)) {
            fail(where_of(file, node), std::string(key.str()) + ": unknown key");
        }
    }
    Access access;
    access.client = text(file, entry, "name");
    for (const auto& word : words(file, entry, "roles")) {
        const auto role = try_parse_role(word);
        if (!role) {
            fail(where_of(file, entry),
                 "roles: expected observer, worker, analyst, reviewer or admin, got \"" + word +
                     "\"");
        }
        access.roles.insert(*role);
    }
    for (auto& campaign : words(file, entry, "campaigns")) {
        access.campaigns.insert(std::move(campaign));
    }
    if (entry.get("lease_classes") == nullptr) {
        access.lease_classes.insert(std::begin(kClasses), std::end(kClasses));
    }
    for (const auto& word : words(file, entry, "lease_classes")) {
        const auto found = std::find_if(std::begin(kClasses),
                                        std::end(kClasses),
                                        [&](LeaseClass each) { return to_string(each) == word; });
        if (found == std::end(kClasses)) {
            fail(where_of(file, entry),
                 "lease_classes: expected robot, person or facility, got \"" + word + "\"");
        }
        access.lease_classes.insert(*found);
    }
    if (const auto* node = entry.get("max_claims")) {
        const auto most = node->value_exact<std::int64_t>();
        if (!most || *most < 0 || *most > 100'000) {
            fail(where_of(file, *node), "max_claims: expected 0..100000");
        }
        access.max_claims = static_cast<int>(*most);
    }
    return access;
}

template <typename Words>
std::string list_of(const Words& all) {
    std::string list;
    for (const auto& word : all) {
        list += (list.empty() ? "\"" : ", \"") + std::string(word) + "\"";
    }
    return "[" + list + "]";
}

std::string block_of(const std::string& key, const Access& access) {
    std::vector<std::string_view> roles;
    for (const Role role : access.roles) {
        roles.push_back(to_string(role));
    }
    std::vector<std::string_view> classes;
    for (const LeaseClass each : access.lease_classes) {
        classes.push_back(to_string(each));
    }
    return "[[client]]\nkey = \"" + key + "\"\nname = \"" + access.client +
           "\"\nroles = " + list_of(roles) + "\ncampaigns = " + list_of(access.campaigns) +
           "\nlease_classes = " + list_of(classes) +
           "\nmax_claims = " + std::to_string(access.max_claims) + "\n";
}

/// On which a [[client]] table ends.
std::size_t last_line(const toml::table& entry) {
    std::size_t last = entry.source().begin.line;
    for (const auto& [key, node] : entry) {
        last = std::max<std::size_t>(last, node.source().end.line);
    }
    return last;
}

/// Where `file` leads: a list may be a link into a place under version control.
fs::path followed(fs::path file) {
    constexpr int kMostLinks = 40;  // as many as the kernel follows
    std::error_code ignored;
    for (int links = 0; fs::is_symlink(file, ignored); ++links) {
        if (links == kMostLinks) {
            fail(file.string(), "is a link that leads to itself");
        }
        file = file.parent_path() / fs::read_symlink(file, ignored);
    }
    return file;
}

/// The daemon reads the list as another user than whoever edits it: what replaces it has the same
/// owner and mode, whatever the umask. A new one is for everybody to read; it holds no secret.
/// Empty when done, else why not.
std::string hand_over(int draft, const fs::path& file) {
    struct stat before {};
    const bool known = ::stat(file.c_str(), &before) == 0;
    struct stat now {};
    ::fstat(draft, &now);
    const bool moved = known && (now.st_uid != before.st_uid || now.st_gid != before.st_gid);
    if (moved && ::fchown(draft, before.st_uid, before.st_gid) != 0) {
        return "belongs to user " + std::to_string(before.st_uid) + " and group " +
               std::to_string(before.st_gid) +
               ", and a new one would not; do it as that user, or as root";
    }
    return ::fchmod(draft, known ? before.st_mode & 07777 : 0644) == 0 ? "" : std::strerror(errno);
}

}  // namespace

AllowList AllowList::parse(const std::string& text_of_file, const std::string& file) {
    toml::table root;
    try {
        root = toml::parse(text_of_file);
    } catch (const toml::parse_error& error) {
        fail(file + ":" + std::to_string(error.source().begin.line),
             "not TOML: " + std::string(error.description()));
    }
    AllowList list;
    for (const auto& [key, node] : root) {
        const toml::array* entries = node.as_array();
        if (key.str() != "client" || entries == nullptr) {
            fail(where_of(file, node), std::string(key.str()) + ": expected [[client]] tables");
        }
        for (const auto& each : *entries) {
            const toml::table* entry = each.as_table();
            if (entry == nullptr) {
                fail(where_of(file, each), "client: expected a table");
            }
            const std::string public_key = text(file, *entry, "key");
            Access access = read_access(file, *entry);
            const std::string where = where_of(file, *entry);
            check(where, public_key, access);
            if (list.find(public_key)) {
                fail(where, "key: stands there twice");
            }
            try {
                list.allow(public_key, std::move(access));
            } catch (const InputError& error) {
                fail(where, error.what());
            }
        }
    }
    return list;
}

AllowList AllowList::load(const fs::path& file) {
    std::error_code ignored;
    const fs::file_type type = fs::status(file, ignored).type();
    if (type == fs::file_type::not_found) {
        return {};
    }
    if (type != fs::file_type::none && type != fs::file_type::regular) {
        fail(file.string(), "is no file");  // a device would never end
    }
    std::ifstream in(file, std::ios::binary);
    if (!in) {
        fail(file.string(), std::string("cannot be read: ") + std::strerror(errno));
    }
    return parse({std::istreambuf_iterator<char>(in), {}}, file.string());
}

std::string AllowList::to_toml() const {
    std::string text =
        "# Who may speak to cupeld, and what each may do. cupel allow and cupel revoke edit it;\n"
        "# cupeld reads it again when it changes.\n";
    for (const auto& [key, access] : clients_) {
        text += "\n" + block_of(key, *access);
    }
    return text;
}

std::string AllowList::in_place_of(const std::string& old) const {
    if (old.empty()) {
        return to_toml();
    }
    std::vector<std::string> lines;
    std::istringstream in(old);
    for (std::string line; std::getline(in, line);) {
        lines.push_back(line + "\n");
    }
    std::string text;
    std::size_t next = 0;
    const auto copy_to = [&](std::size_t end) {
        for (; next < std::min(end, lines.size()); ++next) {
            text += lines[next];
        }
    };
    auto fresh = clients_;
    try {
        const toml::table root = toml::parse(old);
        const toml::array none;
        const toml::array* entries = root["client"].as_array();
        for (const auto& each : entries == nullptr ? none : *entries) {
            if (!each.is_table()) {
                return to_toml();
            }
            const toml::table& entry = *each.as_table();
            const std::string key = entry["key"].value_or(std::string());
            const auto found = clients_.find(key);
            copy_to(entry.source().begin.line - 1);
            if (found == clients_.end()) {
                next = last_line(entry);
                if (text.ends_with("\n\n")) {
                    text.pop_back();  // the line that stood between it and the one before
                }
            } else if (block_of(key, read_access("", entry)) == block_of(key, *found->second)) {
                copy_to(last_line(entry));
            } else {
                text += block_of(key, *found->second);
                next = last_line(entry);
            }
            fresh.erase(key);
        }
        copy_to(lines.size());
        for (const auto& [key, access] : fresh) {
            text += "\n" + block_of(key, *access);
        }
        if (!text.empty() && parse(text, "").to_toml() == to_toml()) {
            return text;
        }
    } catch (const std::exception&) {
        // Written in another way than cupel writes it, or no list at all.
    }
    return to_toml();
}

void AllowList::save(const fs::path& file) const {
    const fs::path place = followed(file);
    std::ifstream in(place, std::ios::binary);
    const std::string wanted = in_place_of({std::istreambuf_iterator<char>(in), {}});
    const std::string draft = place.string() + "." + std::to_string(::getpid()) + ".new";
    // Whoever owns the folder may have put a link there, and what is written goes to the list's
    // owner.
    ::unlink(draft.c_str());
    const int out =
        ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (out < 0) {
        fail(draft, std::string("cannot be made: ") + std::strerror(errno));
    }
    std::string problem = hand_over(out, place);
    if (problem.empty() &&
        (::write(out, wanted.data(), wanted.size()) != static_cast<ssize_t>(wanted.size()) ||
         ::fsync(out) != 0)) {
        problem = "cannot be written";
    }
    ::close(out);
    if (problem.empty() && ::rename(draft.c_str(), place.c_str()) != 0) {
        problem = std::string("cannot be replaced: ") + std::strerror(errno);
    }
    if (!problem.empty()) {
        ::unlink(draft.c_str());
        fail(file.string(), problem);
    }
}

std::shared_ptr<const Access> AllowList::find(const std::string& key) const {
    const auto found = clients_.find(key);
    return found == clients_.end() ? nullptr : found->second;
}

void AllowList::allow(const std::string& key, Access access) {
    check("allow", key, access);
    for (const auto& [other, known] : clients_) {
        if (known->client == access.client && other != key) {
            throw InputError("bad_allow_list",
                             "name: " + access.client + " has another key already; cupel revoke " +
                                 access.client + " takes it away");
        }
    }
    clients_[key] = std::make_shared<const Access>(std::move(access));
}

bool AllowList::revoke(const std::string& key_or_name) {
    for (auto client = clients_.begin(); client != clients_.end(); ++client) {
        if (client->first == key_or_name || client->second->client == key_or_name) {
            clients_.erase(client);
            return true;
        }
    }
    return false;
}

bool AllowList::is_narrower_than(const AllowList& before) const {
    return std::any_of(before.clients_.begin(), before.clients_.end(), [&](const auto& client) {
        const auto now = find(client.first);
        return !now || now->client != client.second->client || is_narrower(*now, *client.second);
    });
}

}  // namespace cupel::controller
