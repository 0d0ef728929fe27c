// An issuer's address is a URL of our own client, and safe.
#include "identity/rules/issuer.hpp"

#include "base/limits.hpp"
#include "http/message/url.hpp"

namespace lodestone::identity {

namespace {

bool is_safe(const http::Url& url) {
    return url.is_secure() || url.host == "127.0.0.1" || url.host == "::1" || url.host == "localhost";
}

}  // namespace

bool is_safe_url(std::string_view url) {
    const auto parsed = http::parse_url(url).url;
    return parsed && is_safe(*parsed) && url.find('#') == url.npos;
}

std::string_view find_issuer_fault(std::string_view issuer) {
    const auto parsed = http::parse_url(issuer);
    if (issuer.size() > limits::issuer_bytes) return "is too long";
    if (!parsed.url) return "must be a URL such as https://idp.example";
    if (!is_safe(*parsed.url)) return "must begin with https://";
    if (issuer.find_first_of("?#") != issuer.npos) return "must have no query and no fragment";
    return {};
}

}  // namespace lodestone::identity
