// Lists of names, a page at a time, and an image's tags as one.
// https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-tags
#include <fmt/format.h>

#include <charconv>

#include "base/image_limits.hpp"
#include "base/json_text.hpp"
#include "db/database.hpp"
#include "formats/oci/handlers.hpp"
#include "formats/oci/lookup.hpp"
#include "formats/oci/page_size.hpp"
#include "formats/oci/problems.hpp"
#include "http/message/path.hpp"
#include "identity/identity.hpp"
#include "packages/package.hpp"

namespace lodestone::formats::oci {

using db::Tx;
using http::Request;
using http::Response;

std::int64_t page_size(const http::Query& query, std::int64_t most) {
    const auto asked = query.find("n");
    if (!asked) return most;
    std::uint64_t size = 0;
    const auto [end, fault] = std::from_chars(asked->data(), asked->data() + asked->size(), size);
    const bool is_number = end == asked->data() + asked->size() && !asked->empty();
    if (!is_number || fault == std::errc::invalid_argument)
        throw Problem(question_invalid, "n is how many entries a page has: a number.");
    if (fault == std::errc::result_out_of_range || size > static_cast<std::uint64_t>(most)) return most;
    return static_cast<std::int64_t>(size);
}

std::string render_names(const std::vector<std::string>& names) {
    std::string list = "[";
    for (const std::string& name : names) {
        if (list.size() > 1) list += ',';
        append_json_string(list, name);
    }
    return list + ']';
}

bool cut_to_page(std::vector<std::string>& names, std::int64_t page) {
    const bool has_more = static_cast<std::int64_t>(names.size()) > page;
    if (has_more) names.resize(static_cast<std::size_t>(page));
    return has_more && !names.empty();
}

std::string render_next(std::string_view url, std::int64_t page, std::string_view last) {
    return fmt::format("{}?n={}&last={}", url, page, http::encode_path_text(last));
}

Task<Response> list_tags(Context& context, Request& request) {
    const Place place = place_of(request);
    const std::int64_t page = page_size(request.query, limits::listed_names);
    const std::string_view last = request.query.find("last").value_or("");
    auto list = [&](Tx& tx) {
        const auto package = packages::find_package_by_key(tx, place.in_repository(), place.image);
        if (!package) throw Problem(name_unknown, "There is no image " + place.name() + ".");
        return list_tag_names(tx, {place.tenant, place.repository->id, package->id}, last, page + 1);
    };
    std::vector<std::string> tags = co_await context.database->read(identity::make_unit(request), list);
    const bool has_more = cut_to_page(tags, page);
    std::string body = "{\"name\":";
    append_json_string(body, place.name());
    Response response = Response::json(200, body + ",\"tags\":" + render_names(tags) + "}\n");
    if (has_more) add_next_link(response, render_next(place.url("tags/list"), page, tags.back()));
    co_return response;
}

}  // namespace lodestone::formats::oci
