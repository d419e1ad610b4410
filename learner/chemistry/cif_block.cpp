// Tags differ in case and in dots between programs and dictionaries.
#include "cif_block.hpp"

#include <algorithm>

#include <gemmi/numb.hpp>

namespace cupel::chemistry {

namespace cif = gemmi::cif;

bool same_tag(std::string_view tag, std::string_view wanted) {
    const auto plain = [](char c) { return c == '.' ? '_' : gemmi::lower(c); };
    return std::equal(tag.begin(), tag.end(), wanted.begin(), wanted.end(), [&](char a, char b) {
        return plain(a) == plain(b);
    });
}

int column(const cif::Loop& loop, std::initializer_list<const char*> tags) {
    for (const char* tag : tags) {
        for (std::size_t i = 0; i < loop.tags.size(); ++i) {
            if (same_tag(loop.tags[i], tag)) {
                return static_cast<int>(i);
            }
        }
    }
    return -1;
}

std::string text_of(const cif::Block& block, std::initializer_list<const char*> tags) {
    for (const char* tag : tags) {
        for (const auto& item : block.items) {
            if (item.type == cif::ItemType::Pair && same_tag(item.pair[0], tag) &&
                !item.pair[1].empty() && !cif::is_null(item.pair[1])) {
                return cif::as_string(item.pair[1]);
            }
        }
    }
    return {};
}

double number_of(const cif::Block& block, const char* tag, double missing) {
    const std::string text = text_of(block, {tag});
    return text.empty() ? missing : cif::as_number(text);
}

}  // namespace cupel::chemistry
