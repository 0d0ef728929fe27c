// RFC 9110 §13.1.1, https://www.rfc-editor.org/rfc/rfc9110#section-13.1.1, and 428 of RFC 6585.
#include "api/expectation.hpp"

#include <algorithm>
#include <charconv>

#include "base/problem.hpp"
#include "http/message/headers.hpp"

namespace lodestone::api {

namespace {

// Nothing for a tag that is none of ours: that matches no version, and is no mistake of form.
std::optional<db::Version> read_version(std::string_view quoted) {
    quoted = quoted.substr(1, quoted.size() - 2);
    db::Version version = 0;
    const auto [end, error] = std::from_chars(quoted.data(), quoted.data() + quoted.size(), version);
    if (error != std::errc{} || end != quoted.data() + quoted.size()) return std::nullopt;
    return version;
}

bool is_quoted(std::string_view tag) {
    return tag.size() >= 2 && tag.front() == '"' && tag.back() == '"';
}

}  // namespace

std::string render_version_etag(db::Version version) {
    return '"' + std::to_string(version) + '"';
}

Expectation::Expectation(const http::Request& request) : is_given_(request.header("if-match").has_value()) {
    const std::string text = request.headers->joined("if-match");
    for (const std::string_view tag : http::split_list(text)) {
        if (tag == "*")
            takes_any_ = true;
        else if (tag.starts_with("W/"))
            continue;  // never strongly equal
        else if (!is_quoted(tag))
            throw Problem(problems::malformed_request,
                          "If-Match holds no ETag: send the one of the answer that you saw, in its quotes.");
        else if (const auto version = read_version(tag))
            versions_.push_back(*version);
    }
}

void Expectation::require(std::string_view what) const {
    if (is_given_) return;
    throw Problem(
        problems::precondition_required,
        "Send If-Match with the ETag of the " + std::string(what) +
            " that you saw, so that nobody's change is lost; \"If-Match: *\" changes whatever is there.");
}

void Expectation::check(db::Version version, std::string_view kind, std::string_view id) const {
    if (!is_given_ || takes_any_ || std::ranges::count(versions_, version) > 0) return;
    db::refuse_outdated(kind, id);
}

}  // namespace lodestone::api
