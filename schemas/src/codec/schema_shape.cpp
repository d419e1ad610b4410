// One branch for each keyword, when the schema is read and when a value is held against it.
#include "schema_shape.hpp"

#include <algorithm>
#include <utility>

namespace cupel::codec {

using nlohmann::json;

namespace {

bool is_list_of_words(const json& list) {
    return !list.empty() &&
           std::all_of(list.begin(), list.end(), [](const json& word) { return word.is_string(); });
}

}  // namespace

SchemaShape::SchemaShape(const json& schema) : SchemaShape(schema, schema) {}

SchemaShape::SchemaShape(const json& schema, const json& whole) {
    if (!schema.is_object()) {
        known_ = false;
        return;
    }
    for (const auto& [keyword, value] : schema.items()) {
        read(keyword, value, whole);
    }
}

void SchemaShape::read_reference(const std::string& place, const json& whole) {
    // Definitions name others, never themselves: this ends.
    const std::string kRoot = "#/definitions/";
    const auto definitions = whole.find("definitions");
    if (place.rfind(kRoot, 0) != 0 || definitions == whole.end() ||
        !definitions->contains(place.substr(kRoot.size()))) {
        known_ = false;
        return;
    }
    const json& definition = definitions->at(place.substr(kRoot.size()));
    for (const auto& [keyword, value] : definition.items()) {
        read(keyword, value, whole);
    }
}

void SchemaShape::read(const std::string& keyword, const json& value, const json& whole) {
    if (keyword == "$schema" || keyword == "title" || keyword == "definitions") {
        return;  // says nothing of the value
    }
    if (keyword == "$ref" && value.is_string()) {
        read_reference(value, whole);
    } else if (keyword == "type" && value.is_string()) {
        read_type(value);
    } else if (keyword == "anyOf" && !value.empty()) {
        for (const json& one : value) {
            any_of_.push_back(SchemaShape(one, whole));
        }
    } else if (keyword == "enum" && is_list_of_words(value)) {
        value.get_to(words_);
    } else if (keyword == "pattern") {
        pattern_ = PlainPattern::try_parse(value.get_ref<const std::string&>());
        known_ = known_ && pattern_;
    } else if (keyword == "minLength") {
        value.get_to(shortest_);
    } else if (keyword == "maxLength") {
        value.get_to(longest_);
    } else if (keyword == "minimum") {
        value.get_to(minimum_);
    } else if (keyword == "exclusiveMinimum" && value.is_number()) {
        value.get_to(above_);
    } else if (keyword == "maximum") {
        value.get_to(maximum_);
    } else if (keyword == "minItems") {
        value.get_to(fewest_);
    } else if (keyword == "maxItems") {
        value.get_to(most_items_);
    } else if (keyword == "maxProperties") {
        value.get_to(most_members_);
    } else if (keyword == "items") {
        items_.push_back(SchemaShape(value, whole));
    } else if (keyword == "properties") {
        read_members(value, whole);
    } else if (keyword == "required") {
        read_required(value);
    } else if (keyword == "additionalProperties") {
        others_.push_back(SchemaShape(value, whole));
    } else {
        known_ = false;
    }
}

void SchemaShape::read_type(const std::string& word) {
    constexpr std::pair<const char*, Type> kTypes[] = {{"object", Type::Object},
                                                       {"array", Type::Array},
                                                       {"string", Type::Text},
                                                       {"integer", Type::Integer},
                                                       {"number", Type::Number},
                                                       {"boolean", Type::Boolean},
                                                       {"null", Type::Null}};
    const auto* const type = std::find_if(std::begin(kTypes),
                                          std::end(kTypes),
                                          [&](const auto& known) { return known.first == word; });
    known_ = known_ && type != std::end(kTypes);
    type_ = known_ ? type->second : Type::Any;
}

SchemaShape::Member& SchemaShape::member(const std::string& name) {
    const auto known = std::find_if(
        members_.begin(), members_.end(), [&](const Member& one) { return one.name == name; });
    return known != members_.end() ? *known : members_.emplace_back(Member{name, {}, false});
}

void SchemaShape::read_members(const json& properties, const json& whole) {
    for (const auto& [name, schema] : properties.items()) {
        member(name).shape.push_back(SchemaShape(schema, whole));
    }
}

void SchemaShape::read_required(const json& names) {
    for (const json& name : names) {
        Member& one = member(name);
        required_ += one.required ? 0 : 1;
        one.required = true;
    }
}

bool SchemaShape::surely_fits(const json& value) const {
    if (!known_ || !has_type(value)) {
        return false;
    }
    const auto fits = [&](const SchemaShape& one) { return one.surely_fits(value); };
    if (!any_of_.empty() && std::none_of(any_of_.begin(), any_of_.end(), fits)) {
        return false;
    }
    if (!words_.empty() && !is_word(value)) {
        return false;
    }
    if (value.is_string()) {
        return fits_text(value.get_ref<const std::string&>());
    }
    if (value.is_number()) {
        // The validator takes what is beyond 63 bits for a negative number.
        const bool beyond = value.is_number_unsigned() && value.get<std::int64_t>() < 0;
        return !beyond && fits_number(value.get<double>());
    }
    return value.is_array() ? fits_list(value) : !value.is_object() || fits_object(value);
}

bool SchemaShape::has_type(const json& value) const {
    switch (type_) {
        case Type::Any:
            return true;
        case Type::Object:
            return value.is_object();
        case Type::Array:
            return value.is_array();
        case Type::Text:
            return value.is_string();
        case Type::Integer:
            return value.is_number_integer();
        case Type::Number:
            return value.is_number();
        case Type::Boolean:
            return value.is_boolean();
        case Type::Null:
            return value.is_null();
    }
    return false;
}

bool SchemaShape::is_word(const json& value) const {
    return value.is_string() &&
           std::find(words_.begin(), words_.end(), value.get_ref<const std::string&>()) !=
               words_.end();
}

bool SchemaShape::fits_text(const std::string& text) const {
    if (pattern_ && !pattern_->surely_matches(text)) {
        return false;
    }
    // Not shorter than its characters; these are counted only where somebody asks for a few. The
    // validator counts none from the first NUL on.
    const auto end = std::find(text.begin(), text.end(), '\0');
    const auto first_byte = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; };
    return text.size() <= longest_ &&
           (shortest_ == 0 ||
            static_cast<std::uint64_t>(std::count_if(text.begin(), end, first_byte)) >= shortest_);
}

