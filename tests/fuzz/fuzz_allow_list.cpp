// The list of keys and their rights.
#include <cupel/controller/allow_list.hpp>

#include "one_line.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t count) {
    return cupel::test::answers_or_refuses(bytes, count, [](std::string_view text) {
        cupel::controller::AllowList::parse(std::string(text), "allow.toml");
    });
}
