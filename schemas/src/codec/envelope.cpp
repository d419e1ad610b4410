// Headers, errors and events as JSON.
#include <optional>
#include <utility>

#include <cupel/codec/envelope.hpp>
#include <cupel/codec/json_text.hpp>
#include <cupel/domain/timestamp.hpp>

#include "json_values.hpp"
#include "plain_json.hpp"

namespace cupel::codec {
namespace {

constexpr std::int64_t kMaxCounter = INT64_MAX;
constexpr std::int64_t kMaxVersion = 1'000'000;

/// Writes one header: each message has one, and they are always of the same few members.
class HeaderText {
  public:
    void add(std::string_view name, std::string_view text) {
        begin(name);
        append_json_text(json_, text);
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

/// Reads the headers that HeaderText writes, also with a blank behind each colon and comma; every
/// command has one. Nothing for any other text: it may be right all the same, or have to be told
/// what is wrong with it.
class PlainHeader {
  public:
    static std::optional<Header> try_read(std::string_view json) {
        PlainHeader reader(json);
        return reader.read() ? std::optional(std::move(reader.header_)) : std::nullopt;
    }

  private:
    explicit PlainHeader(std::string_view json) : scan_(json) {}

    bool read() {
        if (!scan_.take('{')) {
            return false;
        }
        do {
            scan_.take(' ');
            if (!read_member()) {
                return false;
            }
        } while (scan_.take(','));
        return scan_.take('}') && scan_.at_end() && has_version_ && has_kind_ && has_id_;
    }
    bool read_member() {
        std::string_view name;
        if (!scan_.take_text(name) || !scan_.take(':')) {
            return false;
        }
        scan_.take(' ');
        if (name == "cupel") {
            std::int64_t version = 0;
            has_version_ = scan_.take_natural(version) && version <= kMaxVersion;
            header_.version = has_version_ ? static_cast<int>(version) : 0;
            return has_version_;
        }
        if (name == "seq" || name == "gseq") {
            return scan_.take_natural(name == "seq" ? header_.seq : header_.gseq);
        }
        std::string* const value = name == "kind"    ? &header_.kind
                                   : name == "id"    ? &header_.id
                                   : name == "cause" ? &header_.cause
                                   : name == "epoch" ? &header_.epoch
                                   : name == "time"  ? &header_.time
                                                     : nullptr;
        has_kind_ = has_kind_ || value == &header_.kind;
        has_id_ = has_id_ || value == &header_.id;
        std::string_view text;
        if (value == nullptr || !scan_.take_text(text)) {
            return false;
        }
        *value = text;
        return true;
    }

    PlainScanner scan_;
    Header header_;
    bool has_version_ = false, has_kind_ = false, has_id_ = false;
};

std::int64_t counter(const Field& field, const std::string& name) {
    const auto value = field.find(name);
    return value ? value->integer(0, kMaxCounter) : 0;
}

Header read_header(const Field& field) {
    Header header;
    header.version = static_cast<int>(field.at("cupel").integer(0, kMaxVersion));
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
    if (auto plain = PlainHeader::try_read(json)) {
        return std::move(*plain);
    }
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
