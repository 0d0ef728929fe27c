// Rendering and sending a request, then waiting for the head of the answer.
#include "http/client/client_exchange.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "base/limits.hpp"
#include "base/problem.hpp"

namespace lodestone::http {
namespace {

using Reason = StreamError::Reason;

// Ours to decide: they say where the message ends or how the connection goes on.
bool is_reserved(std::string_view name) {
    constexpr std::array<std::string_view, 10> reserved{
        "trailer",    "host",       "content-length",   "transfer-encoding",
        "connection", "keep-alive", "proxy-connection", "upgrade",
        "te",         "expect"};
    return std::ranges::any_of(reserved, [&](auto entry) { return equals_ignoring_case(entry, name); });
}

void append_fields(std::string& text, const Headers& headers) {
    std::string_view rest = headers.wire_text();
    while (!rest.empty()) {
        const auto line = rest.substr(0, rest.find("\r\n") + 2);
        rest.remove_prefix(line.size());
        if (!is_reserved(line.substr(0, line.find(':')))) text += line;
    }
}

std::string_view held_bytes(const OutgoingBody& body) {
    const auto* held = std::get_if<std::string>(&body);
    return held == nullptr ? std::string_view{} : std::string_view(*held);
}

BodySource* source_of(const OutgoingBody& body) {
    const auto* source = std::get_if<BodySource*>(&body);
    return source == nullptr ? nullptr : *source;
}

// Writes so that each piece has its own time to leave: a large body on a slow line is no stall.
Task<StreamFault> write_steadily(ClientConnection& connection, std::string_view bytes,
                                 const ExchangeTimes& times) {
    while (!bytes.empty()) {
        const std::array pieces{bytes.substr(0, limits::body_piece_bytes)};
        bytes.remove_prefix(pieces[0].size());
        connection.set_deadline(
            std::min(times.deadline, std::chrono::steady_clock::now() + times.stall_timeout));
        auto fault = co_await connection.write(pieces);
        if (fault) co_return fault;
    }
    co_return std::nullopt;
}

[[noreturn]] void throw_wrong_length() {
    throw Problem(problems::internal_error, "A body was not as long as its source had announced.");
}

Task<StreamFault> write_source(ClientConnection& connection, BodySource& source, const ExchangeTimes& times) {
    const auto length = source.length();
    std::uint64_t sent_bytes = 0;
    while (true) {
        const std::string_view piece = co_await source.next();
        sent_bytes += piece.size();
        if (length && (sent_bytes > *length || (piece.empty() && sent_bytes != *length)))
            throw_wrong_length();
        if (piece.empty()) break;
        StreamFault fault;
        if (!length) {
            const std::string size_line = fmt::format("{:x}\r\n", piece.size());
            fault = co_await write_steadily(connection, size_line, times);
        }
        if (!fault) fault = co_await write_steadily(connection, piece, times);
        if (!fault && !length) fault = co_await write_steadily(connection, "\r\n", times);
        if (fault) co_return fault;
    }
    if (length) co_return std::nullopt;
    co_return co_await write_steadily(connection, "0\r\n\r\n", times);
}

Task<StreamFault> write_request(ClientConnection& connection, const OutgoingRequest& request,
                                const ExchangeTimes& times) {
    // A small body travels with its head.
    std::string first = render_request_head(request);
    std::string_view rest = held_bytes(request.body);
    const auto with_head = rest.substr(0, limits::body_piece_bytes);
    first += with_head;
    rest.remove_prefix(with_head.size());
    auto fault = co_await write_steadily(connection, first, times);
    if (!fault) fault = co_await write_steadily(connection, rest, times);
    BodySource* const source = source_of(request.body);
    if (!fault && source != nullptr) fault = co_await write_source(connection, *source, times);
    co_return fault;
}

// Reads up to the end of the next head; `incoming` says whether one came.
Task<> read_one_head(ClientConnection& connection, Method method, IncomingHead& incoming) {
    std::size_t scanned_bytes = 0;
    while (true) {
        const auto buffered = connection.buffered();
        const auto result = parse_response_head(buffered, scanned_bytes, method, incoming.head);
        if (result.state == ResponseHeadResult::State::refused) {
            incoming.refusal = result.detail;
            co_return;
        }
        if (result.state == ResponseHeadResult::State::complete) {
            incoming.bytes = std::make_unique<const std::string>(buffered.substr(0, result.size_bytes));
            connection.consume(result.size_bytes);
            // Once more, so that the views point into what stays.
            scanned_bytes = 0;
            parse_response_head(*incoming.bytes, scanned_bytes, method, incoming.head);
            co_return;
        }
        incoming.fault = co_await connection.read();
        if (!incoming.fault && connection.is_ended())
            incoming.fault = StreamError(Reason::closed, "the connection ended before the answer");
        if (incoming.fault) co_return;
        incoming.has_answered = true;
    }
}

Task<IncomingHead> read_final_head(ClientConnection& connection, Method method) {
    IncomingHead incoming;
    for (std::size_t i = 0; i <= limits::upstream_interim_heads; ++i) {
        incoming.bytes = nullptr;
        co_await read_one_head(connection, method, incoming);
        if (!incoming.bytes || !incoming.head.is_interim()) co_return incoming;
    }
    incoming.bytes = nullptr;
    incoming.refusal = "is preceded by too many interim ones";
    co_return incoming;
}

}  // namespace

std::string render_request_head(const OutgoingRequest& request) {
    std::string text = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\n", method_name(request.method),
                                   request.url.path_and_query, request.url.authority());
    if (!request.headers.has("User-Agent")) text += fmt::format("User-Agent: {}\r\n", request.user_agent);
    append_fields(text, request.headers);
    const bool expects_body =
        request.method == Method::post || request.method == Method::put || request.method == Method::patch;
    BodySource* const source = source_of(request.body);
    if (source != nullptr && !source->length())
        text += "Transfer-Encoding: chunked\r\n";
    else if (source != nullptr)
        text += fmt::format("Content-Length: {}\r\n", *source->length());
    else if (expects_body || std::holds_alternative<std::string>(request.body))
        text += fmt::format("Content-Length: {}\r\n", held_bytes(request.body).size());
    text += "\r\n";
    return text;
}

Task<IncomingHead> exchange(ClientConnection& connection, const OutgoingRequest& request,
                            const ExchangeTimes& times) {
    auto write_fault = co_await write_request(connection, request, times);
    if (write_fault && write_fault->reason() == Reason::timed_out) {
        IncomingHead incoming;
        incoming.fault = std::move(write_fault);
        co_return incoming;
    }
    connection.set_deadline(std::min(times.deadline, std::chrono::steady_clock::now() + times.head_timeout));
    IncomingHead incoming = co_await read_final_head(connection, request.method);
    // Whoever refuses a body answers and closes while we still send: the answer says more than the broken
    // pipe.
    if (write_fault) incoming.head.keeps_alive = false;
    if (write_fault && !incoming.bytes) incoming.fault = std::move(write_fault);
    co_return incoming;
}

}  // namespace lodestone::http
