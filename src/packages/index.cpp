// The answer to whoever asks for an index.
#include "packages/index.hpp"

#include <array>

#include "base/problem.hpp"
#include "http/server/assets.hpp"
#include "packages/index_memory.hpp"

namespace lodestone::packages {

namespace {

// Who takes none of them gets it as it is (RFC 9110 §12.5.3).
http::Coding choose_coding(const http::Request& request) {
    static constexpr std::array available{http::Coding::identity, http::Coding::gzip, http::Coding::zstd};
    return http::choose_coding(request, available).value_or(http::Coding::identity);
}

http::Response describe(const IndexRequest& wanted, const IndexMemory::Found& index) {
    http::Response response;
    response.etag = index->etag;
    response.headers.add("Content-Type", wanted.kind.content_type);
    response.headers.add("Vary", wanted.vary.empty() ? std::string("Accept-Encoding")
                                                     : "Accept-Encoding, " + std::string(wanted.vary));
    if (index->coding != http::Coding::identity)
        response.headers.add("Content-Encoding", http::coding_name(index->coding));
    response.headers.add("Cache-Control", "private, no-cache");
    response.headers.add("X-Content-Type-Options", "nosniff");
    if (index->file)
        response.body = http::FileSlice{.file = index->file, .offset = 0, .size_bytes = index->size_bytes};
    else
        response.body = http::SharedBytes{index, index->bytes};
    return response;
}

}  // namespace

Task<std::optional<http::Response>> answer_with_index(Context& /*context*/, const http::Request& request,
                                                      IndexRequest wanted) {
    const auto repository = repository_of(request);
    if (repository->indexes == nullptr) throw Problem(problems::unavailable, "Indexes are not served here.");
    WantedIndex index{.kind = &wanted.kind,
                      .subject = {.tenant = TenantId::trusted(request.parameter("tenant")),
                                  .repository = repository,
                                  .package_key = wanted.package_key,
                                  .base = wanted.base},
                      .coding = choose_coding(request)};
    IndexMemory::Found found = repository->indexes->find_now(index);
    if (!found) found = co_await repository->indexes->find(std::move(index), request.deadline);
    if (!found) co_return std::nullopt;
    co_return describe(wanted, found);
}

}  // namespace lodestone::packages
