// Heads are built by hand into one string and go out with the body's first bytes in one system call; files go
// through sendfile(2), streams as chunks.
#include "http/server/response_writer.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>
#include <variant>
#include <vector>

#include "base/limits.hpp"
#include "http/message/conditional.hpp"
#include "http/server/representation.hpp"

namespace lodestone::http {

namespace {

// "Date: …\r\n", rendered once a second and thread.
std::string_view date_line(Time now) {
    thread_local std::chrono::sys_seconds rendered{};
    thread_local std::string line;
    const auto second = std::chrono::floor<std::chrono::seconds>(now);
    if (second != rendered || line.empty()) {
        line = "Date: " + render_http_date(now) + "\r\n";
        rendered = second;
    }
    return line;
}

bool may_have_body(int status) {
    return status >= 200 && status != 204 && status != 304;
}

enum class Framing : std::uint8_t { length, chunked, until_close };

struct Shape {
    Framing framing = Framing::length;
    std::uint64_t length_bytes = 0;
    bool sends_body = true;
};

Shape choose_shape(const Request& request, int status, std::optional<std::uint64_t> length) {
    Shape shape;
    shape.sends_body = request.method != Method::head && may_have_body(status);
    if (length)
        shape.length_bytes = *length;
    else
        shape.framing = request.minor_version == 0 ? Framing::until_close : Framing::chunked;
    return shape;
}

void append_number(std::string& text, std::uint64_t number, int base = 10) {
    std::array<char, 20> digits;
    text.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number, base).ptr);
}

void append_reason(std::string& head, const Response& response) {
    if (response.reason.empty()) {
        head += status_text(response.status);
        return;
    }
    for (const char c : std::string_view(response.reason).substr(0, limits::reason_phrase_bytes))
        head += c >= ' ' && c <= '~' ? c : '?';
}

std::string render_head(const Request& request, const Response& response, const Shape& shape,
                        const WriteOptions& options) {
    std::string head;
    head.reserve(320 + response.headers.wire_text().size());
    head += "HTTP/1.1 ";
    append_number(head, static_cast<std::uint64_t>(response.status));
    head += ' ';
    append_reason(head, response);
    head += "\r\n";
    head += date_line(options.now);
    head += response.headers.wire_text();
    if (!response.etag.empty()) head.append("ETag: ").append(response.etag).append("\r\n");
    if (response.last_modified)
        head.append("Last-Modified: ").append(render_http_date(*response.last_modified)).append("\r\n");
    if (may_have_body(response.status)) {
        if (shape.framing == Framing::length) {
            head += "Content-Length: ";
            append_number(head, shape.length_bytes);
            head += "\r\n";
        } else if (shape.framing == Framing::chunked) {
            head += "Transfer-Encoding: chunked\r\n";
        }
    }
    if (!options.keeps_alive)
        head += "Connection: close\r\n";
    else if (request.minor_version == 0)
        head += "Connection: keep-alive\r\n";
    head += "\r\n";
    return head;
}

struct Wire {
    Stream& stream;
    Sent& sent;
    std::string head;  // not sent yet: it goes with the first bytes of the body
};

std::string_view memory_bytes(const ResponseBody& body) {
    if (const auto* text = std::get_if<std::string>(&body)) return *text;
    if (const auto* shared = std::get_if<SharedBytes>(&body)) return shared->bytes;
    return {};
}

bool is_in_memory(const ResponseBody& body) {
    return !std::holds_alternative<FileSlice>(body) &&
           !std::holds_alternative<std::unique_ptr<BodySource>>(body) &&
           !std::holds_alternative<std::unique_ptr<SeekableSource>>(body);
}

// Mostly the kernel takes head and body at once, and no coroutine needs to be made. True when it did.
bool write_at_once(Wire& wire, std::string_view body) {
    const std::array<std::string_view, 2> pieces{wire.head, body};
    const std::size_t sent = wire.stream.write_now(pieces);
    const std::size_t of_head = std::min(sent, wire.head.size());
    wire.head.erase(0, of_head);
    wire.sent.body_bytes += sent - of_head;
    return wire.head.empty() && sent - of_head == body.size();
}

// Adds what the kernel took of a body's bytes to what was sent, also when the rest could not be sent.
class CountBody {
  public:
    explicit CountBody(Wire& wire) : wire_(wire) {}
    ~CountBody() {
        const std::uint64_t written = wire_.stream.written_bytes() - written_before_;
        wire_.sent.body_bytes += written - std::min(written, head_bytes_);
    }
    CountBody(const CountBody&) = delete;
    CountBody& operator=(const CountBody&) = delete;

  private:
    Wire& wire_;
    const std::uint64_t written_before_ = wire_.stream.written_bytes();
    const std::uint64_t head_bytes_ = wire_.head.size();
};

Task<> write_bytes(Wire& wire, std::string_view bytes, Stream::More more) {
    const CountBody counted(wire);
    const std::array<std::string_view, 2> pieces{wire.head, bytes};
    co_await wire.stream.write_all(pieces, more);
    wire.head.clear();
}

