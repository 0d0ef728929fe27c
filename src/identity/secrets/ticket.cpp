// Writing and reading tickets. Nothing of one is looked at before its MAC was found right.
#include "identity/secrets/ticket.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>

#include "base/base64url.hpp"
#include "base/ensure.hpp"
#include "base/limits.hpp"
#include "identity/secrets/base62.hpp"

namespace lodestone::identity {

namespace {

constexpr std::string_view prefix = "lst_";
constexpr char version = 1;
// Hashes of other things, which are in the database, are no MACs.
constexpr std::string_view purpose = "ticket";

// Never changed: tickets of the program before an update are read by the one after it.
struct Kind {
    char letter;
    std::optional<TokenKind> kind;
};
constexpr std::array kinds{Kind{'n', std::nullopt}, Kind{'k', TokenKind::personal_key},
                           Kind{'a', TokenKind::app_key}, Kind{'p', TokenKind::publisher},
                           Kind{'s', TokenKind::session}};

constexpr std::size_t mac_bytes = 32;
constexpr std::size_t time_bytes = 8, short_bytes = 1, long_bytes = 2;  // of times and lengths

void append_number(std::string& out, std::uint64_t number, std::size_t bytes) {
    for (std::size_t i = bytes; i > 0; --i) out += static_cast<char>(number >> (8 * (i - 1)) & 0xff);
}

void append_text(std::string& out, std::string_view text, std::size_t length_bytes) {
    ensure(text.size() < std::size_t{1} << (8 * length_bytes), "what a ticket says is short");
    append_number(out, text.size(), length_bytes);
    out += text;
}

// Reads from the front; once something is missing, all that follows is, too.
class Reader {
  public:
    explicit Reader(std::string_view bytes) : rest_(bytes) {}

    std::string_view take(std::size_t bytes) {
        if (bytes > rest_.size()) is_whole_ = false;
        if (!is_whole_) return {};
        const std::string_view taken = rest_.substr(0, bytes);
        rest_.remove_prefix(bytes);
        return taken;
    }
    std::uint64_t take_number(std::size_t bytes) {
        std::uint64_t number = 0;
        for (const char byte : take(bytes)) number = number << 8 | static_cast<unsigned char>(byte);
        return number;
    }
    std::string take_text(std::size_t length_bytes) { return std::string(take(take_number(length_bytes))); }
    Time take_time() {
        return Time{std::chrono::microseconds{static_cast<std::int64_t>(take_number(time_bytes))}};
    }
    bool is_at_end() const { return is_whole_ && rest_.empty(); }

  private:
    std::string_view rest_;
    bool is_whole_ = true;
};

std::uint64_t number_of(Time time) {
    return static_cast<std::uint64_t>(time.time_since_epoch().count());
}

// 32 bytes.
std::string mac_of(std::string_view body, const KeyedHash& hasher) {
    std::optional<std::string> mac = parse_base64url(hasher.hash(purpose, body));
    ensure(mac && mac->size() == mac_bytes, "a hash is 32 bytes");
    return *std::move(mac);
}

}  // namespace

std::string render_ticket_body(const Ticket& ticket) {
    const auto* const kind = std::ranges::find(kinds, ticket.kind, &Kind::kind);
    ensure(kind != kinds.end(), "a ticket stands for a key, a publisher's token, a session or nobody");
    std::string body{version, kind->letter};
    append_text(body, ticket.tenant, short_bytes);
    append_text(body, ticket.public_id, short_bytes);
    append_number(body, number_of(ticket.issued), time_bytes);
    append_number(body, number_of(ticket.expires), time_bytes);
    append_text(body, ticket.scopes, long_bytes);
    return body;
}

std::optional<Ticket> parse_ticket_body(std::string_view bytes) {
    Reader reader(bytes);
    if (reader.take(1) != std::string_view(&version, 1)) return std::nullopt;
    const std::string_view letter = reader.take(1);
    const auto* const kind = std::ranges::find_if(
        kinds, [&](const Kind& one) { return letter == std::string_view(&one.letter, 1); });
    if (kind == kinds.end()) return std::nullopt;
    Ticket ticket;
    ticket.kind = kind->kind;
    ticket.tenant = reader.take_text(short_bytes);
    ticket.public_id = reader.take_text(short_bytes);
    ticket.issued = reader.take_time();
    ticket.expires = reader.take_time();
    ticket.scopes = reader.take_text(long_bytes);
    if (!reader.is_at_end() || ticket.kind.has_value() == ticket.public_id.empty()) return std::nullopt;
    return ticket;
}

std::optional<std::string> render_ticket(const Ticket& ticket, const KeyedHash& hasher) {
    if (ticket.scopes.size() > limits::credential_bytes) return std::nullopt;
    const std::string body = render_ticket_body(ticket);
    std::string text(prefix);
    text += render_base62(mac_of(body, hasher) + body);
    text += checksum_of(text);
    if (text.size() > limits::credential_bytes) return std::nullopt;
    return text;
}

bool is_ticket_text(std::string_view text) {
    return text.starts_with(prefix);
}

std::optional<Ticket> parse_ticket(std::string_view text, const KeyedHash& hasher) {
    if (!is_ticket_text(text) || text.size() > limits::credential_bytes ||
        text.size() < prefix.size() + checksum_characters)
        return std::nullopt;
    const std::string_view sum = text.substr(text.size() - checksum_characters);
    text.remove_suffix(checksum_characters);
    if (checksum_of(text) != sum) return std::nullopt;
    const std::optional<std::string> bytes = parse_base62(text.substr(prefix.size()));
    if (!bytes) return std::nullopt;
    if (bytes->size() < mac_bytes) return std::nullopt;
    const std::string_view body = std::string_view(*bytes).substr(mac_bytes);
    if (!is_equal_secret(mac_of(body, hasher), std::string_view(*bytes).substr(0, mac_bytes)))
        return std::nullopt;
    return parse_ticket_body(body);
}

}  // namespace lodestone::identity
