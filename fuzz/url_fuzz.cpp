// Fuzzes URLs and references: what is accepted is canonical, survives being written, and names one host.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/ensure.hpp"
#include "http/message/network.hpp"
#include "http/message/url.hpp"

using lodestone::ensure;
using namespace lodestone::http;

namespace {

void check_url(const Url& url) {
    ensure(url.scheme == "http" || url.scheme == "https", "only http and https");
    ensure(url.port != 0, "the port is known");
    ensure(url.path_and_query.starts_with('/'), "the target begins with a slash");
    ensure(std::all_of(url.path_and_query.begin(), url.path_and_query.end(),
                       [](char c) { return c > 0x20 && c < 0x7f && c != '#' && c != '\\' && c != '"'; }),
           "the target is visible ASCII");
    const auto as_address = parse_address(url.host);
    ensure(!url.is_ipv6_literal || (as_address && !as_address->is_v4()), "a literal is an IPv6 address");
    const auto last_label = url.host.substr(url.host.rfind('.') + 1);
    const bool is_number =
        std::all_of(last_label.begin(), last_label.end(), [](char c) { return c >= '0' && c <= '9'; });
    ensure(url.is_ipv6_literal || !is_number || as_address, "a number is a whole IPv4 address");
    ensure(std::none_of(url.host.begin(), url.host.end(), [](char c) { return c >= 'A' && c <= 'Z'; }),
           "the host is in lower case");
    const auto again = parse_url(render_url(url));
    ensure(again.url == url, "a URL survives being written");
}

void check_authority(const Authority& authority) {
    std::string text = authority.is_ipv6_literal ? "[" + authority.host + "]" : authority.host;
    if (authority.port) text += ":" + std::to_string(*authority.port);
    ensure(parse_authority(text).authority == authority, "an authority survives being written");
    ensure(parse_url("http://" + text).url.has_value(), "an authority makes a URL");
}

void check_resolved(const Url& url) {
    check_url(url);
    const auto path = "/" + url.path_and_query.substr(1, url.path_and_query.find('?') - 1) + "/";
    ensure(path.find("/../") == std::string::npos && path.find("/./") == std::string::npos,
           "dots are resolved");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Url base = *parse_url("https://upstream.example:8443/a/b?c").url;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto [authority, fault] = parse_authority(text); authority)
        check_authority(*authority);
    else
        ensure(!fault.empty(), "a refusal has a reason");
    const auto parsed = parse_url(text);
    ensure(parsed.url.has_value() == parsed.fault.empty(), "a refusal has a reason");
    if (parsed.url) check_url(*parsed.url);
    const auto resolved = resolve_reference(base, text);
    ensure(resolved.url.has_value() == resolved.fault.empty(), "a refusal has a reason");
    if (resolved.url) check_resolved(*resolved.url);
    return 0;
}
