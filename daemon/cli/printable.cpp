// One byte after another; C1 controls are two bytes of UTF-8.
#include "printable.hpp"

namespace cupel::cli {

std::string printable(std::string text, bool lines) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const bool c1 = byte == 0xC2u && i + 1 < text.size() &&
                        (static_cast<unsigned char>(text[i + 1]) & 0xE0u) == 0x80u;
        if (c1) {
            text.replace(i, 2, "?");
        } else if ((byte < 0x20u && !(lines && byte == '\n')) || byte == 0x7Fu) {
            text[i] = '?';
        }
    }
    return text;
}

}  // namespace cupel::cli
