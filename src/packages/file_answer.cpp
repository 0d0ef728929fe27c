// The answer to a download.
#include "packages/file_answer.hpp"

#include "base/hex.hpp"
#include "db/database.hpp"
#include "identity/identity.hpp"
#include "packages/file_memory.hpp"
#include "packages/index_memory.hpp"

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

// Only where changes are told.
FileMemory* memory_of(const RepositoryEntry& repository) {
    const bool tells_changes = repository.described != nullptr && repository.described->has_indexes;
    return tells_changes && repository.indexes != nullptr ? &repository.indexes->files() : nullptr;
}

Task<http::Response> send(Context& context, const http::Request& request, const FileAnswer& answer,
                          const FoundFile& file, std::optional<http::SharedBytes> bytes) {
    Fetched what{.tenant = answer.tenant,
                 .repository = *answer.repository,
                 .package = file.package_id,
                 .version = file.version_id,
                 .key = file.key(),
                 .size_bytes = file.size_bytes,
                 .name = file.name,
                 .is_counted = answer.is_counted,
                 .may_redirect = answer.may_redirect,
                 .bytes = std::move(bytes)};
    http::Response response =
        co_await send_fetched(context, request, std::move(what), describe(answer, file));
    // Also where the bytes come from elsewhere.
    response.headers.set("X-Checksum-Sha256", to_hex(file.sha256));
    co_return response;
}

Task<http::Response> send_kept(Context& context, const http::Request& request, const FileAnswer& answer,
                               FileMemory::Found kept) {
    const KeptFile& what = *kept;
    http::SharedBytes bytes{std::move(kept), what.bytes};
    co_return co_await send(context, request, answer, what.file, std::move(bytes));
}

}  // namespace

Task<http::Response> answer_with(Context& context, const http::Request& request, const FileAnswer& answer,
                                 const FoundFile& file) {
    return send(context, request, answer, file, std::nullopt);
}

Task<std::optional<http::Response>> answer_with_file(Context& context, const http::Request& request,
                                                     const FileAnswer& answer, const FileKey& key) {
    FileMemory* const memory = memory_of(*answer.repository);
    if (memory != nullptr)
        if (auto kept = memory->find_now(*answer.repository, key))
            co_return co_await send_kept(context, request, answer, std::move(kept));
    const std::uint64_t asked = memory != nullptr ? memory->last_change() : 0;
    auto find = [&](db::Tx& tx) { return find_fetched(tx, {answer.tenant, answer.repository->id}, key); };
    const auto found = co_await context.database->look_up(identity::make_unit(request), find);
    if (!found) co_return std::nullopt;
    if (memory != nullptr && memory->is_wanted(*answer.repository, key, *found))
        if (auto kept = co_await memory->keep(*answer.repository, key, *found, asked))
            co_return co_await send_kept(context, request, answer, std::move(kept));
    co_return co_await answer_with(context, request, answer, *found);
}

}  // namespace lodestone::packages
