// Every key of the configuration, once: its section, its member, what it may hold.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <cupel/controller.hpp>

namespace cupel::controller {

/// Visits keys; what a visitor does with them is its own matter (read, check, list).
class KeyVisitor {
  public:
    /// Returns what was expected, or nothing when the text will do.
    using Check = std::string (*)(const std::string& text);

    virtual ~KeyVisitor() = default;
    /// The keys that follow belong to this table.
    virtual void section(const std::string& name) = 0;
    virtual void text(const char* key, std::string& value, Check check) = 0;
    /// From the file's folder when relative.
    virtual void path(const char* key, std::filesystem::path& value) = 0;
    /// A path, or a bare name that is looked for later.
    virtual void program(const char* key, std::string& value) = 0;
    /// As program(), and "" for none.
    virtual void optional_program(const char* key, std::string& value) = 0;
    virtual void word(const char* key,
                      std::string& value,
                      const std::vector<std::string>& allowed) = 0;
    virtual void whole(const char* key, int& value, int low, int high) = 0;
    virtual void number(const char* key, double& value, double low, double high) = 0;
};

/// A key (`section.key`) and what is wrong with its value.
struct KeyProblem {
    std::string key, text;
};

/// Keys that are sound one by one and cannot be together.
std::optional<KeyProblem> find_disagreement(const Config& config);

/// All keys but those of campaigns, in the order of configs/cupeld.toml.
void visit_keys(Config& config, KeyVisitor& visitor);

}  // namespace cupel::controller
