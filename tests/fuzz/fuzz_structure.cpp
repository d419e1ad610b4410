// Crystal and xyz structures.
#include <cupel/chemistry/structure_analysis.hpp>

#include "one_line.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t count) {
    return cupel::test::answers_or_refuses(bytes, count, [](std::string_view text) {
        // The first byte says what the file is called.
        if (!text.empty()) {
            const char* name = text.front() == 'x' ? "s.xyz" : "s.cif";
            cupel::chemistry::analyse_structure_text(std::string(text.substr(1)), name);
        }
    });
}
