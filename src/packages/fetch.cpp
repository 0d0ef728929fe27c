// The look-ups of downloads, and their end.
#include "packages/fetch.hpp"

#include <algorithm>
#include <utility>

#include "base/problem.hpp"
#include "blobs/blobs.hpp"
#include "blobs/quarantine.hpp"
#include "blobs/redirect.hpp"
#include "http/server/representation.hpp"
#include "http/server/request.hpp"
#include "packages/count_downloads.hpp"

namespace lodestone::packages {

using db::Tx;

namespace {

const db::Query<FoundFile, TenantId, RepositoryId, std::string, std::string, std::string> find_by_key{
    "fetch.find",
    "SELECT p.id AS package_id, v.id AS version_id, v.name AS version_name, f.name, f.blob_id, f.sha256, "
    "       f.size_bytes, f.content_type, f.digests, f.created_at, b.copy_id, b.withdrawn_at "
    "FROM packages AS p "
    "JOIN versions AS v ON v.tenant_id = p.tenant_id AND v.repository_id = p.repository_id "
    "                  AND v.package_id = p.id AND v.name_key = $4 AND v.deleted_at IS NULL "
    "JOIN files AS f ON f.tenant_id = v.tenant_id AND f.repository_id = v.repository_id "
    "               AND f.package_id = v.package_id AND f.version_id = v.id AND f.name = $5 "
    "JOIN blobs AS b ON b.id = f.blob_id "
    "WHERE p.tenant_id = $1 AND p.repository_id = $2 AND p.name_key = $3 AND p.deleted_at IS NULL"};

const db::Query<FoundFile, TenantId, RepositoryId, std::string, std::string, std::string> find_by_tag{
    "fetch.find_by_tag",
    "SELECT p.id AS package_id, t.version_id, t.version_name, f.name, f.blob_id, f.sha256, "
    "       f.size_bytes, f.content_type, f.digests, f.created_at, b.copy_id, b.withdrawn_at "
    "FROM packages AS p "
    "JOIN tags AS t ON t.tenant_id = p.tenant_id AND t.repository_id = p.repository_id "
    "              AND t.package_id = p.id AND t.name = $4 "
    "JOIN files AS f ON f.tenant_id = t.tenant_id AND f.repository_id = t.repository_id "
    "               AND f.package_id = t.package_id AND f.version_id = t.version_id AND f.name = $5 "
    "JOIN blobs AS b ON b.id = f.blob_id "
    "WHERE p.tenant_id = $1 AND p.repository_id = $2 AND p.name_key = $3 AND p.deleted_at IS NULL"};

const db::Query<FoundFile, TenantId, RepositoryId, std::string, std::string> find_newest{
    "fetch.find_newest",
    "SELECT p.id AS package_id, v.id AS version_id, v.name AS version_name, f.name, f.blob_id, f.sha256, "
    "       f.size_bytes, f.content_type, f.digests, f.created_at, b.copy_id, b.withdrawn_at "
    "FROM packages AS p "
    "JOIN versions AS v ON v.tenant_id = p.tenant_id AND v.repository_id = p.repository_id "
    "                  AND v.package_id = p.id "
    "                  AND v.id = (SELECT n.id FROM versions AS n "
    "                              WHERE n.tenant_id = p.tenant_id AND n.repository_id = p.repository_id "
    "                                AND n.package_id = p.id AND n.deleted_at IS NULL AND n.state = "
    "'published' "
    "                              ORDER BY n.published_at DESC, n.id DESC LIMIT 1) "
    "JOIN files AS f ON f.tenant_id = v.tenant_id AND f.repository_id = v.repository_id "
    "               AND f.package_id = v.package_id AND f.version_id = v.id AND f.name = $4 "
    "JOIN blobs AS b ON b.id = f.blob_id "
    "WHERE p.tenant_id = $1 AND p.repository_id = $2 AND p.name_key = $3 AND p.deleted_at IS NULL"};

// The same plan is made again when the answer is sent, here or where the bytes are.
bool begins_file(Context& context, const http::Request& request, const http::Response& response,
                 std::int64_t size_bytes) {
    if (request.method != http::Method::get) return false;
    http::Representation current = http::describe(response, context.clock.now());
    current.size_bytes = static_cast<std::uint64_t>(size_bytes);
    const http::Plan plan =
        http::plan_representation(request.method, *request.headers, current, context.random);
    if (plan.kind == http::Plan::Kind::whole) return true;
    return std::ranges::any_of(plan.parts,
                               [](const http::PlannedPart& part) { return part.range.offset == 0; });
}

}  // namespace

blobs::BlobKey FoundFile::key() const {
    if (!is_readable()) blobs::refuse_quarantined("The file " + name);
    return {.sha256 = sha256, .id = copy_id.value_or(blob_id)};
}

std::optional<FoundFile> find_fetched(Tx& tx, const RepositoryPlace& place, const FileKey& key) {
    return tx.maybe(find_by_key, place.tenant, place.repository, key.package, key.version, key.name);
}

std::optional<FoundFile> find_fetched_by_tag(Tx& tx, const RepositoryPlace& place,
                                             std::string_view package_key, std::string_view tag,
                                             std::string_view file) {
    return tx.maybe(find_by_tag, place.tenant, place.repository, std::string(package_key), std::string(tag),
                    std::string(file));
}

std::optional<FoundFile> find_fetched_newest(Tx& tx, const RepositoryPlace& place,
                                             std::string_view package_key, std::string_view file) {
    return tx.maybe(find_newest, place.tenant, place.repository, std::string(package_key), std::string(file));
}

Task<http::Response> send_fetched(Context& context, const http::Request& request, Fetched what,
                                  http::Response described) {
    blobs::Blobs& blobs = *what.repository.blobs;
    std::optional<http::Response> elsewhere;
    if (!what.bytes && what.may_redirect && blobs.gives_links(what.size_bytes))
        elsewhere = co_await blobs::try_redirect(blobs, request, what.key, what.size_bytes);
    if (what.bytes) {
        described.body = *std::move(what.bytes);
    } else if (!elsewhere) {
        auto body = co_await blobs.open(what.key, what.size_bytes, blobs::extent_of(request));
        if (!body && what.refuse_lost && co_await blobs.is_lost(what.key)) co_await what.refuse_lost();
        if (!body)
            throw Problem(problems::unavailable,
                          "The bytes of " + std::string(what.name) + " cannot be read at the moment.");
        described.body = *std::move(body);
    }
    if (what.is_counted && what.repository.downloads != nullptr &&
        begins_file(context, request, described, what.size_bytes))
        what.repository.downloads->note({{what.tenant, what.repository.id, what.package}, what.version});
    co_return std::move(elsewhere ? *elsewhere : described);
}

}  // namespace lodestone::packages
