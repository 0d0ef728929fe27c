// The strict parser of response heads: read the lines, then decide how the body is framed.
#include "http/message/response_head.hpp"

#include <charconv>
#include <optional>

#include "base/limits.hpp"
#include "http/message/characters.hpp"
#include "http/message/field_lines.hpp"

namespace lodestone::http {
namespace {

using State = ResponseHeadResult::State;

constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// For "the answer …".
std::string_view explain(LineFault fault) {
    switch (fault) {
        case LineFault::none: break;
        case LineFault::bare_carriage_return: return "has a carriage return that ends no line";
        case LineFault::bare_line_feed: return "ends a line without a carriage return";
        case LineFault::folded: return "folds a field over two lines";
        case LineFault::no_colon: return "has a field without a colon";
        case LineFault::malformed_name: return "has a malformed field name";
        case LineFault::malformed_value: return "has a control character in a field";
    }
    return {};
}

// "HTTP/1.1 200 OK"; the space before an empty reason is required by RFC 9112 §4 and forgotten by servers.
std::string_view parse_status_line(std::string_view line, ResponseHead& head) {
    constexpr std::string_view version = "HTTP/1.";
    if (!line.starts_with(version)) return "does not begin with HTTP/1";
    line.remove_prefix(version.size());
    if (line.size() < 5 || (line[0] != '0' && line[0] != '1') || line[1] != ' ')
        return "has a version other than 1.0 and 1.1";
    head.minor_version = static_cast<std::uint8_t>(line[0] - '0');
    line.remove_prefix(2);
    if (!is_digit(line[0]) || !is_digit(line[1]) || !is_digit(line[2]))
        return "has no status of three digits";
    head.status = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
    if (head.status < 100 || head.status > 599) return "has a status outside 100 to 599";
    line.remove_prefix(3);
    if (line.empty()) return {};
    if (line[0] != ' ') return "has something other than a space after its status";
    head.reason = line.substr(1);
    return is_all(head.reason, character::field) ? std::string_view{}
                                                 : "has a control character in its reason";
}

std::string_view parse_lines(std::string_view bytes, ResponseHead& head) {
    const auto line_end = bytes.find('\r');
    if (const auto fault = parse_status_line(bytes.substr(0, line_end), head); !fault.empty()) return fault;
    bytes.remove_prefix(line_end + 2);
    while (bytes != "\r\n") {
        const FieldLine line = take_field_line(bytes);
        if (line.fault != LineFault::none) return explain(line.fault);
        if (!head.headers.append(line.field)) return "has too many fields";
    }
    return {};
}

struct Length {
    std::optional<std::uint64_t> value;
    bool is_malformed = false;
};

// Repeated equal lengths count as one (RFC 9110 §8.6); differing ones are an attack or a bug.
Length find_length(const ReceivedHeaders& headers) {
    Length length;
    for (const auto& field : headers) {
        if (!equals_ignoring_case(field.name, "content-length")) continue;
        std::string_view rest = field.value;
        while (true) {
            const auto comma = rest.find(',');
            const auto digits = trim_whitespace(rest.substr(0, comma));
            std::uint64_t value = 0;
            const auto* const last = digits.data() + digits.size();
            const auto [stop, error] = std::from_chars(digits.data(), last, value);
            if (error != std::errc{} || stop != last) return {std::nullopt, true};
            if (length.value.value_or(value) != value) return {std::nullopt, true};
            length.value = value;
            if (comma == rest.npos) break;
            rest.remove_prefix(comma + 1);
        }
    }
    return length;
}

// The order of RFC 9112 §6.3, with every contradiction refused.
std::string_view decide_framing(ResponseHead& head, Method method) {
    using Framing = ResponseHead::Framing;
    const bool has_coding = head.headers.count("transfer-encoding") != 0;
    const Length length = find_length(head.headers);
    if (length.is_malformed) return "has a malformed or contradictory Content-Length";
    if (has_coding && length.value) return "has both Content-Length and Transfer-Encoding";
    if (has_coding && head.minor_version == 0) return "has a Transfer-Encoding in HTTP/1.0";
    if (has_coding && !equals_ignoring_case(head.headers.joined("transfer-encoding"), "chunked"))
        return "has a Transfer-Encoding other than chunked";

    const bool is_bodiless = head.is_interim() || head.status == 204;
    if (is_bodiless || head.status == 304 || method == Method::head) {
        head.framing = Framing::none;
        // What must not be there may be followed by a body that must not be there either.
        if (is_bodiless && (has_coding || length.value.value_or(0) != 0)) head.keeps_alive = false;
    } else if (has_coding) {
        head.framing = Framing::chunked;
    } else if (length.value) {
        head.framing = Framing::length;
        head.content_length = *length.value;
    } else {
        head.framing = Framing::until_close;
        head.keeps_alive = false;
    }
    return {};
}

std::string_view parse_head(std::string_view bytes, Method method, ResponseHead& head) {
    if (const auto fault = parse_lines(bytes, head); !fault.empty()) return fault;
    if (head.status == 101) return "switches protocols without being asked";
    const auto connection = head.headers.joined("connection");
    head.keeps_alive =
        !has_token(connection, "close") && (head.minor_version == 1 || has_token(connection, "keep-alive"));
    return decide_framing(head, method);
}

}  // namespace

ResponseHeadResult parse_response_head(std::string_view bytes, std::size_t& scanned_bytes, Method method,
                                       ResponseHead& head) {
    const HeadEnd end = find_head_end(bytes.substr(0, limits::head_bytes), scanned_bytes);
    if (end.fault != LineFault::none) return {State::refused, 0, explain(end.fault)};
    if (end.at == bytes.npos) {
        if (bytes.size() >= limits::head_bytes) return {State::refused, 0, "has too large a head"};
        return {State::need_more};
    }
    head = ResponseHead{};
    const auto fault = parse_head(bytes.substr(0, end.at), method, head);
    if (!fault.empty()) return {State::refused, 0, fault};
    return {State::complete, end.at};
}

}  // namespace lodestone::http
