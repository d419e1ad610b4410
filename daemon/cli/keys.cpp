// cupel keygen, allow and revoke: keys, and who may do what with them.
#include <cctype>
#include <filesystem>
#include <iostream>
#include <memory>
#include <set>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>
#include <zmq.h>

#include <cupel/controller/allow_list.hpp>
#include <cupel/domain/error.hpp>
#include <cupel/domain/key_file.hpp>
#include <cupel/domain/vocabulary.hpp>

#include "commands.hpp"
#include "store_options.hpp"

namespace cupel::cli {
namespace {

constexpr const char* kDefaultList = "allow.toml";

KeyPair make_keys() {
    char public_key[41] = {};
    char secret_key[41] = {};
    do {
        if (::zmq_curve_keypair(public_key, secret_key) != 0) {
            throw Error("this libzmq was built without CURVE: no keys can be made");
        }
        // On a command line a key that begins with '-' would be an option.
    } while (std::isalnum(static_cast<unsigned char>(public_key[0])) == 0);
    return {public_key, secret_key};
}

/// One editor of an allow-list at a time; others wait.
class EditLock {
  public:
    explicit EditLock(const std::string& list)
        : file_(::open((list + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {
        if (file_ < 0 || ::flock(file_, LOCK_EX) != 0) {
            throw InputError("no_list", list + ".lock: cannot be made; may you write there?");
        }
    }
    ~EditLock() { ::close(file_); }
    EditLock(const EditLock&) = delete;
    EditLock& operator=(const EditLock&) = delete;

  private:
    int file_;
};

void add_keygen(CLI::App& app) {
    struct Options {
        std::string file;
        bool server = false;
    };
    auto options = std::make_shared<Options>();
    auto* command = app.add_subcommand("keygen", "make a key pair; print its public half");
    command->add_option("file", options->file, "file to make, mode 0600")
        ->required()
        ->check(file_name());
    command->add_flag("--server", options->server, "for a daemon: its bus.server_key");
    command->footer("example: cupel keygen furnace.key");
    command->callback([options] {
        const KeyPair keys = make_keys();
        write_key_file(options->file, keys);
        std::cout << keys.public_key << "\n";
        std::cerr << options->file << " is made; "
                  << (options->server
                          ? "clients need the public key above, in single quotes "
                            "($CUPEL_SERVER_KEY)\n"
                          : "the daemon's admin enters the public key above by cupel allow, in "
                            "single quotes\n");
    });
}

struct AllowOptions {
    std::string list = kDefaultList, key, name;
    std::vector<std::string> roles, campaigns, classes;
    int max_claims = 0;
};

std::string roles_text(const std::set<Role>& roles) {
    std::string text;
    for (const Role role : roles) {
        text += (text.empty() ? "" : ", ") + std::string(to_string(role));
    }
    return text;
}

void allow(const AllowOptions& options) {
    Access access;
    access.client = options.name;
    for (const auto& word : options.roles) {
        access.roles.insert(*try_parse_role(word));
    }
    access.campaigns.insert(options.campaigns.begin(), options.campaigns.end());
    for (const LeaseClass each : {LeaseClass::Robot, LeaseClass::Person, LeaseClass::Facility}) {
        for (const auto& word : options.classes) {
            if (to_string(each) == word) {
                access.lease_classes.insert(each);
            }
        }
    }
    access.max_claims = options.max_claims;
    const EditLock lock(options.list);
    const bool fresh = !std::filesystem::exists(options.list);
    auto list = controller::AllowList::load(options.list);
    const auto before = list.find(options.key);
    list.allow(options.key, access);
    list.save(options.list);
    std::cout << options.name << " is allowed in " << options.list;
    if (before && before->client != options.name) {
        std::cout << "; this key was " << before->client << " (" << roles_text(before->roles)
                  << ") before";
    }
    std::cout << "\n";
    if (fresh) {
        std::cerr << options.list << " is new; is it the daemon's bus.allow_list? --list or "
                  << "$CUPEL_ALLOW_LIST names another\n";
    }
}

void add_list_option(CLI::App& command, std::string& list) {
    command.add_option("--list", list, "the daemon's bus.allow_list (allow.toml)")
        ->envname("CUPEL_ALLOW_LIST");
}

void add_allow(CLI::App& app) {
    auto options = std::make_shared<AllowOptions>();
    options->classes = {"robot", "person", "facility"};
    auto* command = app.add_subcommand("allow", "let a key in, or give it other rights");
    command->add_option("key", options->key, "public key, as cupel keygen prints it")->required();
    command->add_option("--client", options->name, "name of the client")->required();
    command->add_option("--role", options->roles, "what it may do; may be repeated")
        ->required()
        ->check(CLI::IsMember({"observer", "worker", "analyst", "reviewer", "admin"}));
    command->add_option("--campaign", options->campaigns, "where; may be repeated; '*': everywhere")
        ->required();
    command->add_option("--lease-class", options->classes, "leases it may claim (all)")
        ->check(CLI::IsMember({"robot", "person", "facility"}));
    command->add_option("--max-claims", options->max_claims, "proposals it may hold (the daemon's)")
        ->check(CLI::Range(0, 100000));
    add_list_option(*command, options->list);
    command->footer(
        "example: cupel allow 'rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7' --client furnace "
        "--role worker --campaign gold");
    command->callback([options] { allow(*options); });
}

void add_revoke(CLI::App& app) {
    struct Options {
        std::string list = kDefaultList, who;
    };
    auto options = std::make_shared<Options>();
    auto* command = app.add_subcommand("revoke", "let a client in no more, and end what it hears");
    command->add_option("client", options->who, "its name or its public key")->required();
    add_list_option(*command, options->list);
    command->footer("example: cupel revoke furnace");
    command->callback([options] {
        if (!std::filesystem::exists(options->list)) {
            throw InputError("no_list",
                             options->list +
                                 ": there is no such allow-list; --list or "
                                 "$CUPEL_ALLOW_LIST names the daemon's");
        }
        const EditLock lock(options->list);
        auto list = controller::AllowList::load(options->list);
        if (!list.revoke(options->who)) {
            throw InputError("no_client", options->list + ": nobody is called " + options->who);
        }
        list.save(options->list);
        std::cout << options->who << " is revoked in " << options->list << "\n";
    });
}

}  // namespace

void add_keys(CLI::App& app) {
    add_keygen(app);
    add_allow(app);
    add_revoke(app);
}

}  // namespace cupel::cli
