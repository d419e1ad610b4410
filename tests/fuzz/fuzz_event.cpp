// An event: its header in the first line, its body behind.
#include <cupel/codec/envelope.hpp>

#include "one_line.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t count) {
    return cupel::test::answers_or_refuses(bytes, count, [](std::string_view text) {
        const auto end = text.find('\n');
        if (end != std::string_view::npos) {
            cupel::codec::decode_event(text.substr(0, end), text.substr(end + 1));
        }
    });
}
