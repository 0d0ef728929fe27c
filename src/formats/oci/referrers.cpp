// Referrers: what is about a manifest, such as its signatures and its bill of materials. An empty list, where
// there is none, is an answer, too.
// https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-referrers
#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "base/image_limits.hpp"
#include "db/database.hpp"
#include "formats/oci/facts.hpp"
#include "formats/oci/handlers.hpp"
#include "formats/oci/lookup.hpp"
#include "formats/oci/page_size.hpp"
#include "http/message/path.hpp"
#include "identity/identity.hpp"
#include "packages/package.hpp"

namespace lodestone::formats::oci {

using db::Tx;
using http::Request;
using http::Response;

namespace {

namespace json = boost::json;

constexpr std::string_view index_type = "application/vnd.oci.image.index.v1+json";

json::object describe_referrer(const StoredReferrer& referrer) {
    json::object described{
        {"mediaType", referrer.content_type}, {"digest", referrer.digest}, {"size", referrer.size_bytes}};
    const auto facts = parse_referrer_facts(referrer.facts);
    if (!facts) return described;
    if (!facts->artifact_type.empty()) described["artifactType"] = facts->artifact_type;
    json::object annotations;
    for (const auto& [name, value] : facts->annotations) annotations[name] = value;
    if (!annotations.empty()) described["annotations"] = std::move(annotations);
    return described;
}

// The index as far as it has come.
struct Page {
    std::string manifests;
    std::int64_t count = 0;
    std::string last;  // of those listed
    bool is_full = false;

    // False: it does not fit any more.
    bool add(const StoredReferrer& referrer, std::int64_t most) {
        const std::string described = json::serialize(describe_referrer(referrer));
        is_full = count == most ||
                  (count > 0 && manifests.size() + described.size() > limits::listed_referrers_bytes);
        if (is_full) return false;
        if (count > 0) manifests += ',';
        manifests += described;
        last = referrer.digest;
        ++count;
        return true;
    }
    std::string render() const {
        return fmt::format(R"({{"schemaVersion":2,"mediaType":"{}","manifests":[{}]}})", index_type,
                           manifests);
    }
};

std::string next_url(const Place& place, const ReferrersWanted& wanted, std::int64_t page,
                     std::string_view last) {
    std::string url = place.url("referrers/" + wanted.subject) + "?n=" + std::to_string(page);
    if (wanted.artifact_type) url += "&artifactType=" + http::encode_path_text(*wanted.artifact_type);
    return url + "&last=" + http::encode_path_text(last);
}

}  // namespace

Task<Response> list_referrers(Context& context, Request& request) {
    const Place place = place_of(request);
    const std::int64_t page = page_size(request.query, limits::listed_referrers);
    ReferrersWanted wanted{.subject = render_content_digest(need_digest(request.parameter("digest"))),
                           .artifact_type = {},
                           .after = std::string(request.query.find("last").value_or("")),
                           .limit = limits::referrers_at_once};
    if (const auto type = request.query.find("artifactType"); type && !type->empty())
        wanted.artifact_type = std::string(*type);
    Page listed;
    while (!listed.is_full) {
        auto list = [&](Tx& tx) {
            const auto package = packages::find_package_by_key(tx, place.in_repository(), place.image);
            if (!package) return std::vector<StoredReferrer>();
            return list_stored_referrers(tx, {place.tenant, place.repository->id, package->id}, wanted);
        };
        const auto referrers = co_await context.database->read(identity::make_unit(request), list);
        for (const StoredReferrer& referrer : referrers)
            if (!listed.add(referrer, page)) break;
        if (static_cast<std::int64_t>(referrers.size()) < wanted.limit) break;
        wanted.after = listed.last;
    }
    Response response = Response::text(200, listed.render(), index_type);
    if (wanted.artifact_type) response.headers.set("OCI-Filters-Applied", "artifactType");
    if (listed.is_full) add_next_link(response, next_url(place, wanted, page, listed.last));
    co_return response;
}

}  // namespace lodestone::formats::oci
