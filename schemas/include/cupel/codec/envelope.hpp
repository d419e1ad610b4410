// The header frame of every message, error bodies, and events as they travel.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <cupel/domain/command.hpp>
#include <cupel/domain/event.hpp>

namespace cupel::codec {

/// {"cupel":1,"kind","id","cause","epoch","seq","gseq","time"}; empty and zero fields are left out.
struct Header {
    int version = 1;
    std::string kind;
    std::string id;
    std::string cause;
    std::string epoch;
    std::int64_t seq = 0;
    std::int64_t gseq = 0;
    std::string time;
};

std::string encode(const Header& header);
/// Throws InputError("bad_message"); a header of another major version is read and returned as it
/// is.
Header decode_header(std::string_view json);

/// {"code","text","retryable"}.
std::string encode_error(ErrorCode code, std::string_view text);
struct DecodedError {
    std::string code;
    std::string text;
    bool retryable = false;
};
DecodedError decode_error(std::string_view json);

/// The header of an event's message; its body is the event's own.
Header header_of(const Event& event, std::string_view epoch);
/// {"header":{...},"body":{...}}: an event inside a REPLAY page.
std::string encode(const Event& event, std::string_view epoch);
Event decode_event(std::string_view header, std::string_view body);

}  // namespace cupel::codec
