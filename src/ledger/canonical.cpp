// Writing canonical JSON, and hashing it.
#include "ledger/canonical.hpp"

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>
#include <charconv>
#include <vector>

#include "base/ensure.hpp"
#include "base/hex.hpp"
#include "base/problem.hpp"
#include "base/time_text.hpp"
#include "db/migrate/checksum.hpp"

namespace lodestone::ledger {

namespace {

using boost::json::object;
using boost::json::value;

// UTF-8 stays as it is; only what JSON forbids in a string is escaped (RFC 8785, 3.2.2.2).
void append_string(std::string& out, std::string_view text) {
    out += '"';
    for (const char c : text) {
        switch (c) {
            case '"': out += "\\\""; break;
            case '\\': out += "\\\\"; break;
            case '\b': out += "\\b"; break;
            case '\f': out += "\\f"; break;
            case '\n': out += "\\n"; break;
            case '\r': out += "\\r"; break;
            case '\t': out += "\\t"; break;
            default:
                if (static_cast<unsigned char>(c) < 0x20) {
                    constexpr std::string_view digits = "0123456789abcdef";
                    out.append("\\u00").append(1, digits[c >> 4 & 15]).append(1, digits[c & 15]);
                } else {
                    out += c;
                }
        }
    }
    out += '"';
}

template <class Number>
void append_number(std::string& out, Number number) {
    std::array<char, 32> digits{};
    out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr);
}

void append_value(std::string& out, const value& json);

void append_object(std::string& out, const object& members) {
    std::vector<const boost::json::key_value_pair*> sorted;
    for (const auto& member : members) sorted.push_back(&member);
    std::ranges::sort(sorted, {}, [](const auto* member) { return std::string_view(member->key()); });
    char separator = '{';
    for (const auto* member : sorted) {
        out += separator;
        separator = ',';
        append_string(out, member->key());
        out += ':';
        append_value(out, member->value());
    }
    out += sorted.empty() ? "{}" : "}";
}

void append_array(std::string& out, const boost::json::array& items) {
    out += '[';
    for (const value& item : items) {
        if (&item != &items.front()) out += ',';
        append_value(out, item);
    }
    out += ']';
}

// Recursion ends at the depth that the parser allows.
void append_value(std::string& out, const value& json) {
    switch (json.kind()) {
        case boost::json::kind::null: out += "null"; return;
        case boost::json::kind::bool_: out += json.as_bool() ? "true" : "false"; return;
        case boost::json::kind::int64: return append_number(out, json.as_int64());
        case boost::json::kind::uint64: return append_number(out, json.as_uint64());
        case boost::json::kind::double_: return append_number(out, json.as_double());
        case boost::json::kind::string: return append_string(out, json.as_string());
        case boost::json::kind::array: return append_array(out, json.as_array());
        case boost::json::kind::object: return append_object(out, json.as_object());
    }
}

void append_member(std::string& out, std::string_view name, std::string_view text) {
    out.append(1, out.empty() ? '{' : ',').append(1, '"').append(name).append("\":");
    append_string(out, text);
}

void append_member(std::string& out, std::string_view name, const std::optional<std::string>& text) {
    if (text) return append_member(out, name, std::string_view(*text));
    out.append(1, out.empty() ? '{' : ',').append(1, '"').append(name).append("\":null");
}

std::optional<std::string> text_of(const std::optional<TenantId>& id) {
    return id ? std::optional(id->text()) : std::nullopt;
}

void append_bytes(std::string& out, std::string_view hex) {
    ensure(hex.size() == empty_head.size(), "a hash has 32 bytes");
    for (std::size_t at = 0; at < hex.size(); at += 2)
        out += static_cast<char>(hex_value(hex[at]) << 4 | hex_value(hex[at + 1]));
}

}  // namespace

std::string canonical_json(std::string_view text) {
    boost::system::error_code error;
    const value json = boost::json::parse(text, error);
    if (error || !json.is_object())
        throw Problem(problems::invalid_input, "The details of an audit entry are not a JSON object.");
    std::string out;
    append_object(out, json.as_object());
    return out;
}

// Members in the order of their names.
std::string canonical_entry(const AuditEntry& entry) {
    std::string out;
    append_member(out, "action", std::string_view(entry.action));
    append_member(out, "actor", std::string_view(entry.actor));
    append_member(out, "actor_tenant", text_of(entry.actor_tenant_id));
    append_member(out, "address", std::string_view(entry.address));
    append_member(out, "agent", std::string_view(entry.agent));
    append_member(out, "at", std::string_view(render_rfc3339(entry.at)));
    out.append(",\"details\":").append(entry.details);
    append_member(out, "id", std::string_view(entry.id.text()));
    append_member(out, "key", entry.key_id);
    append_member(out, "request_id", std::string_view(entry.request_id));
    append_member(out, "result", std::string_view(boost::describe::enum_to_string(entry.result, "")));
    append_member(out, "session", entry.session_id);
    append_member(out, "source", std::string_view(boost::describe::enum_to_string(entry.source, "")));
    append_member(out, "subject", std::string_view(entry.subject));
    append_member(out, "tenant", text_of(entry.tenant_id));
    return out + '}';
}

std::string leaf_hash(const AuditEntry& entry) {
    return db::sha256_hex(std::string(1, '\0') + canonical_entry(entry));
}

std::string chain_head(std::string_view head, std::string_view leaf) {
    std::string bytes(1, '\2');
    append_bytes(bytes, head);
    append_bytes(bytes, leaf);
    return db::sha256_hex(bytes);
}

}  // namespace lodestone::ledger
