// TOML to Config.
#include "daemon_config.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <fstream>
#include <sstream>

#include <nlohmann/json.hpp>
#include <toml++/toml.h>

#include "campaign/campaign_config.hpp"
#include "config_keys.hpp"
#include "learning/popularity_campaign.hpp"
#include "one_line.hpp"

namespace cupel::controller {
namespace {

namespace fs = std::filesystem;

std::string quoted(const std::string& text) {
    return '"' + text + '"';
}

std::string number_text(double value) {
    return nlohmann::json(value).dump();
}

std::string expected(const std::string& what, const std::string& got) {
    return "expected " + what + ", got " + got;
}

std::string word_problem(const std::string& value, const std::vector<std::string>& allowed) {
    if (std::find(allowed.begin(), allowed.end(), value) != allowed.end()) {
        return "";
    }
    std::string list;
    for (const auto& word : allowed) {
        list += (list.empty() ? "" : " or ") + quoted(word);
    }
    return expected(list, quoted(value));
}

template <typename Number>
std::string range_problem(Number value, Number low, Number high) {
    if (value >= low && value <= high) {
        return "";
    }
    return expected(number_text(low) + ".." + number_text(high), number_text(value));
}
template <>
std::string range_problem(int value, int low, int high) {
    if (value >= low && value <= high) {
        return "";
    }
    return expected(std::to_string(low) + ".." + std::to_string(high), std::to_string(value));
}

std::string text_problem(const std::string& value, KeyVisitor::Check check) {
    const std::string wanted = check(value);
    return wanted.empty() ? "" : expected(wanted, quoted(value));
}

/// Checks values that are there already.
class Checker final : public KeyVisitor {
  public:
    void section(const std::string& name) override { section_ = name; }
    void text(const char* key, std::string& value, Check check) override {
        judge(key, text_problem(value, check));
    }
    void path(const char*, fs::path&) override {}
    void program(const char* key, std::string& value) override {
        judge(key, value.empty() ? "expected a program, got nothing" : "");
    }
    void optional_program(const char*, std::string&) override {}
    void word(const char* key,
              std::string& value,
              const std::vector<std::string>& allowed) override {
        judge(key, word_problem(value, allowed));
    }
    void whole(const char* key, int& value, int low, int high) override {
        judge(key, range_problem(value, low, high));
    }
    void number(const char* key, double& value, double low, double high) override {
        judge(key, range_problem(value, low, high));
    }

  private:
    void judge(const char* key, const std::string& problem) const {
        if (!problem.empty()) {
            throw InputError("bad_config", one_line(section_ + "." + key + ": " + problem));
        }
    }
    std::string section_;
};

/// Writes down every key with its value.
class Lister final : public KeyVisitor {
  public:
    void section(const std::string& name) override { section_ = name; }
    void text(const char* key, std::string& value, Check) override { put(key, value); }
    void path(const char* key, fs::path& value) override { put(key, value.string()); }
    void program(const char* key, std::string& value) override { put(key, value); }
    void optional_program(const char* key, std::string& value) override { put(key, value); }
    void word(const char* key, std::string& value, const std::vector<std::string>&) override {
        put(key, value);
    }
    void whole(const char* key, int& value, int, int) override { put(key, std::to_string(value)); }
    void number(const char* key, double& value, double, double) override {
        put(key, number_text(value));
    }
    std::map<std::string, std::string> values;

  private:
    void put(const char* key, const std::string& value) { values[section_ + "." + key] = value; }
    std::string section_;
};

/// Where an error stands.
class Place {
  public:
    Place(std::string file, const toml::source_region& region)
        : text_(std::move(file) + ":" + std::to_string(region.begin.line) + ": ") {}
    [[noreturn]] void fail(const std::string& key, const std::string& problem) const {
        throw InputError("bad_config", text_ + one_line(key + ": " + problem));
    }

  private:
    std::string text_;
};

std::string text_of(const toml::node& node) {
    std::ostringstream out;
    node.visit([&](const auto& value) { out << value; });
    return out.str();
}

std::string unknown_key(const std::string& key, const std::vector<std::string>& known) {
    const std::string near = nearest_word(key, known);
    return "unknown key" + (near.empty() ? "" : "; did you mean " + near + "?");
}

/// Reads what the file has; leaves the default where it has nothing. Remembers what it asked for.
class TomlReader final : public KeyVisitor {
  public:
    TomlReader(const toml::table& root, std::string file, fs::path folder)
        : root_(root), file_(std::move(file)), folder_(std::move(folder)) {}

