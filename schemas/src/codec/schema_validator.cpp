// valijson over the embedded schemas, behind a quick check of our own; each schema is compiled
// once.
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>

#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include <cupel/codec/schema_validator.hpp>

#include "embedded_schemas.hpp"
#include "json_values.hpp"
#include "schema_shape.hpp"

namespace cupel::codec {
namespace {

using valijson::adapters::NlohmannJsonAdapter;

struct Compiled {
    explicit Compiled(const Parsed& document) : shape(document) {
        valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
        parser.populateSchema(NlohmannJsonAdapter(document), schema);
    }
    SchemaShape shape;
    valijson::Schema schema;
};

const Compiled& compiled(std::string_view name) {
    static std::mutex mutex;
    static std::map<std::string, std::unique_ptr<Compiled>, std::less<>> cache;
    const std::lock_guard lock(mutex);
    if (const auto known = cache.find(name); known != cache.end()) {
        return *known->second;
    }
    const auto it = embedded_schemas().find(std::string(name));
    if (it == embedded_schemas().end()) {
        throw std::logic_error("no schema " + std::string(name));
    }
    auto fresh = std::make_unique<Compiled>(Parsed::parse(it->second));
    return *cache.emplace(name, std::move(fresh)).first->second;
}

/// valijson's context parts are "<root>", "[name]", "[3]"; ours read name[3].
std::string path_of(const valijson::ValidationResults::Error& error) {
    std::string path;
    for (const auto& part : error.context) {
        if (part.size() < 3 || part.front() != '[') {
            continue;
        }
        const std::string inner = part.substr(1, part.size() - 2);
        const bool index = inner.find_first_not_of("0123456789") == std::string::npos;
        path += index ? "[" + inner + "]" : (path.empty() ? "" : ".") + inner;
    }
    return path.empty() ? "body" : path;
}

/// The validator's own words name keywords of JSON Schema; a chemist has to read them.
std::string plain_words(const std::string& description, std::string_view name) {
    const std::string asks = std::string(name) + " (schemas/json) asks for";
    if (description.find("match regex") != std::string::npos) {
        return "has not the form that " + asks;
    }
    if (description.find("any enum values") != std::string::npos) {
        return "is none of the words that " + asks;
    }
    return description;
}

}  // namespace

std::optional<std::string> schema_violation(std::string_view name, const Parsed& body) {
    const auto& [shape, schema] = compiled(name);
    // Nearly every body fits, and most do so at a glance: what is wrong is looked for only when
    // something is.
    if (shape.surely_fits(body)) {
        return std::nullopt;
    }
    // The validator looks at every entry of a list before it says that there are too many.
    if (const auto problem = shape.too_long(body)) {
        return problem->front() == ':' ? "body" + *problem : *problem;
    }
    // Keeps the patterns that it has compiled: most of the cost otherwise.
    thread_local valijson::Validator validator;
    if (validator.validate(schema, NlohmannJsonAdapter(body), nullptr)) {
        return std::nullopt;
    }
    valijson::ValidationResults results;
    validator.validate(schema, NlohmannJsonAdapter(body), &results);
    // The last error is the outermost; the first names the field itself.
    valijson::ValidationResults::Error error;
    if (!results.popError(error)) {
        return "does not fit " + std::string(name);
    }
    return path_of(error) + ": " + plain_words(error.description, name);
}

std::optional<std::string> schema_violation(std::string_view name, std::string_view json) {
    const auto document = Parsed::parse(json.begin(), json.end(), nullptr, false);
    return document.is_discarded() ? "not JSON" : schema_violation(name, document);
}

void prepare_schemas() {
    // A body that reaches the patterns: they are compiled when they are met first.
    constexpr std::string_view kBody =
        R"({"cmd_id":"0","proposal":"0","proposals":["0"],"campaign":"0","lease":"0","fence":1,)"
        R"("sha256":"0","result":"0","alarm":"0","client":"0","blobs":[{"sha256":"0"}]})";
    for (const auto& [name, text] : embedded_schemas()) {
        if (name.rfind("command-", 0) == 0) {
            schema_violation(name, kBody);
        }
    }
}

std::vector<std::string> schema_names() {
    std::vector<std::string> names;
    for (const auto& [name, text] : embedded_schemas()) {
        names.push_back(name);
    }
    return names;
}

}  // namespace cupel::codec
