// Both look at the request's method and conditions alone.
#include "blobs/redirect.hpp"

#include <algorithm>

#include "http/message/headers.hpp"

namespace lodestone::blobs {

namespace {

bool has_condition(const http::Request& request) {
    return std::any_of(request.headers->begin(), request.headers->end(), [](const http::HeaderField& field) {
        return http::equals_ignoring_case(field.name.substr(0, 3), "if-");
    });
}

}  // namespace

Extent extent_of(const http::Request& request) {
    const bool is_whole =
        request.method == http::Method::get && !request.header("range") && !has_condition(request);
    return is_whole ? Extent::whole : Extent::part;
}

Task<std::optional<http::Response>> try_redirect(Blobs& blobs, const http::Request& request, BlobKey key,
                                                 std::int64_t size_bytes) {
    if (request.method != http::Method::get || has_condition(request)) co_return std::nullopt;
    const auto link = co_await blobs.find_link(key, size_bytes);
    if (!link) co_return std::nullopt;
    http::Response response = http::Response::empty(307);
    response.headers.set("Location", *link);
    response.headers.set("Cache-Control", "no-store");
    co_return response;
}

}  // namespace lodestone::blobs
