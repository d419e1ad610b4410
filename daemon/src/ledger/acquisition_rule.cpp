// A reader that stops at the first `rule` of the outermost object.
#include "acquisition_rule.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

#include <nlohmann/json.hpp>

namespace cupel::controller {
namespace {

using Json = nlohmann::json;

/// Of nlohmann's events; false ends the reading.
class RuleReader : public nlohmann::json_sax<Json> {
  public:
    bool null() override { return value(); }
    bool boolean(bool) override { return value(); }
    bool number_integer(number_integer_t) override { return value(); }
    bool number_unsigned(number_unsigned_t) override { return value(); }
    bool number_float(number_float_t, const string_t&) override { return value(); }
    bool binary(binary_t&) override { return value(); }
    bool string(string_t& text) override {
        if (due_) {
            rule = std::move(text);
        }
        return value();
    }
    bool start_object(std::size_t) override { return open(); }
    bool start_array(std::size_t) override {
        // An array outermost has no fields, nor have the objects in it.
        return depth_ > 0 && open();
    }
    bool key(string_t& name) override {
        due_ = depth_ == 1 && name == "rule";
        return true;
    }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }
    bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
        return false;
    }

    std::string rule;

  private:
    bool value() const { return !due_; }
    bool open() {
        ++depth_;
        return !due_;
    }
    bool close() {
        --depth_;
        return true;
    }
    int depth_ = 0;
    bool due_ = false;  ///< the next value is that of `rule`
};

}  // namespace

std::string acquisition_rule(const std::string& acquisition_input) {
    RuleReader reader;
    Json::sax_parse(acquisition_input, &reader);
    return reader.rule;
}

}  // namespace cupel::controller
