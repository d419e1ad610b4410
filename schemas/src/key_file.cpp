// Two lines, `public = "..."` and `secret = "..."`.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cupel/domain/error.hpp>
#include <cupel/domain/key_file.hpp>

namespace cupel {
namespace {

constexpr std::size_t kKeyLength = 40;

[[noreturn]] void fail(const std::filesystem::path& file, const std::string& problem) {
    throw InputError("bad_key_file", file.string() + ": " + problem);
}

/// What stands between the quotes of a line `name = "..."`; empty for another line.
std::string value_of(const std::string& line, const std::string& name) {
    const std::string before = name + " = \"";
    return line.rfind(before, 0) == 0 && line.size() == before.size() + kKeyLength + 1
               ? line.substr(before.size(), kKeyLength)
               : "";
}

}  // namespace

bool is_curve_key(const std::string& text) noexcept {
    constexpr const char* kZ85 =
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
    return text.size() == kKeyLength && text.find_first_not_of(kZ85) == std::string::npos;
}

void write_key_file(const std::filesystem::path& file, const KeyPair& keys) {
    const int out = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (out < 0) {
        fail(file,
             errno == EEXIST ? "is there already; a key is never overwritten, choose another name"
                             : std::string("cannot be made: ") + std::strerror(errno));
    }
    const std::string text =
        "# A key of Cupel. The public half goes to others, this file to nobody.\npublic = \"" +
        keys.public_key + "\"\nsecret = \"" + keys.secret_key + "\"\n";
    const bool written =
        ::write(out, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
        ::fsync(out) == 0;
    ::close(out);
    if (!written) {
        ::unlink(file.c_str());
        fail(file, "cannot be written");
    }
}

KeyPair read_key_file(const std::filesystem::path& file) {
    struct stat about {};
    if (::stat(file.c_str(), &about) != 0 || !S_ISREG(about.st_mode)) {
        fail(file, "there is no such key file; cupel keygen makes one (--server: a daemon's)");
    }
    if ((about.st_mode & 077) != 0) {
        fail(file, "others may read this secret; chmod 600 " + file.string());
    }
    std::ifstream in(file);
    if (!in) {
        fail(file,
             "cannot be read: " + std::string(std::strerror(errno)) +
                 "; it must belong to the user who uses it");
    }
    KeyPair keys;
    for (std::string line; std::getline(in, line);) {
        const std::string public_key = value_of(line, "public");
        const std::string secret_key = value_of(line, "secret");
        keys.public_key = public_key.empty() ? keys.public_key : public_key;
        keys.secret_key = secret_key.empty() ? keys.secret_key : secret_key;
    }
    if (!is_curve_key(keys.public_key) || !is_curve_key(keys.secret_key)) {
        fail(file, "holds no key pair as cupel keygen writes it");
    }
    return keys;
}

}  // namespace cupel