Task<> write_file(Wire& wire, const FileSlice& slice, const ByteRange& range) {
    // Told that more follows, the kernel waits for it.
    const auto more = range.size_bytes > 0 ? Stream::More::yes : Stream::More::no;
    co_await wire.stream.write_all(wire.head, more);
    wire.head.clear();
    const CountBody counted(wire);
    co_await wire.stream.send_file(slice.file->value(), slice.offset + range.offset, range.size_bytes);
}

// What it cannot open is told before the head has gone.
Task<> write_range(Wire& wire, SeekableSource& seekable, const ByteRange& range) {
    const auto source = range.size_bytes > 0 ? co_await seekable.open(range) : nullptr;
    std::uint64_t left_bytes = range.size_bytes;
    while (left_bytes > 0) {
        const std::string_view data = co_await source->next();
        if (data.empty() || data.size() > left_bytes)
            throw std::runtime_error("the body's source gave another number of bytes than it promised");
        co_await write_bytes(wire, data, Stream::More::no);
        left_bytes -= data.size();
    }
    if (!wire.head.empty()) co_await write_bytes(wire, {}, Stream::More::no);
}

Task<> write_seekable(Wire& wire, const ResponseBody& body, const ByteRange& range) {
    if (const auto* seekable = std::get_if<std::unique_ptr<SeekableSource>>(&body)) {
        co_await write_range(wire, **seekable, range);
        co_return;
    }
    if (const auto* slice = std::get_if<FileSlice>(&body)) {
        co_await write_file(wire, *slice, range);
        co_return;
    }
    const std::string_view bytes = memory_bytes(body);
    co_await write_bytes(wire, bytes.substr(range.offset, range.size_bytes), Stream::More::no);
}

Task<> write_parts(Wire& wire, const ResponseBody& body, const Plan& plan) {
    for (const PlannedPart& part : plan.parts) {
        wire.head += part.head;
        wire.sent.body_bytes += part.head.size();
        co_await write_seekable(wire, body, part.range);
    }
    if (!plan.tail.empty()) co_await write_bytes(wire, plan.tail, Stream::More::no);
}

Task<> write_chunks(Wire& wire, BodySource& source) {
    std::string size_line;
    for (;;) {
        const std::string_view data = co_await source.next();
        if (data.empty()) break;
        size_line.clear();
        append_number(size_line, data.size(), 16);
        size_line += "\r\n";
        const std::array<std::string_view, 4> pieces{wire.head, size_line, data, "\r\n"};
        co_await wire.stream.write_all(pieces);
        wire.head.clear();
        wire.sent.body_bytes += data.size();
    }
    const std::array<std::string_view, 2> last{wire.head, "0\r\n\r\n"};
    co_await wire.stream.write_all(last);
}

// The length was promised, or the end of the connection is the end.
Task<> write_plain(Wire& wire, BodySource& source, const Shape& shape) {
    for (;;) {
        const std::string_view data = co_await source.next();
        if (data.empty()) break;
        if (shape.framing == Framing::length && wire.sent.body_bytes + data.size() > shape.length_bytes)
            throw std::runtime_error("the body's source gave more than it promised");
        co_await write_bytes(wire, data, Stream::More::no);
    }
    if (shape.framing == Framing::length && wire.sent.body_bytes != shape.length_bytes)
        throw std::runtime_error("the body's source gave less than it promised");
    if (!wire.head.empty()) co_await write_bytes(wire, {}, Stream::More::no);
}

Task<> write_whole(Wire& wire, const ResponseBody& body, const Shape& shape) {
    if (const auto* source = std::get_if<std::unique_ptr<BodySource>>(&body)) {
        if (shape.framing == Framing::chunked)
            co_await write_chunks(wire, **source);
        else
            co_await write_plain(wire, **source, shape);
        co_return;
    }
    co_await write_seekable(wire, body, {0, shape.length_bytes});
}

}  // namespace

Task<> write_response(Stream& stream, const Request& request, Response& response, WriteOptions& options,
                      Sent& sent) {
    Plan plan = plan_representation(request.method, *request.headers, describe(response, options.now),
                                    options.random);
    apply_plan(plan, response);
    if (plan.is_refusal()) word_refusal(request, plan, response);
    const Shape shape = choose_shape(request, response.status, plan.length_bytes);
    options.ends_with_connection = shape.framing == Framing::until_close && shape.sends_body;
    if (options.ends_with_connection) options.keeps_alive = false;

    sent.status = response.status;
    stream.start_write_rate(options.body_rate_bytes, options.body_grace);
    Wire wire{stream, sent, render_head(request, response, shape, options)};
    const std::string_view at_once = shape.sends_body ? memory_bytes(response.body) : std::string_view();
    if (!shape.sends_body || (plan.parts.empty() && is_in_memory(response.body))) {
        if (!write_at_once(wire, at_once))
            co_await write_bytes(wire, at_once.substr(sent.body_bytes), Stream::More::no);
    } else if (!plan.parts.empty()) {
        co_await write_parts(wire, response.body, plan);
    } else {
        co_await write_whole(wire, response.body, shape);
    }
    stream.stop_write_rate();
    sent.is_complete = true;
}

}  // namespace lodestone::http
