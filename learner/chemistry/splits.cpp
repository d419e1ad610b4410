// Reads the one JSON file of this folder: a scanner for exactly its shape needs no JSON library.
#include <cctype>
#include <fstream>
#include <sstream>
#include <string_view>

#include <cupel/chemistry/splits.hpp>
#include <cupel/domain/error.hpp>

namespace cupel::chemistry {
namespace {

class SplitsReader {
  public:
    SplitsReader(std::string_view text, std::string name) : text_(text), name_(std::move(name)) {}

    FixedSplits read() {
        FixedSplits splits;
        bool found = false;
        members([&](const std::string& key) {
            if (key == "splits") {
                found = true;
                members([&](const std::string& kind) {
                    elements([&] { splits[kind].push_back(split()); });
                });
            } else {
                scalar();
            }
        });
        blanks();
        if (!found || at_ != text_.size()) {
            fail(found ? "text after the end" : "has no 'splits'");
        }
        return splits;
    }

  private:
    [[noreturn]] void fail(const std::string& problem) const {
        throw InputError("bad_splits",
                         name_ + ": at character " + std::to_string(at_) + ": " + problem);
    }

    void blanks() {
        while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) {
            ++at_;
        }
    }
    bool take(char c) {
        blanks();
        if (at_ < text_.size() && text_[at_] == c) {
            ++at_;
            return true;
        }
        return false;
    }
    void expect(char c) {
        if (!take(c)) {
            fail(std::string("expected '") + c + "'");
        }
    }

    std::string string() {
        expect('"');
        const std::size_t end = text_.find_first_of("\"\\", at_);
        if (end == std::string_view::npos || text_[end] == '\\') {
            fail("expected a plain string");
        }
        const std::string value(text_.substr(at_, end - at_));
        at_ = end + 1;
        return value;
    }

    int number() {
        blanks();
        const std::size_t start = at_;
        int value = 0;
        while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9' && at_ - start < 9) {
            value = value * 10 + (text_[at_++] - '0');
        }
        if (at_ == start) {
            fail("expected a whole number");
        }
        return value;
    }

    void scalar() {
        blanks();
        if (at_ < text_.size() && text_[at_] == '"') {
            string();
        } else {
            number();
        }
    }

    template <typename Read>
    void elements(Read read) {
        expect('[');
        if (take(']')) {
            return;
        }
        do {
            read();
        } while (take(','));
        expect(']');
    }

    template <typename Read>
    void members(Read read) {
        expect('{');
        if (take('}')) {
            return;
        }
        do {
            const std::string key = string();
            expect(':');
            read(key);
        } while (take(','));
        expect('}');
    }

    FixedSplit split() {
        FixedSplit made;
        members([&](const std::string& key) {
            if (key == "seed") {
                made.seed = number();
            } else if (key == "train") {
                elements([&] { made.train.push_back(string()); });
            } else if (key == "test_pos") {
                elements([&] { made.test_positives.push_back(string()); });
            } else if (key == "relative") {
                elements([&] { made.relative.push_back(number() != 0); });
            } else if (key == "test_neg") {
                elements([&] { made.test_negatives.push_back(pair()); });
            } else {
                fail("unknown field '" + key + "'");
            }
        });
        if (made.relative.size() != made.test_positives.size()) {
            fail("'relative' and 'test_pos' differ in length");
        }
        return made;
    }

    std::pair<std::string, std::string> pair() {
        expect('[');
        std::string core = string();
        expect(',');
        std::string set = string();
        expect(']');
        return {std::move(core), std::move(set)};
    }

    std::string_view text_;
    std::string name_;
    std::size_t at_ = 0;
};

}  // namespace

FixedSplits load_splits(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file || std::filesystem::is_directory(path)) {
        throw InputError("bad_splits", path.string() + ": cannot be read");
    }
    std::ostringstream text;
    text << file.rdbuf();
    const std::string content = text.str();
    return SplitsReader(content, path.string()).read();
}

}  // namespace cupel::chemistry
