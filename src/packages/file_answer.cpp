// The answer to a download.
#include "packages/file_answer.hpp"

#include "base/hex.hpp"

namespace lodestone::packages {

namespace {

http::Response describe(const FileAnswer& answer, const FoundFile& file) {
    const std::string digest = to_hex(file.sha256);
    const bool is_for_ever =
        answer.naming == Naming::fixed && answer.repository->settings.overwrite == Overwrite::never;
    http::Response response;
    response.etag = '"' + digest + '"';
    response.last_modified = file.created_at;
    response.headers.set("Content-Type", file.content_type);
    // What somebody uploaded is nothing to be run on our own address.
    response.headers.set("Content-Security-Policy", "default-src 'none'; sandbox");
    response.headers.set("X-Content-Type-Options", "nosniff");
    response.headers.set("Cache-Control",
                         is_for_ever ? "private, max-age=86400, immutable" : "private, no-cache");
    return response;
}

}  // namespace

Task<http::Response> answer_with(Context& context, const http::Request& request, const FileAnswer& answer,
                                 const FoundFile& file) {
    const Fetched what{.tenant = answer.tenant,
                       .repository = *answer.repository,
                       .package = file.package_id,
                       .version = file.version_id,
                       .key = file.key(),
                       .size_bytes = file.size_bytes,
                       .name = file.name,
                       .may_redirect = answer.may_redirect};
    http::Response response = co_await send_fetched(context, request, what, describe(answer, file));
    // Also where the bytes come from elsewhere.
    response.headers.set("X-Checksum-Sha256", to_hex(file.sha256));
    co_return response;
}

}  // namespace lodestone::packages