bool SchemaShape::fits_number(double number) const {
    return number >= minimum_ && number > above_ && number <= maximum_;
}

bool SchemaShape::fits_list(const json& list) const {
    if (list.size() < fewest_ || list.size() > most_items_) {
        return false;
    }
    const auto fits = [this](const json& item) { return items_.front().surely_fits(item); };
    return items_.empty() || std::all_of(list.begin(), list.end(), fits);
}

bool SchemaShape::fits_object(const json& object) const {
    if (object.size() > most_members_) {
        return false;
    }
    std::size_t required = 0;
    for (auto entry = object.begin(); entry != object.end(); ++entry) {
        const auto known = std::find_if(members_.begin(), members_.end(), [&](const Member& one) {
            return one.name == entry.key();
        });
        const bool named = known != members_.end();
        required += named && known->required ? 1 : 0;
        const auto& shape = named && !known->shape.empty() ? known->shape : others_;
        if (!shape.empty() && !shape.front().surely_fits(entry.value())) {
            return false;
        }
    }
    return required == required_;
}

namespace {

/// A place under another: what begins with a name gets its dot.
std::string below(const std::string& place) {
    return place.front() == ':' || place.front() == '[' ? place : "." + place;
}

std::string at_most(std::uint64_t most, const char* what, std::size_t got) {
    return ": at most " + std::to_string(most) + " " + what + ", got " + std::to_string(got);
}

}  // namespace

std::optional<std::string> SchemaShape::too_long(const json& value) const {
    for (const SchemaShape& one : any_of_) {
        if (auto found = one.too_long(value)) {
            return found;
        }
    }
    if (value.is_string()) {
        // A character has at most four bytes.
        const std::size_t bytes = value.get_ref<const std::string&>().size();
        return bytes / 4 > longest_
                   ? std::optional(": at most " + std::to_string(longest_) + " characters")
                   : std::nullopt;
    }
    if (value.is_array()) {
        if (value.size() > most_items_) {
            return at_most(most_items_, "entries", value.size());
        }
        for (std::size_t i = 0; !items_.empty() && i < value.size(); ++i) {
            if (const auto found = items_.front().too_long(value[i])) {
                return "[" + std::to_string(i) + "]" + below(*found);
            }
        }
        return std::nullopt;
    }
    if (!value.is_object()) {
        return std::nullopt;
    }
    if (value.size() > most_members_) {
        return at_most(most_members_, "entries", value.size());
    }
    for (const Member& member : members_) {
        const auto entry = value.find(member.name);
        if (entry != value.end() && !member.shape.empty()) {
            if (const auto found = member.shape.front().too_long(*entry)) {
                return member.name + below(*found);
            }
        }
    }
    return std::nullopt;
}

}  // namespace cupel::codec
