// `npm stage`: a version is sent as to be published, held back, looked at, and then approved or rejected by
// somebody who may publish. What is held back is named by an id alone, so the gate is asked about the package
// once its row is read.
// https://github.com/npm/cli/blob/latest/docs/lib/content/commands/npm-stage.md
#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <charconv>

#include "base/json_text.hpp"
#include "base/npm_limits.hpp"
#include "base/time_text.hpp"
#include "db/database.hpp"
#include "formats/npm/handlers.hpp"
#include "formats/npm/notice.hpp"
#include "formats/npm/publish.hpp"
#include "identity/identity.hpp"
#include "packages/file_answer.hpp"
#include "packages/stage.hpp"
#include "packages/text_list.hpp"

namespace lodestone::formats::npm {

using db::Tx;
using http::Request;
using http::Response;
using packages::Staged;

namespace {

packages::StagedIn staged_of(const Request& request) {
    const std::string& text = request.parameter("stage");
    const auto id = parse_id<packages::StagedId>(text);
    if (!id) throw Problem(problems::not_found, "There is no staged publication " + text + ".");
    return {.tenant = TenantId::trusted(request.parameter("tenant")),
            .repository = packages::repository_of(request),
            .id = *id};
}

Place place_of(const packages::StagedIn& in, const Staged& staged) {
    return {.tenant = in.tenant, .repository = in.repository, .name = staged.package_key};
}

// Of whoever may do this with its package.
Task<Staged> need_allowed(Context& context, const Request& request, const packages::StagedIn& in,
                          std::string_view permission) {
    auto find = [&](Tx& tx) { return packages::need_staged(tx, in.place(), in.id); };
    Staged staged = co_await context.database->read(identity::make_unit(request), find);
    co_await context.identity->gate.authorise(request, permission, resource_of(place_of(in, staged)));
    co_return staged;
}

// What clients show of one, under their own names of it.
std::string render_item(const Staged& staged) {
    std::string out = "{\"id\":";
    const auto append = [&out](std::string_view name, std::string_view value) {
        out += ",\"" + std::string(name) + "\":";
        append_json_string(out, value);
    };
    append_json_string(out, staged.id.text());
    append("packageName", staged.package_name);
    append("version", staged.version_name);
    const std::vector<std::string> tags = packages::list_texts(staged.tags);
    if (!tags.empty()) append("tag", tags.front());
    append("createdAt", render_rfc3339(staged.created_at));
    append("actor", staged.created_by);
    const boost::json::value facts = boost::json::parse(staged.facts);
    append("shasum", facts.at("shasum").as_string());
    append("integrity", facts.at("integrity").as_string());
    out += ",\"size\":" + std::to_string(staged.size_bytes);
    append("expiresAt", render_rfc3339(staged.expires_at));
    return out + "}";
}

std::string render_staged_facts(const TarballFacts& facts) {
    std::string out = "{\"shasum\":";
    append_json_string(out, facts.shasum);
    out += ",\"integrity\":";
    append_json_string(out, facts.integrity);
    return out + "}";
}

Response answer(std::string body) {
    Response response = Response::json(200, std::move(body) + "\n");
    response.headers.set("Cache-Control", "private, no-store");
    return response;
}

struct AskedPage {
    std::int64_t page = 0;
    std::int64_t per_page = limits::npm_staged_page;

    explicit AskedPage(const Request& request) {
        page = read(request, "page", 0, 0, limits::npm_staged_pages);
        per_page = read(request, "perPage", per_page, 1, limits::npm_staged_page);
    }