    void section(const std::string& name) override {
        section_ = name;
        asked_[name];
        table_ = &root_;
        std::string path;
        for (std::size_t begin = 0; begin <= name.size() && table_ != nullptr;) {
            const std::size_t end = std::min(name.find('.', begin), name.size());
            const std::string part = name.substr(begin, end - begin);
            asked_[path].push_back(part);
            path += (path.empty() ? "" : ".") + part;
            const toml::node* node = table_->get(part);
            if (node != nullptr && !node->is_table()) {
                at(*node).fail(path, "expected a table, got " + text_of(*node));
            }
            table_ = node == nullptr ? nullptr : node->as_table();
            begin = end + 1;
        }
    }
    void text(const char* key, std::string& value, Check check) override {
        if (const auto* node = find(key)) {
            value = string_of(key, *node);
            judge(key, *node, text_problem(value, check));
        }
    }
    void path(const char* key, fs::path& value) override {
        const auto* node = find(key);
        if (node != nullptr) {
            const std::string text = string_of(key, *node);
            judge(key, *node, text.empty() ? "expected a path, got \"\"" : "");
            value = text;
        }
        if (!value.empty()) {
            value = from_folder(value);
        }
    }
    void program(const char* key, std::string& value) override {
        if (const auto* node = find(key)) {
            value = string_of(key, *node);
            judge(key, *node, value.empty() ? "expected a program, got \"\"" : "");
        }
        if (value.find('/') != std::string::npos) {
            value = from_folder(value).string();
        }
    }
    void optional_program(const char* key, std::string& value) override {
        if (const auto* node = find(key)) {
            value = string_of(key, *node);
        }
        if (value.find('/') != std::string::npos) {
            value = from_folder(value).string();
        }
    }
    void word(const char* key,
              std::string& value,
              const std::vector<std::string>& allowed) override {
        if (const auto* node = find(key)) {
            value = string_of(key, *node);
            judge(key, *node, word_problem(value, allowed));
        }
    }
    void whole(const char* key, int& value, int low, int high) override {
        if (const auto* node = find(key)) {
            const auto given = node->value_exact<std::int64_t>();
            if (!given || *given < low || *given > high) {
                const std::string range = std::to_string(low) + ".." + std::to_string(high);
                fail(key,
                     *node,
                     expected((given ? "" : "a whole number in ") + range, text_of(*node)));
            }
            value = static_cast<int>(*given);
        }
    }
    void number(const char* key, double& value, double low, double high) override {
        if (const auto* node = find(key)) {
            const auto given = node->is_number() ? node->value<double>() : std::optional<double>();
            if (!given || !(*given >= low && *given <= high)) {
                fail(key,
                     *node,
                     expected(number_text(low) + ".." + number_text(high), text_of(*node)));
            }
            value = *given;
        }
    }

    /// After all keys were visited: what the file has and nobody asked for is a mistake.
    void refuse_unknown() const {
        for (const auto& [name, keys] : asked_) {
            const toml::table* table = name.empty() ? &root_ : table_at(name);
            if (table == nullptr) {
                continue;
            }
            for (const auto& [key, node] : *table) {
                const std::string word(key.str());
                if (std::find(keys.begin(), keys.end(), word) == keys.end()) {
                    Place(file_, key.source())
                        .fail(name.empty() ? word : name + "." + word, unknown_key(word, keys));
                }
            }
        }
    }

    [[noreturn]] void refuse(const KeyProblem& problem) const {
        const auto node = root_.at_path(problem.key);
        at(node ? *node.node() : root_).fail(problem.key, problem.text);
    }

    /// The [campaign.NAME] tables, as the JSON objects that the store keeps.
    std::map<std::string, std::string> campaigns(bool with_model) {
        section("campaign");
        std::map<std::string, std::string> found;
        if (table_ == nullptr) {
            return found;
        }
        for (const auto& [key, node] : *table_) {
            const std::string name(key.str());
            asked_["campaign"].push_back(name);
            const std::string path = "campaign." + name;
            if (!is_campaign_name(name)) {
                Place(file_, key.source())
                    .fail(path, "expected a name of 1 to 64 letters, digits, '_', '-' or '.'");
            }
            if (!node.is_table()) {
                at(node).fail(path, "expected a table, got " + text_of(node));
            }
            found[name] = campaign(path, *node.as_table(), with_model);
        }
        return found;
    }

  private:
    std::string campaign(const std::string& path, const toml::table& table, bool with_model) {
        nlohmann::json keys = nlohmann::json::object();
        for (const auto& [key, node] : table) {
            keys[std::string(key.str())] = json_of(path + "." + std::string(key.str()), node);
        }
        if (!with_model && !keys.contains("policy")) {
            keys["policy"] = "popularity";
        }
        const auto place_of = [&](const std::string& key) {
            const toml::node* node = table.get(key);
            return node == nullptr ? at(table) : at(*node);
        };
        CampaignConfig config;
        try {
            config = parse_campaign_config(keys.dump(), folder_);
            if (!with_model) {
                PopularityCampaign::require(config.policy, config.cost_exponent);
            }
        } catch (const ConfigError& error) {
            place_of(error.key()).fail(path + "." + error.key(), error.problem());
        }
        std::error_code ignored;
        if (!fs::is_regular_file(config.pool, ignored)) {
            place_of("pool").fail(path + ".pool", "there is no file " + config.pool);
        }
        if (config.data.empty() && with_model) {
            at(table).fail(path + ".data",
                           "expected the path of a table of reported clusters, got nothing; "
                           "learner.kind \"model\" learns from one");
        }
        if (!config.data.empty() && !fs::is_regular_file(config.data, ignored)) {
            place_of("data").fail(path + ".data", "there is no file " + config.data);
        }
        if (!config.stock.empty() && !fs::is_regular_file(config.stock, ignored)) {
            place_of("stock").fail(path + ".stock", "there is no file " + config.stock);
        }
        return encode_campaign_config(config);
    }

