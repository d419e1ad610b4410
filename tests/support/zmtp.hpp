// Bytes of ZMTP, for whoever speaks it as no library would.
#pragma once

#include <cstdint>
#include <string>

namespace cupel::test {

/// ZMTP 3.0 without security, and READY of a socket of this type: from here on frames are expected.
inline std::string zmtp_handshake(const std::string& socket_type = "DEALER") {
    std::string greeting("\xff\0\0\0\0\0\0\0\0\x7f\x03\0NULL", 16);
    greeting.resize(64, '\0');
    const std::string name("\x05READY\x0bSocket-Type\0\0\0", 21);
    const std::string ready = name + static_cast<char>(socket_type.size()) + socket_type;
    return greeting + '\x04' + static_cast<char>(ready.size()) + ready;
}

/// One frame; `more`: others of the same message follow.
inline std::string zmtp_frame(const std::string& bytes, bool more) {
    std::string head(1, static_cast<char>((more ? 1 : 0) | (bytes.size() > 255 ? 2 : 0)));
    const std::uint64_t size = bytes.size();
    for (int shift = size > 255 ? 56 : 0; shift >= 0; shift -= 8) {
        head += static_cast<char>(size >> shift);
    }
    return head + bytes;
}

}  // namespace cupel::test
