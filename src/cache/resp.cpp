// One reply is at most an array of scalars, so there is nothing to descend into.
#include "cache/resp.hpp"

#include <charconv>

#include "base/redis_limits.hpp"

namespace lodestone::cache {

namespace {

constexpr std::string_view line_end = "\r\n";

// Reads forward through what has come; what has not makes it `short_`, what cannot be makes it `broken`.
class Reader {
  public:
    explicit Reader(std::string_view bytes) : bytes_(bytes) {}

    bool is_short() const { return is_short_; }
    bool is_broken() const { return is_broken_; }
    std::size_t position() const { return at_; }

    // A type's mark and the line behind it.
    struct Line {
        char mark = 0;
        std::string_view text;
    };
    std::optional<Line> line() {
        if (at_ == bytes_.size()) return lack();
        const char mark = bytes_[at_];
        if (std::string_view("+-:$*").find(mark) == std::string_view::npos) return refuse();
        const std::size_t end = bytes_.find('\r', at_);
        const std::string_view text = bytes_.substr(at_ + 1, end == bytes_.npos ? end : end - at_ - 1);
        if (text.find('\n') != text.npos) return refuse();
        if (end == bytes_.npos || end + 1 == bytes_.size()) return lack();
        if (bytes_[end + 1] != '\n') return refuse();
        at_ = end + line_end.size();
        return Line{mark, text};
    }

    std::optional<RespScalar> scalar(const Line& line) {
        using Kind = RespScalar::Kind;
        if (line.mark == '+') return RespScalar{Kind::status, std::string(line.text)};
        if (line.mark == '-') return RespScalar{Kind::error, std::string(line.text)};
        const auto value = number(line.text);
        if (!value) return std::nullopt;
        if (line.mark == ':') return RespScalar{Kind::integer, {}, *value};
        if (line.mark != '$') return refuse();
        if (*value == -1) return RespScalar{};
        return text_of(*value);
    }

    std::optional<std::int64_t> number(std::string_view text) {
        std::int64_t value = 0;
        const char* const end = text.data() + text.size();
        const auto [stop, error] = std::from_chars(text.data(), end, value);
        if (error != std::errc{} || stop != end) return refuse();
        return value;
    }
    std::nullopt_t refuse() {
        is_broken_ = true;
        return std::nullopt;
    }

  private:
    std::nullopt_t lack() {
        is_short_ = true;
        return std::nullopt;
    }
    std::optional<RespScalar> text_of(std::int64_t size) {
        if (size < 0 || static_cast<std::uint64_t>(size) > limits::redis_reply_bytes) return refuse();
        const std::string_view rest = bytes_.substr(at_);
        const auto length = static_cast<std::size_t>(size);
        const std::string_view end = rest.substr(std::min(length, rest.size()), line_end.size());
        if (end != line_end.substr(0, end.size())) return refuse();
        if (end.size() < line_end.size()) return lack();
        at_ += length + line_end.size();
        return RespScalar{RespScalar::Kind::text, std::string(rest.substr(0, length))};
    }

    std::string_view bytes_;
    std::size_t at_ = 0;
    bool is_short_ = false;
    bool is_broken_ = false;
};

std::optional<RespReply> read_array(Reader& reader, std::string_view count_text) {
    const auto count = reader.number(count_text);
    if (!count) return std::nullopt;
    if (*count == -1) return RespReply{};
    if (*count < 0 || static_cast<std::uint64_t>(*count) > limits::redis_reply_items) return reader.refuse();
    RespReply reply{.scalar = {}, .is_array = true, .items = {}};
    for (std::int64_t i = 0; i < *count; ++i) {
        const auto line = reader.line();
        if (!line) return std::nullopt;
        auto item = reader.scalar(*line);
        if (!item) return std::nullopt;
        reply.items.push_back(*std::move(item));
    }
    return reply;
}

std::optional<RespReply> read_reply(Reader& reader) {
    const auto line = reader.line();
    if (!line) return std::nullopt;
    if (line->mark == '*') return read_array(reader, line->text);
    auto scalar = reader.scalar(*line);
    if (!scalar) return std::nullopt;
    return RespReply{.scalar = *std::move(scalar), .is_array = false, .items = {}};
}

void append_text(std::string& out, std::string_view text) {
    out += '$';
    out += std::to_string(text.size());
    out += line_end;
    out += text;
    out += line_end;
}

void append_scalar(std::string& out, const RespScalar& scalar) {
    using Kind = RespScalar::Kind;
    switch (scalar.kind) {
        case Kind::status: out += '+' + scalar.text + std::string(line_end); break;
        case Kind::error: out += '-' + scalar.text + std::string(line_end); break;
        case Kind::integer: out += ':' + std::to_string(scalar.integer) + std::string(line_end); break;
        case Kind::text: append_text(out, scalar.text); break;
        case Kind::null: out += "$-1\r\n"; break;
    }
}

}  // namespace

RespParsed parse_resp(std::string_view bytes) {
    Reader reader(bytes.substr(0, limits::redis_reply_bytes));
    RespParsed parsed;
    parsed.reply = read_reply(reader);
    if (parsed.reply) parsed.used_bytes = reader.position();
    const bool is_full = bytes.size() >= limits::redis_reply_bytes;
    parsed.is_broken = !parsed.reply && (reader.is_broken() || is_full);
    return parsed;
}

std::string render_resp(const RespReply& reply) {
    std::string out;
    if (!reply.is_array) {
        append_scalar(out, reply.scalar);
        return out;
    }
    out = '*' + std::to_string(reply.items.size()) + std::string(line_end);
    for (const RespScalar& item : reply.items) append_scalar(out, item);
    return out;
}

std::string render_command(std::initializer_list<std::string_view> words) {
    std::string out = '*' + std::to_string(words.size()) + std::string(line_end);
    for (const std::string_view word : words) append_text(out, word);
    return out;
}

}  // namespace lodestone::cache
