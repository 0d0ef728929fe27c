// `npm search`: the packages of the repository that have the words, as far as whoever asks may see them.
// https://github.com/npm/registry/blob/main/docs/REGISTRY-API.md#get-v1search
#include <algorithm>
#include <charconv>

#include "base/json_text.hpp"
#include "base/npm_limits.hpp"
#include "base/package_limits.hpp"
#include "base/time_text.hpp"
#include "db/database.hpp"
#include "formats/npm/handlers.hpp"
#include "formats/npm/packument.hpp"
#include "formats/npm/place.hpp"
#include "identity/identity.hpp"
#include "packages/search.hpp"

namespace lodestone::formats::npm {

using db::Tx;
using http::Request;
using http::Response;

namespace {

struct Hit {
    packages::PackageId id;
    std::string name;
    std::string description;
    std::string keywords;  // JSON
    Time updated_at{};
    std::string latest;
};

std::int64_t read_number(const Request& request, std::string_view name, std::int64_t otherwise) {
    const std::string_view text = request.query.find(name).value_or("");
    std::int64_t number = otherwise;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return std::clamp<std::int64_t>(number, 0, limits::npm_found_most);
}

struct Asked {
    TenantId tenant;
    std::shared_ptr<const packages::RepositoryEntry> repository;
    std::string text;
    std::int64_t from = 0;
    std::int64_t size = 0;

    explicit Asked(const Request& request)
        : tenant(TenantId::trusted(request.parameter("tenant"))),
          repository(packages::repository_of(request)),
          text(request.query.find("text").value_or("")),
          from(read_number(request, "from", 0)),
          size(read_number(request, "size", 20)) {}
};

// A piece of what is there, and where the next one begins.
struct Round {
    std::vector<Hit> hits;
    std::string cursor;            // of all packages
    packages::SearchPoint behind;  // of those that are looked for
    bool is_last = false;
};

template <class Found>
Hit make_hit(Found& one) {
    return {.id = one.id,
            .name = std::move(one.name),
            .description = std::move(one.description),
            .keywords = std::move(one.keywords),
            .updated_at = one.updated_at,
            .latest = {}};
}

Round list_all(Tx& tx, const Asked& asked, const Round& before) {
    const db::ListRequest all{
        .filters = {}, .sort = "name", .limit = limits::npm_found_most, .cursor = before.cursor};
    auto page = packages::list_packages(tx, {asked.tenant, asked.repository->id}, all);
    Round round;
    for (packages::Package& one : page.items) round.hits.push_back(make_hit(one));
    round.is_last = page.next.empty();
    round.cursor = std::move(page.next);
    return round;
}

// All of them where nothing is looked for.
Round find_hits(Tx& tx, const Asked& asked, const Round& before) {
    if (asked.text.find_first_not_of(" \t") == std::string::npos) return list_all(tx, asked, before);
    constexpr std::int64_t most = limits::npm_found_most;
    const packages::Search search(
        db::ListRequest{.filters = {{"q", asked.text}}, .sort = {}, .limit = most, .cursor = {}});
    Round round;
    round.is_last = true;
    if (search.words.empty()) return round;
    const packages::RepositoryId in[] = {asked.repository->id};
    for (packages::FoundPackage& one :
         packages::search_packages(tx, asked.tenant, search, in, before.behind, most)) {
        round.behind = {.place = one.place, .id = one.id.text()};
        round.hits.push_back(make_hit(one));
    }
    round.is_last = std::ssize(round.hits) < most;
    return round;
}

Task<bool> may_see(Context& context, const Request& request, const Asked& asked, const std::string& name) {
    identity::Resource resource;
    resource.tenant = asked.tenant;
    resource.type = "package";
    resource.id = name;
    identity::place_in_repository(resource, asked.repository.get(), asked.repository->name);
    for (const std::string_view permission : {"package:list", "package:read"}) {
        const identity::Decision decision =
            co_await context.identity->gate.judge(request.principal, permission, resource, request);
        if (!decision.is_allowed) co_return false;
    }
    co_return true;
}

// What may not be seen takes no place among what is shown; as many are judged as anywhere.
Task<std::vector<Hit>> find_visible(Context& context, const Request& request, const Asked& asked) {
    std::vector<Hit> visible;
    Round round;
    std::int64_t judged = 0;
    while (!round.is_last && judged < limits::judged_results &&
           std::ssize(visible) < asked.from + asked.size) {
        auto find = [&](Tx& tx) { return find_hits(tx, asked, round); };
        Round next = co_await context.database->read(identity::make_unit(request), find);
        judged += std::ssize(next.hits);
        for (Hit& hit : next.hits)
            if (co_await may_see(context, request, asked, hit.name)) visible.push_back(std::move(hit));
        round = std::move(next);
    }
    co_return visible;
}

void append_hit(std::string& out, const Hit& hit) {
    out += "{\"package\":{\"name\":";
    append_json_string(out, hit.name);
    out += ",\"version\":";
    append_json_string(out, hit.latest);
    out += ",\"description\":";
    append_json_string(out, hit.description);
    out += ",\"keywords\":" + hit.keywords + ",\"date\":";
    append_json_string(out, render_rfc3339(hit.updated_at));
    out += R"(,"links":{},"maintainers":[]},"score":{"final":1,"detail":{"quality":1,"popularity":1,)"
           R"("maintenance":1}},"searchScore":1})";
}

}  // namespace

Task<Response> search(Context& context, Request& request) {
    const Asked asked(request);
    std::vector<Hit> visible = co_await find_visible(context, request, asked);
    const std::size_t total = visible.size();
    visible.erase(visible.begin(),
                  visible.begin() + std::min<std::ptrdiff_t>(asked.from, std::ssize(visible)));
    visible.resize(std::min<std::size_t>(visible.size(), static_cast<std::size_t>(asked.size)));
    auto add_versions = [&](Tx& tx) {
        for (Hit& hit : visible)
            hit.latest = find_tagged(tx, {asked.tenant, asked.repository->id, hit.id}, "latest").value_or("");
    };
    co_await context.database->read(identity::make_unit(request), add_versions);
    std::string body = "{\"objects\":[";
    for (const Hit& hit : visible) {
        if (body.back() != '[') body += ',';
        append_hit(body, hit);
    }
    body += "],\"total\":" + std::to_string(total) + ",\"time\":";
    append_json_string(body, render_rfc3339(context.clock.now()));
    Response response = Response::json(200, body + "}\n");
    response.headers.set("Cache-Control", "private, no-cache");
    co_return response;
}

}  // namespace lodestone::formats::npm
