// What most bodies need of their schema: a quick yes.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "plain_pattern.hpp"

namespace cupel::codec {

/// The keywords that the schemas of commands are made of, read once. It knows no other, and never
/// says what is wrong: both are left to the validator. Immutable: any thread may ask.
class SchemaShape {
  public:
    explicit SchemaShape(const nlohmann::json& schema);

    /// True only when the validator would find no fault with `value`; false says nothing.
    bool surely_fits(const nlohmann::json& value) const;

    /// The first list, object or text that is longer than the schema allows, with its place:
    /// "proposals: at most 384 entries, got 8000". Found in one walk, where the validator would
    /// look at every entry first. Of what only one alternative bounds, that bound counts.
    std::optional<std::string> too_long(const nlohmann::json& value) const;

  private:
    enum class Type { Any, Object, Array, Text, Integer, Number, Boolean, Null };
    struct Member;

    /// `whole` has the definitions that `schema` may name.
    SchemaShape(const nlohmann::json& schema, const nlohmann::json& whole);

    void read(const std::string& keyword, const nlohmann::json& value, const nlohmann::json& whole);
    void read_reference(const std::string& place, const nlohmann::json& whole);
    void read_type(const std::string& word);
    void read_members(const nlohmann::json& properties, const nlohmann::json& whole);
    void read_required(const nlohmann::json& names);
    bool has_type(const nlohmann::json& value) const;
    bool is_word(const nlohmann::json& value) const;
    bool fits_text(const std::string& text) const;
    bool fits_number(double number) const;
    bool fits_list(const nlohmann::json& list) const;
    bool fits_object(const nlohmann::json& object) const;
    Member& member(const std::string& name);

    static constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();

    bool known_ = true;  ///< false: it has a keyword that this class does not know
    Type type_ = Type::Any;
    std::vector<SchemaShape> any_of_;               ///< one of them, unless empty
    std::vector<std::string> words_;                ///< one of them, unless empty
    std::optional<PlainPattern> pattern_;           ///< of texts
    std::uint64_t shortest_ = 0, longest_ = kMost;  ///< characters of a text
    double minimum_ = -std::numeric_limits<double>::infinity();
    double maximum_ = std::numeric_limits<double>::infinity();
    double above_ = -std::numeric_limits<double>::infinity();
    std::uint64_t fewest_ = 0, most_items_ = kMost;
    std::uint64_t most_members_ = kMost;
    std::vector<SchemaShape> items_;   ///< at most one, which all items must fit
    std::vector<Member> members_;      ///< of an object
    std::vector<SchemaShape> others_;  ///< at most one, for members that are not named
    std::size_t required_ = 0;
};

struct SchemaShape::Member {
    std::string name;
    std::vector<SchemaShape> shape;  ///< at most one: a member may be required and no more
    bool required = false;
};

}  // namespace cupel::codec
