// The body of a command; its kind stands in the first line.
#include <cupel/codec/command_codec.hpp>

#include "one_line.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t count) {
    return cupel::test::answers_or_refuses(bytes, count, [](std::string_view text) {
        const auto end = text.find('\n');
        if (end != std::string_view::npos) {
            const std::string kind(text.substr(0, end));
            if (cupel::codec::is_command_kind(kind)) {
                cupel::codec::decode_command(kind, text.substr(end + 1));
            }
        }
    });
}
