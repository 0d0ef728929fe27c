// `npm audit`: which of the versions that a client has are known to be vulnerable, from the advisories that
// were imported (packages/find_advisories.hpp). What is asked about need not be in the repository.
// https://github.com/npm/cli/blob/latest/docs/lib/content/commands/npm-audit.md
#include <memory>

#include "base/npm_limits.hpp"
#include "base/problem.hpp"
#include "blobs/blobs.hpp"
#include "db/database.hpp"
#include "formats/npm/audit_report.hpp"
#include "formats/npm/audit_request.hpp"
#include "formats/npm/handlers.hpp"
#include "formats/npm/held_audit.hpp"
#include "identity/identity.hpp"
#include "packages/directory.hpp"

namespace lodestone::formats::npm {

using http::Request;
using http::Response;
using packages::Format;

namespace {

Response answer_uncached(std::string body) {
    Response response = Response::json(200, std::move(body));
    response.headers.set("Cache-Control", "no-store");
    return response;
}

struct Audit {
    std::shared_ptr<const AuditTree> tree;  // null: it is answered without one
    std::vector<packages::AskedPackage> asked;
    std::vector<std::string> name_keys;
    std::uint64_t size_bytes = 0;
};

Audit parse_bulk(std::string_view text) {
    return {.tree = nullptr, .asked = parse_bulk_audit(text), .name_keys = {}};
}

Audit parse_tree(std::string_view text) {
    const auto tree = std::make_shared<const AuditTree>(text);
    return {.tree = tree, .asked = tree->list_packages(), .name_keys = {}, .size_bytes = tree->size_bytes()};
}

void complete(Audit& audit, const Format& format) {
    audit.name_keys = list_name_keys(format, audit.asked);
    for (const packages::AskedPackage& one : audit.asked) {
        audit.size_bytes += sizeof(one) + sizeof(std::string) + 2 * one.name.size();
        for (const std::string& version : one.versions)
            audit.size_bytes += sizeof(std::string) + version.size();
    }
}

std::uint64_t count_bytes(const std::vector<packages::FoundAdvisory>& found) {
    std::uint64_t size = 0;
    for (const packages::FoundAdvisory& one : found)
        size += sizeof(one) + one.summary.size() + one.aliases.size() + one.affected.size();
    return size;
}

// Parsed, compared and rendered where that holds up nobody; a body is many times as much while it is parsed,
// so of a tenant's one at a time.
Task<Response> answer_audit(Context& context, Request& request, Audit (*parse)(std::string_view)) {
    const auto repository = packages::repository_of(request);
    const Format* format = repository->described;
    auto& threads = repository->blobs->scratch().inspectors();
    const std::string line = request.parameter("tenant") + "/audit";
    std::string body = co_await http::read_all(*request.body, limits::npm_audit_bytes);
    HeldAudit held(*request.body);
    held.hold(body.size());
    auto read = [body = std::move(body),
                 coding = std::string(request.header("Content-Encoding").value_or("")), parse,
                 format]() mutable {
        Audit audit = parse(unpack_body(std::move(body), coding));
        complete(audit, *format);
        return std::make_shared<const Audit>(std::move(audit));
    };
    const std::shared_ptr<const Audit> audit = co_await threads.run(std::move(read), line);
    held.hold(audit->size_bytes);
    auto find = [&](db::Tx& tx) {
        return packages::list_found_advisories(tx, *format, audit->name_keys, packages::AdvisoryText::brief);
    };
    auto found = co_await context.database->read(identity::make_unit(request), find);
    held.hold(audit->size_bytes + count_bytes(found));
    auto compare = [audit, format, found = std::move(found)]() mutable {
        const auto hits = packages::match_advisories(*format, audit->asked, std::move(found));
        return audit->tree ? render_audit_report(*audit->tree, hits) : render_bulk_advisories(hits);
    };
    co_return answer_uncached(co_await threads.run(std::move(compare), line));
}

}  // namespace

// {name: [advisory …]} of what has some.
Task<Response> audit_bulk(Context& context, Request& request) {
    co_return co_await answer_audit(context, request, parse_bulk);
}

// What older clients ask for: a report.
Task<Response> audit_quick(Context& context, Request& request) {
    co_return co_await answer_audit(context, request, parse_tree);
}

}  // namespace lodestone::formats::npm
