// Checks of a key's fields. A public key may only read, whatever else its owner may do.
#include "identity/nouns/key_fields.hpp"

#include <algorithm>
#include <array>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/parse.hpp>

#include "base/ensure.hpp"
#include "base/field_problem.hpp"
#include "base/json_text.hpp"
#include "base/limits.hpp"
#include "base/utf8.hpp"
#include "http/message/network.hpp"
#include "identity/rules/scopes.hpp"

namespace lodestone::identity {

namespace {

constexpr std::array<std::string_view, 4> reading{"read", "list", "download", "search"};

// "package:read", not "package:*".
bool is_reading(std::string_view action) {
    const auto colon = action.find(':');
    return colon != std::string_view::npos &&
           std::ranges::find(reading, action.substr(colon + 1)) != reading.end();
}

void check_public(const Scopes& scopes) {
    if (!scopes) throw field_problem("scopes", "is missing: name what the public key may read.");
    for (std::size_t i = 0; i < scopes->size(); ++i) {
        if (!std::ranges::all_of((*scopes)[i].actions, is_reading))
            throw field_problem("scopes[" + std::to_string(i) + "].actions",
                                "of a public key may name reading only: read, list, download, search.");
    }
}

}  // namespace

std::string render_networks(const std::vector<std::string>& networks) {
    std::string out = "[";
    for (const std::string& network : networks) {
        if (out.size() > 1) out += ',';
        append_json_string(out, network);
    }
    return out + ']';
}

std::optional<std::vector<std::string>> parse_networks(std::string_view json) {
    boost::system::error_code error;
    const boost::json::value parsed = boost::json::parse(json, error);
    const auto* array = error ? nullptr : parsed.if_array();
    if (array == nullptr) return std::nullopt;
    std::vector<std::string> networks;
    for (const boost::json::value& element : *array) {
        if (!element.is_string() || !http::parse_network(element.get_string())) return std::nullopt;
        networks.emplace_back(element.get_string());
    }
    return networks;
}

void check_key(const Key& key) {
    db::check_name("key", key.name);
    db::check_metadata(key.metadata);
    const ParsedScopes scopes = parse_scopes(key.scopes);
    if (!scopes.fault.empty()) throw field_problem(scopes.fault);
    if (scopes.scopes && scopes.scopes->empty())
        throw field_problem("scopes", "is empty: name what is allowed, or leave the field out.");
    if (key.type == KeyType::public_) check_public(scopes.scopes);
    const auto networks = parse_networks(key.networks);
    if (!networks)
        throw field_problem("networks", "takes addresses and networks such as 10.0.0.0/8 or 2001:db8::/32.");
    if (networks->size() > limits::networks_per_key) throw field_problem("networks", "has too many entries.");
}

void check_expiry(Time expires_at, Time now, std::chrono::seconds longest) {
    if (expires_at <= now) throw field_problem("expires_at", "is in the past; choose a time to come.");
    if (expires_at - now > longest)
        throw field_problem(
            "expires_at", "is too far away: " +
                              std::to_string(std::chrono::duration_cast<std::chrono::days>(longest).count()) +
                              " days is the most here.");
}

void check_reason(std::string_view reason) {
    if (reason.size() > limits::reason_bytes || !is_utf8(reason) ||
        reason.find('\0') != std::string_view::npos)
        throw field_problem("reason", "is too long, or not UTF-8.");
}

Scopes Key::find_scopes() const {
    ParsedScopes parsed = parse_scopes(scopes);
    ensure(parsed.fault.empty(), "the stored scopes are ours");
    return std::move(parsed.scopes);
}

std::vector<std::string> Key::list_networks() const {
    auto parsed = parse_networks(networks);
    ensure(parsed.has_value(), "the stored networks are ours");
    return *std::move(parsed);
}

bool Key::is_allowed_from(std::string_view peer) const {
    if (networks == "[]") return true;
    std::vector<http::Network> parsed;
    for (const std::string& network : list_networks()) parsed.push_back(*http::parse_network(network));
    return http::is_in_networks(peer, parsed);
}

}  // namespace lodestone::identity
