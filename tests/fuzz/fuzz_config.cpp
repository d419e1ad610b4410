// The configuration file; it is read from a path, so the bytes go through a file in memory.
#include <sys/mman.h>
#include <unistd.h>

#include <cupel/controller.hpp>

#include "one_line.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t count) {
    return cupel::test::answers_or_refuses(bytes, count, [](std::string_view text) {
        static const int descriptor = ::memfd_create("cupeld.toml", MFD_CLOEXEC);
        if (::ftruncate(descriptor, 0) != 0 ||
            ::pwrite(descriptor, text.data(), text.size(), 0) < 0) {
            return;
        }
        cupel::controller::Config::load("/proc/self/fd/" + std::to_string(descriptor));
    });
}
