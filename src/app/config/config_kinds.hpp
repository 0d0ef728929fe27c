// The kinds of values that settings have: for each its name, its check and how to write it. A kind's parse()
// stores the value and answers nothing, or answers what the text must be.
#pragma once

#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/config/config_settings.hpp"
#include "app/config/config_values.hpp"
#include "cache/redis_url.hpp"
#include "db/postgres_url.hpp"
#include "http/message/url.hpp"

namespace lodestone::app::kinds {

using Refusal = std::optional<std::string>;

inline Refusal store_or_refuse(auto parsed, auto& out, std::string_view expected) {
    if (!parsed) return "must be " + std::string(expected);
    out = *parsed;
    return std::nullopt;
}

struct Boolean {
    using Value = bool;
    static SettingType type() {
        return {.name = "true or false", .placeholder = "true|false", .shape = ValueShape::boolean};
    }
    static Refusal parse(const std::string& text, bool& out) {
        if (text != "true" && text != "false") return "must be true or false";
        out = text == "true";
        return std::nullopt;
    }
    static std::string render(bool value) { return value ? "true" : "false"; }
};

template <std::uint64_t least, std::uint64_t most>
struct Integer {
    using Value = std::uint64_t;
    static SettingType type() {
        return {.name = "whole number, " + std::to_string(least) + " to " + std::to_string(most),
                .placeholder = "NUMBER",
                .shape = ValueShape::integer};
    }
    static Refusal parse(const std::string& text, std::uint64_t& out) {
        const auto number = parse_number(text);
        if (!number || *number < least || *number > most)
            return "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most);
        out = *number;
        return std::nullopt;
    }
    static std::string render(std::uint64_t value) { return std::to_string(value); }
};

// From 0 to 1.
struct Ratio {
    using Value = double;
    static SettingType type() {
        return {.name = "number from 0 to 1", .placeholder = "RATIO", .shape = ValueShape::decimal};
    }
    static Refusal parse(const std::string& text, double& out) {
        double value = -1;
        const char* end = text.data() + text.size();
        const auto [stop, error] = std::from_chars(text.data(), end, value);
        if (error != std::errc{} || stop != end || !(value >= 0 && value <= 1))
            return "must be a number from 0 to 1";
        out = value;
        return std::nullopt;
    }
    static std::string render(double value) {
        std::array<char, 32> buffer{};
        const auto [stop, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
        return error == std::errc{} ? std::string(buffer.data(), stop) : std::string("0");
    }
};

template <std::uint64_t least, std::uint64_t most>
struct Size {
    using Value = std::uint64_t;
    static SettingType type() {
        return {.name = "size, " + render_size(least) + " to " + render_size(most), .placeholder = "SIZE"};
    }
    static Refusal parse(const std::string& text, std::uint64_t& out) {
        const auto size = parse_size(text);
        if (!size) return "must be a size such as 512B, 64KiB, 1MB or 2GiB";
        if (*size < least || *size > most)
            return "must be a size from " + render_size(least) + " to " + render_size(most);
        out = *size;
        return std::nullopt;
    }
    static std::string render(std::uint64_t value) { return render_size(value); }
};

template <std::int64_t least_ms, std::int64_t most_ms>
struct Duration {
    using Value = Milliseconds;
    static SettingType type() {
        return {.name = "duration, " + render_duration(Milliseconds{least_ms}) + " to " +
                        render_duration(Milliseconds{most_ms}),
                .placeholder = "DURATION"};
    }
    static Refusal parse(const std::string& text, Milliseconds& out) {
        const auto duration = parse_duration(text);
        if (!duration) return "must be a duration such as 500ms, 30s, 2m or 7d";
        if (duration->count() < least_ms || duration->count() > most_ms)
            return "must be a duration from " + render_duration(Milliseconds{least_ms}) + " to " +
                   render_duration(Milliseconds{most_ms});
        out = *duration;
        return std::nullopt;
    }
    static std::string render(Milliseconds value) { return render_duration(value); }
};

// `Words` names an array `words` whose indices are the enumeration's values.
template <class Words>
struct Choice {
    using Value = typename Words::Value;
    static SettingType type() {
        SettingType type{.name = "one of " + list(), .placeholder = Words::placeholder};
        type.choices.assign(Words::words.begin(), Words::words.end());
        return type;
    }
    static Refusal parse(const std::string& text, Value& out) {
        for (std::size_t i = 0; i < Words::words.size(); ++i) {
            if (Words::words[i] != text) continue;
            out = static_cast<Value>(i);
            return std::nullopt;
        }
        return "must be one of " + list();
    }
    static std::string render(Value value) {
        return std::string(Words::words.at(static_cast<std::size_t>(value)));
    }
    static std::string list() {
        std::string text;
        for (const std::string_view word : Words::words)
            text += (text.empty() ? "" : ", ") + std::string(word);
        return text;
    }
};

struct TlsVersionWords {
    using Value = TlsVersion;
    static constexpr std::string_view placeholder = "VERSION";
    static constexpr std::array<std::string_view, 2> words{"1.2", "1.3"};
};
struct ForwardedFamilyWords {
    using Value = http::ForwardedFamily;
    static constexpr std::string_view placeholder = "HEADER";
    static constexpr std::array<std::string_view, 2> words{"x-forwarded", "forwarded"};
};
struct LogLevelWords {
    using Value = LogLevel;
    static constexpr std::string_view placeholder = "LEVEL";
    static constexpr std::array<std::string_view, 5> words{"debug", "info", "warn", "error", "off"};
};
struct LogFormatWords {
    using Value = LogFormatChoice;
    static constexpr std::string_view placeholder = "FORMAT";
    static constexpr std::array<std::string_view, 3> words{"auto", "json", "pretty"};
};

struct MigrationPolicyWords {
    using Value = MigrationPolicy;
    static constexpr std::string_view placeholder = "POLICY";
    static constexpr std::array<std::string_view, 4> words{"default", "auto", "check", "off"};
};
struct PoolerWords {
    using Value = Pooler;
    static constexpr std::string_view placeholder = "KIND";
    static constexpr std::array<std::string_view, 2> words{"none", "transaction"};
};
struct CapabilityWords {
    using Value = db::Capability;
    static constexpr std::string_view placeholder = "NAME";
    static constexpr std::array<std::string_view, 3> words{"advisory_locks", "listen", "transactional_ddl"};
};

struct BlobStoreWords {
    using Value = BlobStore;
    static constexpr std::string_view placeholder = "STORE";
    static constexpr std::array<std::string_view, 2> words{"filesystem", "s3"};
};
struct S3AddressingWords {
    using Value = S3AddressingChoice;
    static constexpr std::string_view placeholder = "KIND";
    static constexpr std::array<std::string_view, 2> words{"path", "virtual-host"};
};

// Words of the store's owner: what they may be, the store knows.
struct VisibleText {
    using Value = std::string;
    static SettingType type() { return {.name = "text", .placeholder = "TEXT"}; }
    static Refusal parse(const std::string& text, std::string& out) {
        for (const char c : text)
            if (c <= ' ' || c > '~') return "must be visible ASCII characters without spaces";
        out = text;
        return std::nullopt;
    }
    static std::string render(const std::string& value) { return value; }
};

struct BucketName : VisibleText {
    static SettingType type() { return {.name = "bucket", .placeholder = "BUCKET"}; }
    static Refusal parse(const std::string& text, std::string& out) {
        const bool is_name =
            text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-") == std::string::npos;
        if (!is_name || text.size() > limits::s3_bucket_bytes)
            return "must be a bucket's name: lower-case letters, digits, dots and hyphens";
        out = text;
        return std::nullopt;
    }
};

// Of all our objects' names; ends with a slash, which is added.
struct ObjectPrefix : VisibleText {
    static SettingType type() { return {.name = "prefix", .placeholder = "PREFIX"}; }
    static Refusal parse(const std::string& text, std::string& out) {
        const bool is_long = text.size() > limits::s3_prefix_bytes;
        if (is_long || text.starts_with('/') || ("/" + text + "/").find("/../") != std::string::npos ||
            text.find("//") != std::string::npos)
            return "must be the beginning of a name such as lodestone/, without a slash in front";
        std::string prefix;
        if (auto refusal = VisibleText::parse(text, prefix)) return refusal;
        out = prefix.empty() || prefix.ends_with('/') ? prefix : prefix + "/";
        return std::nullopt;
    }
};

struct FilePath {
    using Value = std::string;
    static SettingType type() { return {.name = "file", .placeholder = "FILE", .is_path = true}; }
    static Refusal parse(const std::string& text, std::string& out) {
        if (text.find('\0') != std::string::npos) return "must be a path without zero bytes";
        out = text;
        return std::nullopt;
    }
    static std::string render(const std::string& value) { return value; }
};

struct FolderPath : FilePath {
    static SettingType type() { return {.name = "folder", .placeholder = "DIR", .is_path = true}; }
    static Refusal parse(const std::string& text, std::string& out) {
        if (text.empty()) return "must be a folder";
        return FilePath::parse(text, out);
    }
};

struct Listen {
    using Value = ListenAddress;
    static SettingType type() { return {.name = "address", .placeholder = "ADDRESS"}; }
    static Refusal parse(const std::string& text, ListenAddress& out) {
        return store_or_refuse(
            parse_listen_address(text), out,
            "an address such as 127.0.0.1:8080, [::]:8080, unix:/run/lodestone/lodestone.sock "
            "or systemd (names other than localhost are not looked up)");
    }
    static std::string render(const ListenAddress& value) { return render_listen_address(value); }
};

struct NetworkRange {
    using Value = http::Network;
    static SettingType type() { return {.name = "network", .placeholder = "NETWORK"}; }
    static Refusal parse(const std::string& text, http::Network& out) {
        auto network = http::parse_network(text);
        if (network && network->is_unix) network.reset();
        return store_or_refuse(network, out,
                               "a network or address such as 10.0.0.0/8, 2001:db8::/32 or 192.0.2.7");
    }
    static std::string render(const http::Network& value) { return render_network(value); }
};

// A network, or whoever connects over a Unix socket.
struct ProxyRange : NetworkRange {
    static Refusal parse(const std::string& text, http::Network& out) {
        return store_or_refuse(
            http::parse_network(text), out,
            "a network or address such as 10.0.0.0/8, 2001:db8::/32 or 192.0.2.7, or unix");
    }
};

struct HostPattern : FilePath {
    static SettingType type() { return {.name = "host name", .placeholder = "HOST"}; }
    static Refusal parse(const std::string& text, std::string& out) {
        if (!is_host_pattern(text))
            return "must be a host name such as upstream.example or *.upstream.example";
        out = text;
        return std::nullopt;
    }
};

// http:// or https://; empty switches off what it is for.
struct WebUrl : FilePath {
    static SettingType type() { return {.name = "URL", .placeholder = "URL", .is_url = true}; }
    static Refusal parse(const std::string& text, std::string& out) {
        // The same judge as the client's, so that what is accepted here can be requested.
        if (!text.empty() && !http::parse_url(text).url)
            return "must be a URL such as https://lodestone.example";
        out = text;
        return std::nullopt;
    }
};

// What browsers send in Origin: no path.
struct WebOrigin : WebUrl {
    static SettingType type() { return {.name = "origin", .placeholder = "ORIGIN", .is_url = true}; }
    static Refusal parse(const std::string& text, std::string& out) {
        const auto url = parse_url_parts(text);
        const bool is_origin = url && url->rest.empty() && !WebUrl::parse(text, out);
        if (text != "*" && !is_origin) return "must be an origin such as https://console.example, or *";
        out = text;
        return std::nullopt;
    }
};

struct DatabaseUrl : FilePath {
    static SettingType type() { return {.name = "URL", .placeholder = "URL", .is_url = true}; }
    static Refusal parse(const std::string& text, std::string& out) {
        if (!text.empty() && !db::parse_postgres_url(text))
            return "must be a URL such as postgres://db.example/lodestone";
        out = text;
        return std::nullopt;
    }
};

struct RedisUrl : FilePath {
    static SettingType type() { return {.name = "URL", .placeholder = "URL", .is_url = true}; }
    static Refusal parse(const std::string& text, std::string& out) {
        // The same judge as the connection's.
        if (!text.empty() && !cache::parse_redis_url(text))
            return "must be a URL such as redis://cache.example:6379/0, or rediss:// for TLS";
        out = text;
        return std::nullopt;
    }
};

template <class Kind>
struct List {
    using Value = std::vector<typename Kind::Value>;
    static SettingType type() {
        SettingType type = Kind::type();
        constexpr std::string_view choice = "one of ";
        if (type.name.starts_with(choice))
            type.name = "list of " + type.name.substr(choice.size());
        else
            type.name = "list of " + type.name + (type.name.ends_with("s") ? "es" : "s");
        type.is_list = true;
        return type;
    }
};

}  // namespace lodestone::app::kinds
