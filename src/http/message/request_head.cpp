// The strict parser of request heads: one pass to find the end, one to take it apart. Nothing is copied.
#include "http/message/request_head.hpp"

#include <algorithm>
#include <optional>

#include "http/message/characters.hpp"
#include "http/message/field_lines.hpp"

namespace lodestone::http {

namespace {

// What is wrong with the head; nothing when it is fine.
struct Fault {
    const ProblemKind* problem = nullptr;
    std::string_view detail = {};
    explicit operator bool() const { return problem != nullptr; }
};

Fault malformed(std::string_view detail) {
    return {&problems::malformed_request, detail};
}

std::string_view take_until(std::string_view& text, char separator) {
    const std::size_t at = text.find(separator);
    const std::string_view taken = text.substr(0, at);
    text.remove_prefix(at == text.npos ? text.size() : at + 1);
    return taken;
}

bool is_host(std::string_view host) {
    if (host.empty() || !is_all(host, character::host)) return false;
    const std::size_t name_end = host.front() == '[' ? host.find(']') : host.find(':');
    if (host.front() == '[' && name_end == host.npos) return false;
    if (name_end == 0) return false;
    std::string_view rest = host.substr(std::min(name_end, host.size()));
    if (host.front() == '[') rest.remove_prefix(1);
    if (host.front() != '[' && host.find_first_of("[]") != host.npos) return false;
    if (rest.empty()) return true;
    return rest.front() == ':' && rest.size() <= 6 && rest.find_first_not_of("0123456789", 1) == rest.npos;
}

Fault parse_version(std::string_view version, RequestHead& head) {
    if (version == "HTTP/1.1")
        head.minor_version = 1;
    else if (version == "HTTP/1.0")
        head.minor_version = 0;
    else if (version.size() == 8 && version.starts_with("HTTP/") && version[6] == '.')
        return {&problems::version_not_supported, "This server speaks HTTP/1.1."};
    else
        return malformed("The request line does not end with an HTTP version.");
    return {};
}

// Origin form, absolute form, or "*" (RFC 9112 §3.2). The authority form belongs to CONNECT, which we do not
// do.
Fault parse_target(RequestHead& head) {
    std::string_view rest = head.target;
    if (!is_all(rest, character::target))
        return malformed("The request target has a character in it that must be escaped.");
    if (rest == "*") {
        if (head.method != Method::options) return malformed("Only OPTIONS may ask for \"*\".");
        head.path = rest;
        return {};
    }
    if (rest.front() != '/') {
        const std::size_t scheme_size = rest.starts_with("http://")    ? 7
                                        : rest.starts_with("https://") ? 8
                                                                       : 0;
        if (scheme_size == 0) return malformed("The request target is neither a path nor an http URL.");
        rest.remove_prefix(scheme_size);
        head.host = rest.substr(0, rest.find_first_of("/?"));
        rest.remove_prefix(head.host.size());
        if (!is_host(head.host)) return malformed("The request target names no valid host.");
        if (rest.empty() || rest.front() != '/') {
            if (!rest.empty()) return malformed("The request target has no path before its query.");
            rest = "/";
        }
    }
    head.path = take_until(rest, '?');
    head.query = rest;
    return {};
}

Fault parse_request_line(std::string_view line, const HeadLimits& limits, RequestHead& head) {
    const std::string_view method = take_until(line, ' ');
    if (method.empty() || !is_all(method, character::token))
        return malformed("The request line does not begin with a method.");
    const std::size_t version_at = line.rfind(' ');
    if (version_at == line.npos) return malformed("The request line is not \"method target version\".");
    head.target = line.substr(0, version_at);
    if (head.target.empty()) return malformed("The request line has no target.");
    if (head.target.size() > limits.target_bytes)
        return {&problems::target_too_long, "The URL is longer than this server takes."};
    if (const Fault fault = parse_version(line.substr(version_at + 1), head)) return fault;
    const std::optional<Method> known = parse_method(method);
    if (!known) return {&problems::not_implemented, "This server does not know the request's method."};
    head.method = *known;
    return parse_target(head);
}

// The fields that decide how the connection goes on. Each may stand once.
struct Framing {
    std::optional<std::string_view> host, content_length, transfer_encoding, expect;
    bool has_authorization = false;
};

Fault note_connection(std::string_view value, RequestHead& head) {
    bool asks_to_close = false;
    bool asks_to_keep = false;
    for (const std::string_view option : split_list(value)) {
        if (!is_all(option, character::token))
            return malformed("The Connection header is not a list of tokens.");
        if (equals_ignoring_case(option, "close")) asks_to_close = true;
        if (equals_ignoring_case(option, "keep-alive")) asks_to_keep = true;
    }
    if (asks_to_keep && head.minor_version == 0) head.keeps_alive = true;
    if (asks_to_close) head.keeps_alive = false;
    return {};
}

Fault note_field(const HeaderField& field, Framing& framing, RequestHead& head) {
    const auto once = [&](std::optional<std::string_view>& slot, std::string_view fault) {
        if (slot) return malformed(fault);
        slot = field.value;
        return Fault{};
    };
    switch (field.name.size()) {
        case 4:
            if (equals_ignoring_case(field.name, "host"))
                return once(framing.host, "There are two Host headers.");
            break;
        case 6:
            if (equals_ignoring_case(field.name, "expect"))
                return once(framing.expect, "There are two Expect headers.");
            break;
        case 10:
            if (equals_ignoring_case(field.name, "connection")) return note_connection(field.value, head);
            break;
        case 13:
            if (equals_ignoring_case(field.name, "authorization")) {
                if (framing.has_authorization) return malformed("There are two Authorization headers.");
                framing.has_authorization = true;
            }
            break;
        case 14:
            if (equals_ignoring_case(field.name, "content-length"))
                return once(framing.content_length, "There are two Content-Length headers.");
            break;
        case 17:
            if (equals_ignoring_case(field.name, "transfer-encoding"))
                return once(framing.transfer_encoding, "There are two Transfer-Encoding headers.");
            break;
        default: break;
    }
    return {};
}

Fault explain(LineFault fault) {
    switch (fault) {
        case LineFault::none: break;
        case LineFault::bare_carriage_return: return malformed("A carriage return stands alone.");
        case LineFault::bare_line_feed: return malformed("A line does not end with CR LF.");
        case LineFault::folded: return malformed("A header is continued on a second line.");
        case LineFault::no_colon: return malformed("A header has no colon.");
        case LineFault::malformed_name:
            return malformed("A header's name has a character in it that may not stand there.");
        case LineFault::malformed_value: return malformed("A header's value has a control character in it.");
    }
    return {};
}

Fault parse_fields(std::string_view text, Framing& framing, RequestHead& head) {
    while (!text.empty()) {
        const FieldLine line = take_field_line(text);
        if (line.fault != LineFault::none) return explain(line.fault);
        if (const Fault fault = note_field(line.field, framing, head)) return fault;
        if (!head.headers.append(line.field))
            return {&problems::headers_too_large, "The request has too many headers."};
    }
    return {};
}

Fault check_host(const Framing& framing, RequestHead& head) {
    if (!framing.host) {
        if (head.minor_version == 1) return malformed("An HTTP/1.1 request must have a Host header.");
        return {};
    }
    // A client that talks to a Unix socket may have no name for us: empty is allowed (RFC 9112 §3.2).
    if (!framing.host->empty() && !is_host(*framing.host)) return malformed("The Host header is not a host.");
    if (head.host.empty())
        head.host = *framing.host;
    else if (!equals_ignoring_case(head.host, *framing.host))
        return malformed("The request target and the Host header name different hosts.");
    return {};
}

Fault check_transfer_encoding(std::string_view value) {
    if (equals_ignoring_case(value, "chunked")) return {};
    const auto codings = split_list(value);
    const auto chunked = std::count_if(codings.begin(), codings.end(),
                                       [](auto c) { return equals_ignoring_case(c, "chunked"); });
    if (codings.empty() || chunked > 1 || (chunked == 1 && !equals_ignoring_case(codings.back(), "chunked")))
        return malformed("The Transfer-Encoding does not say where the body ends.");
    return {&problems::not_implemented, "The only Transfer-Encoding this server decodes is chunked."};
}

Fault check_framing(const Framing& framing, RequestHead& head) {
    if (framing.transfer_encoding) {
        if (framing.content_length)
            return malformed("Content-Length and Transfer-Encoding contradict each other.");
        if (head.minor_version == 0) return malformed("HTTP/1.0 has no Transfer-Encoding.");
        head.framing = RequestHead::Framing::chunked;
        return check_transfer_encoding(*framing.transfer_encoding);
    }
    if (framing.content_length) {
        const std::string_view digits = *framing.content_length;
        if (digits.empty() || digits.size() > 18 || digits.find_first_not_of("0123456789") != digits.npos)
            return malformed("The Content-Length is not a number of bytes.");
        for (const char digit : digits)
            head.content_length = head.content_length * 10 + static_cast<std::uint64_t>(digit - '0');
        head.framing = head.content_length > 0 ? RequestHead::Framing::length : RequestHead::Framing::none;
    }
    return {};
}

Fault check_expectation(const Framing& framing, RequestHead& head) {
    if (!framing.expect || head.minor_version == 0) return {};
    if (!equals_ignoring_case(*framing.expect, "100-continue"))
        return {&problems::expectation_failed, "The only expectation this server can meet is 100-continue."};
    head.expects_continue = head.framing != RequestHead::Framing::none;
    return {};
}

Fault parse_head(std::string_view text, const HeadLimits& limits, RequestHead& head) {
    const std::size_t line_end = text.find('\r');
    if (const Fault fault = parse_request_line(text.substr(0, line_end), limits, head)) return fault;
    text.remove_prefix(line_end + 2);
    text.remove_suffix(2);  // the empty line
    head.keeps_alive = head.minor_version == 1;
    Framing framing;
    if (const Fault fault = parse_fields(text, framing, head)) return fault;
    if (const Fault fault = check_host(framing, head)) return fault;
    if (const Fault fault = check_framing(framing, head)) return fault;
    return check_expectation(framing, head);
}

// Nothing complete yet: is it worth waiting for more?
Fault check_unfinished(std::string_view bytes, const HeadLimits& limits) {
    constexpr std::size_t longest_method_and_version = 32;
    if (bytes.size() > limits.target_bytes + longest_method_and_version && bytes.find('\n') == bytes.npos)
        return {&problems::target_too_long, "The URL is longer than this server takes."};
    if (bytes.size() >= limits.head_bytes)
        return {&problems::headers_too_large, "The request's head is larger than this server takes."};
    return {};
}

}  // namespace

HeadResult parse_request_head(std::string_view bytes, std::size_t& scanned_bytes, const HeadLimits& limits,
                              RequestHead& head) {
    const auto refused = [](const Fault& fault) {
        return HeadResult{
            .state = HeadResult::State::refused, .problem = fault.problem, .detail = fault.detail};
    };
    head.reset();
    // One empty line before a request is forgiven (RFC 9112 §2.2).
    const std::size_t skipped = bytes.starts_with("\r\n") ? 2 : 0;
    if (scanned_bytes < skipped) scanned_bytes = skipped;
    if (bytes.size() > skipped && !is_all(bytes.substr(skipped, 1), character::token) && bytes != "\r")
        return refused(malformed("This is no HTTP request."));

    const HeadEnd end = find_head_end(bytes, scanned_bytes);
    if (end.fault != LineFault::none) return refused(explain(end.fault));
    if (end.at == bytes.npos) {
        if (const Fault fault = check_unfinished(bytes, limits)) return refused(fault);
        return {.state = HeadResult::State::need_more};
    }
    if (end.at > limits.head_bytes)
        return refused(
            {&problems::headers_too_large, "The request's head is larger than this server takes."});
    if (const Fault fault = parse_head(bytes.substr(skipped, end.at - skipped), limits, head))
        return refused(fault);
    return {.state = HeadResult::State::complete, .size_bytes = end.at};
}

}  // namespace lodestone::http