    nlohmann::json json_of(const std::string& key, const toml::node& node) const {
        if (const auto text = node.value_exact<std::string>()) {
            return *text;
        }
        if (const auto whole = node.value_exact<std::int64_t>()) {
            return *whole;
        }
        if (const auto number = node.value_exact<double>()) {
            if (!std::isfinite(*number)) {  // JSON would turn it into "not given"
                at(node).fail(key, "expected a finite number, got " + text_of(node));
            }
            return *number;
        }
        if (const auto flag = node.value_exact<bool>()) {
            return *flag;
        }
        if (const toml::array* list = node.as_array()) {
            nlohmann::json all = nlohmann::json::array();
            for (const auto& each : *list) {
                all.push_back(json_of(key, each));
            }
            return all;
        }
        at(node).fail(key,
                      "expected a text, a number, true, false or a list, got " + text_of(node));
    }

    const toml::table* table_at(const std::string& name) const {
        return root_.at_path(name).as_table();
    }
    const toml::node* find(const char* key) {
        asked_[section_].emplace_back(key);
        return table_ == nullptr ? nullptr : table_->get(key);
    }
    Place at(const toml::node& node) const { return Place(file_, node.source()); }
    [[noreturn]] void fail(const char* key,
                           const toml::node& node,
                           const std::string& problem) const {
        at(node).fail(section_ + "." + key, problem);
    }
    void judge(const char* key, const toml::node& node, const std::string& problem) const {
        if (!problem.empty()) {
            fail(key, node, problem);
        }
    }
    std::string string_of(const char* key, const toml::node& node) const {
        const auto text = node.value_exact<std::string>();
        if (!text || text->find('\0') != std::string::npos) {
            fail(key, node, expected("a text without NUL", text_of(node)));
        }
        return *text;
    }
    fs::path from_folder(const fs::path& path) const {
        return fs::absolute(folder_ / path).lexically_normal();
    }

    const toml::table& root_;
    std::string file_;
    fs::path folder_;
    std::string section_;
    const toml::table* table_ = nullptr;
    std::map<std::string, std::vector<std::string>> asked_;
};

toml::table parse_file(const fs::path& file) {
    if (file.empty()) {
        throw InputError("bad_config", "the configuration: expected the path of a TOML file");
    }
    std::error_code ignored;
    const fs::file_type type = fs::status(file, ignored).type();
    if (type == fs::file_type::not_found) {
        throw InputError("bad_config",
                         file.string() + ": there is no such file; cupel campaign init writes one");
    }
    if (type != fs::file_type::none && type != fs::file_type::regular) {
        throw InputError("bad_config", file.string() + ": is no file");  // a device never ends
    }
    std::ifstream in(file, std::ios::binary);
    if (!in) {
        throw InputError("bad_config", file.string() + ": cannot be read: " + std::strerror(errno));
    }
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    try {
        return toml::parse(text);
    } catch (const toml::parse_error& error) {
        throw InputError("bad_config",
                         file.string() + ":" + std::to_string(error.source().begin.line) +
                             ": not TOML: " + one_line(std::string(error.description())));
    }
}

}  // namespace

Config load_config(const std::filesystem::path& file) {
    const toml::table root = parse_file(file);
    Config config;
    TomlReader reader(root, file.string(), fs::absolute(file).parent_path());
    visit_keys(config, reader);
    config.campaigns = reader.campaigns(config.learner.kind == "model");
    reader.refuse_unknown();
    if (const auto problem = find_disagreement(config)) {
        reader.refuse(*problem);
    }
    return config;
}

void check_config(Config config) {
    Checker checker;
    visit_keys(config, checker);
    if (const auto problem = find_disagreement(config)) {
        throw InputError("bad_config", one_line(problem->key + ": " + problem->text));
    }
    for (const auto& [name, keys] : config.campaigns) {
        if (!is_campaign_name(name)) {
            throw InputError("bad_config",
                             "campaign." + one_line(name) +
                                 ": expected a name of 1 to 64 letters, digits, '_', '-' or '.'");
        }
        try {
            const CampaignConfig campaign = parse_campaign_config(keys);
            if (config.learner.kind == "popularity") {
                PopularityCampaign::require(campaign.policy, campaign.cost_exponent);
            }
        } catch (const ConfigError& error) {
            throw InputError("bad_config", "campaign." + name + "." + one_line(error.what()));
        }
    }
}

std::map<std::string, std::string> key_values(Config config) {
    Lister lister;
    visit_keys(config, lister);
    return lister.values;
}

}  // namespace cupel::controller
