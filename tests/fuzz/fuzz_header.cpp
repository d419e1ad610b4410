// The header of every message.
#include <cupel/codec/envelope.hpp>

#include "one_line.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t count) {
    return cupel::test::answers_or_refuses(
        bytes, count, [](std::string_view text) { cupel::codec::decode_header(text); });
}
