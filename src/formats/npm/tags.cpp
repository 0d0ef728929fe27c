// Tags, one by one: `npm dist-tag`.
// https://github.com/npm/registry/blob/main/docs/REGISTRY-API.md
#include "base/json_text.hpp"
#include "base/npm_limits.hpp"
#include "base/problem.hpp"
#include "base/strict_json.hpp"
#include "db/database.hpp"
#include "formats/npm/handlers.hpp"
#include "formats/npm/name.hpp"
#include "formats/npm/notice.hpp"
#include "formats/npm/packument.hpp"
#include "formats/npm/place.hpp"
#include "formats/npm/version.hpp"
#include "identity/identity.hpp"
#include "packages/incoming.hpp"

namespace lodestone::formats::npm {

using db::Tx;
using http::Request;
using http::Response;

namespace {

// A JSON text: "1.2.3".
std::string parse_version_text(std::string_view body) {
    const StrictValue read = parse_strict_value(body, 1);
    if (!read.value || !read.value->is_string() || !parse_version(read.value->get_string()))
        throw Problem(problems::invalid_input, "A tag names a version: send one as a JSON text, \"1.2.3\".");
    return fold_version(read.value->get_string());
}

const std::string& tag_of(const Request& request) {
    const std::string& tag = request.parameter("tag");
    if (!is_tag_name(tag))
        throw Problem(
            problems::invalid_input,
            "No tag is called " + tag + ": it could be taken for a version or a range of versions.");
    return tag;
}

}  // namespace

Task<Response> list_tags(Context& context, Request& request) {
    const Place place = place_of(request);
    auto list = [&](Tx& tx) {
        const packages::Package package = packages::need_package(tx, place.in_repository(), place.name);
        return list_package_tags(tx, place.in_package(package));
    };
    const Tags tags = co_await context.database->read(identity::make_unit(request), list);
    std::string body = "{";
    for (const auto& [tag, version] : tags) {
        if (body.size() > 1) body += ',';
        append_json_string(body, tag);
        body += ':';
        append_json_string(body, version);
    }
    Response response = Response::json(200, body + "}\n");
    response.headers.set("Cache-Control", "private, no-cache");
    co_return response;
}

// The access column asks for package:update, which moving a tag takes, too.
Task<Response> put_tag(Context& context, Request& request) {
    const Place place = place_of(request);
    const std::string& tag = tag_of(request);
    const std::string key =
        parse_version_text(co_await http::read_all(*request.body, limits::npm_small_bytes));
    auto set = [&](Tx& tx) {
        const packages::Package package = packages::need_package(tx, place.in_repository(), place.name);
        packages::Version version = packages::need_version(tx, place.in_package(package), key);
        packages::set_tag(tx, place.tagged(package), version, tag, packages::ask_gate(context, request));
        return version;
    };
    const packages::Version version = co_await context.database->write(identity::make_unit(request), set);
    Response response = answer_ok(201);
    notice_deprecated(version, tag, response);
    co_return response;
}

Task<Response> delete_tag(Context& context, Request& request) {
    const Place place = place_of(request);
    const std::string& tag = request.parameter("tag");
    if (tag == "latest")
        throw Problem(problems::invalid_input,
                      "The tag latest cannot be removed, since clients install by it: move it to another "
                      "version.");
    auto remove = [&](Tx& tx) {
        const packages::Package package = packages::need_package(tx, place.in_repository(), place.name);
        if (!packages::remove_tag(tx, place.tagged(package), tag))
            throw Problem(problems::not_found, place.name + " has no tag " + tag + ".");
    };
    co_await context.database->write(identity::make_unit(request), remove);
    co_return answer_ok(200);
}

}  // namespace lodestone::formats::npm
