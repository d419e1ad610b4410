// Headers, errors and events as JSON.
#include <utility>

#include <cupel/codec/envelope.hpp>
#include <cupel/domain/timestamp.hpp>

#include "json_values.hpp"

namespace cupel::codec {
namespace {

constexpr std::int64_t kMaxCounter = INT64_MAX;

/// Text that stands in JSON as it is.
bool is_plain(std::string_view text) {
    for (const char c : text) {
        if (c < ' ' || c > '~' || c == '"' || c == '\\') {
            return false;
        }
    }
    return true;
}

/// Writes one header: each message has one, and they are always of the same few members.
class HeaderText {
  public:
    void add(std::string_view name, std::string_view text) {
        begin(name);
        if (is_plain(text)) {
            json_.append(1, '"').append(text).append(1, '"');
        } else {
            json_ += dump(Json(text));
        }
    }
    void add(std::string_view name, std::int64_t number) {
        begin(name);
        json_ += std::to_string(number);
    }
    std::string take() && {
        json_ += '}';
        return std::move(json_);
    }

  private:
    void begin(std::string_view name) {
        json_ += json_.empty() ? '{' : ',';
        json_.append(1, '"').append(name).append("\":");
    }
    std::string json_;
};

std::int64_t counter(const Field& field, const std::string& name) {
    const auto value = field.find(name);
    return value ? value->integer(0, kMaxCounter) : 0;
}

Header read_header(const Field& field) {
    Header header;
    header.version = static_cast<int>(field.at("cupel").integer(0, 1'000'000));
    header.kind = field.at("kind").text();
    header.id = field.at("id").text();
    header.cause = field.text_or("cause");
    header.epoch = field.text_or("epoch");
    header.seq = counter(field, "seq");
    header.gseq = counter(field, "gseq");
    header.time = field.text_or("time");
    return header;
}

}  // namespace

std::string encode(const Header& header) {
    HeaderText text;
    text.add("cupel", std::int64_t{header.version});
    text.add("kind", header.kind);
    text.add("id", header.id);
    if (!header.cause.empty()) {
        text.add("cause", header.cause);
    }
    if (!header.epoch.empty()) {
        text.add("epoch", header.epoch);
    }
    if (header.seq > 0) {
        text.add("seq", header.seq);
    }
    if (header.gseq > 0) {
        text.add("gseq", header.gseq);
    }
    if (!header.time.empty()) {
        text.add("time", header.time);
    }
    return std::move(text).take();
}

Header decode_header(std::string_view json) {
    const Parsed value = parse(json);
    return read_header(Field(value, "header"));
}

std::string encode_error(ErrorCode code, std::string_view text) {
    Json json;
    json["code"] = to_string(code);
    json["text"] = text;
    json["retryable"] = is_retryable(code);
    return dump(json);
}

DecodedError decode_error(std::string_view json) {
    const Parsed value = parse(json);
    const Field field(value, "");
    return {field.at("code").text(),
            field.text_or("text"),
            field.optional_boolean("retryable").value_or(false)};
}

Header header_of(const Event& event, std::string_view epoch) {
    Header header;
    header.kind = event.kind;
    header.id = event.id;
    header.cause = event.cause;
    header.epoch = std::string(epoch);
    header.seq = event.seq;
    header.gseq = event.gseq;
    header.time = to_rfc3339(event.time);
    return header;
}

std::string encode(const Event& event, std::string_view epoch) {
    return "{\"header\":" + encode(header_of(event, epoch)) + ",\"body\":" + event.body_json + "}";
}

Event decode_event(std::string_view header_text, std::string_view body_text) {
    const Header header = decode_header(header_text);
    const Parsed body = parse(body_text);
    const Field field(body, "");
    Event event;
    event.id = header.id;
    event.kind = header.kind;
    event.cause = header.cause;
    event.seq = header.seq;
    event.gseq = header.gseq;
    event.campaign = field.text_or("campaign");
    event.proposal = field.text_or("proposal");
    event.time = try_parse_rfc3339(header.time).value_or(Timestamp{});
    event.body_json = std::string(body_text);
    return event;
}

}  // namespace cupel::codec
