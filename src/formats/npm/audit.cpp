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
#include "identity/identity.hpp"
#include "packages/directory.hpp"

namespace lodestone::formats::npm {

using http::Request;
using http::Response;

namespace {

Response answer_uncached(std::string body) {
    Response response = Response::json(200, std::move(body));
    response.headers.set("Cache-Control", "no-store");
    return response;
}

// The body, unpacked and parsed where that holds up nobody: it is many times as much while it is parsed, so
// of a tenant's one at a time.
template <class Parse>
auto read_audit(Request& request, Parse parse) -> Task<std::invoke_result_t<Parse&, std::string_view>> {
    std::string body = co_await http::read_all(*request.body, limits::npm_audit_bytes);
    std::string coding(request.header("Content-Encoding").value_or(""));
    const auto repository = packages::repository_of(request);
    auto work = [body = std::move(body), coding = std::move(coding), parse]() mutable {
        return parse(unpack_body(std::move(body), coding));
    };
    co_return co_await repository->blobs->scratch().inspectors().run(std::move(work),
                                                                     request.parameter("tenant") + "/audit");
}

}  // namespace

// {name: [advisory …]} of what has some.
Task<Response> audit_bulk(Context& context, Request& request) {
    const auto repository = packages::repository_of(request);
    const auto asked =
        co_await read_audit(request, [](std::string_view text) { return parse_bulk_audit(text); });
    auto find = [&](db::Tx& tx) {
        return render_bulk_advisories(
            packages::find_advisories(tx, *repository->described, asked, packages::AdvisoryText::brief));
    };
    co_return answer_uncached(co_await context.database->read(identity::make_unit(request), find));
}

// What older clients ask for: a report.
Task<Response> audit_quick(Context& context, Request& request) {
    const auto repository = packages::repository_of(request);
    const auto tree = co_await read_audit(
        request, [](std::string_view text) { return std::make_shared<const AuditTree>(text); });
    const auto asked = tree->list_packages();
    auto find = [&](db::Tx& tx) {
        return render_audit_report(*tree, packages::find_advisories(tx, *repository->described, asked,
                                                                    packages::AdvisoryText::brief));
    };
    co_return answer_uncached(co_await context.database->read(identity::make_unit(request), find));
}

}  // namespace lodestone::formats::npm