  private:
    static std::int64_t read(const Request& request, std::string_view name, std::int64_t otherwise,
                             std::int64_t least, std::int64_t most) {
        const std::string_view text = request.query.find(name).value_or("");
        std::int64_t number = otherwise;
        std::from_chars(text.data(), text.data() + text.size(), number);
        return std::clamp(number, least, most);
    }
};

// As far as whoever asks may stage those packages.
Task<std::vector<Staged>> list_allowed(Context& context, const Request& request) {
    const packages::StagedIn in{.tenant = TenantId::trusted(request.parameter("tenant")),
                                .repository = packages::repository_of(request),
                                .id = {}};
    const std::string package(request.query.find("package").value_or(""));
    auto list = [&](Tx& tx) { return packages::list_staged(tx, in.place(), package); };
    std::vector<Staged> all = co_await context.database->read(identity::make_unit(request), list);
    std::vector<Staged> allowed;
    for (Staged& one : all) {
        const identity::Decision decision = co_await context.identity->gate.judge(
            request.principal, "package:stage", resource_of(place_of(in, one)), request);
        if (decision.is_allowed) allowed.push_back(std::move(one));
    }
    co_return allowed;
}

}  // namespace

Task<Response> stage_package(Context& context, Request& request) {
    const Place place = place_of(request);
    Received received = co_await receive_document(context, request, place);
    Prepared prepared = co_await prepare_publication(context, request, place, std::move(received));
    // Who replaces something is whoever approves it.
    prepared.wanted.check_may = [](std::string_view) {};
    const packages::StagingIds ids = packages::make_staging_ids(context);
    auto note = [&](Tx& tx, blobs::BlobId tarball) {
        prepared.wanted.files.front().blob_id = tarball;
        packages::stage(tx, prepared.wanted, ids, render_staged_facts(prepared.facts));
    };
    co_await packages::enter_spooled(*place.repository->blobs, packages::unit_behind_body(request),
                                     prepared.arrived->spool, note);
    Response response = answer_ok(201, ",\"stageId\":\"" + ids.id.text() + '"');
    notice_end_of_key(context, request, response);
    co_await notice_lack_of_room(context, request, place, response);
    co_return response;
}

Task<Response> list_staged(Context& context, Request& request) {
    const std::vector<Staged> all = co_await list_allowed(context, request);
    const AskedPage asked(request);
    std::string body = "{\"items\":[";
    const std::int64_t first = asked.page * asked.per_page;
    for (std::int64_t i = first; i < std::min(first + asked.per_page, std::ssize(all)); ++i) {
        if (body.back() != '[') body += ',';
        body += render_item(all[static_cast<std::size_t>(i)]);
    }
    body += "],\"page\":" + std::to_string(asked.page) + ",\"perPage\":" + std::to_string(asked.per_page) +
            ",\"total\":" + std::to_string(all.size()) + "}";
    co_return answer(std::move(body));
}

Task<Response> show_staged(Context& context, Request& request) {
    const packages::StagedIn in = staged_of(request);
    co_return answer(render_item(co_await need_allowed(context, request, in, "package:stage")));
}

Task<Response> fetch_staged_tarball(Context& context, Request& request) {
    const packages::StagedIn in = staged_of(request);
    co_await need_allowed(context, request, in, "package:stage");
    auto find = [&](Tx& tx) { return packages::need_staged_file(tx, in); };
    const packages::FoundFile file = co_await context.database->read(identity::make_unit(request), find);
    const packages::FileAnswer to{.tenant = in.tenant,
                                  .repository = in.repository,
                                  .naming = packages::Naming::moving,
                                  .is_counted = false};
    co_return co_await packages::answer_with(context, request, to, file);
}

Task<Response> approve_staged(Context& context, Request& request) {
    const packages::StagedIn in = staged_of(request);
    const Staged staged = co_await need_allowed(context, request, in, "package:publish");
    const Place place = place_of(in, staged);
    const packages::Approval approval{.fold_file = nullptr,
                                      .check_may = ask_for_replacing(context, request, place)};
    const packages::PublicationIds ids = packages::make_publication_ids(context);
    auto approve = [&](Tx& tx) { packages::approve(tx, in, approval, ids); };
    co_await context.database->write(identity::make_unit(request), approve);
    std::string more = ",\"id\":";
    append_json_string(more, staged.package_name + "@" + staged.version_name);
    Response response = answer_ok(201, more);
    notice_end_of_key(context, request, response);
    co_await notice_lack_of_room(context, request, place, response);
    co_return response;
}

Task<Response> reject_staged(Context& context, Request& request) {
    const packages::StagedIn in = staged_of(request);
    co_await need_allowed(context, request, in, "package:publish");
    auto reject = [&](Tx& tx) { packages::reject(tx, in); };
    co_await context.database->write(identity::make_unit(request), reject);
    co_return answer_ok(200);
}

}  // namespace lodestone::formats::npm
