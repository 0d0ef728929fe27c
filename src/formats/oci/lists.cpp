// Lists of names, a page at a time: an image's tags, and the images that whoever asks may see.
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

namespace {

std::string render_names(const std::vector<std::string>& names) {
    std::string list = "[";
    for (const std::string& name : names) {
        if (list.size() > 1) list += ',';
        append_json_string(list, name);
    }
    return list + ']';
}

// There is another page when one more was found than belongs to this one; of nothing there is no next one.
bool cut_to_page(std::vector<std::string>& names, std::int64_t page) {
    const bool has_more = static_cast<std::int64_t>(names.size()) > page;
    if (has_more) names.resize(static_cast<std::size_t>(page));
    return has_more && !names.empty();
}

std::string render_next(std::string_view url, std::int64_t page, std::string_view last) {
    return fmt::format("{}?n={}&last={}", url, page, http::encode_path_text(last));
}

// Walks the images of a tenant in the order of repository and name, and leaves out what whoever asks may not
// see.
class Catalog {
  public:
    Catalog(Context& context, const Request& request, std::string_view last)
        : context_(context), request_(request), tenant_(request.principal->tenant) {
        const auto name = parse_full_name(last);
        if (!name || name->tenant != tenant_) return;
        repository_ = name->repository;
        after_ = name->image;
    }

    Task<std::vector<std::string>> list(std::int64_t limit) {
        std::vector<std::string> names;
        while (static_cast<std::int64_t>(names.size()) < limit && !is_at_end_)
            co_await add_repository(names, limit);
        co_return names;
    }

  private:
    struct Batch {
        std::string repository;  // empty: there is none left
        std::vector<std::string> images;
    };

    // The repository that the walk has come to, and its next images.
    Task<Batch> read() {
        auto read_batch = [this](Tx& tx) {
            Batch batch;
            const auto found = list_image_repositories(tx, tenant_, repository_, 1);
            if (found.empty()) return batch;
            batch.repository = found.front();
            const bool goes_on = batch.repository == repository_;
            batch.images =
                list_image_names(tx, tenant_, batch.repository, goes_on ? after_ : std::string(), batch_rows);
            return batch;
        };
        co_return co_await context_.database->read(identity::make_unit(request_), read_batch);
    }

    Task<> add_repository(std::vector<std::string>& names, std::int64_t limit) {
        const Batch batch = co_await read();
        is_at_end_ = batch.repository.empty();
        if (is_at_end_) co_return;
        const auto facts =
            co_await context_.identity->gate.find_repository(tenant_, batch.repository, request_.deadline);
        for (const std::string& image : batch.images) {
            if (static_cast<std::int64_t>(names.size()) == limit) co_return;
            if (facts && co_await may_see(*facts, image))
                names.push_back(tenant_.text() + '/' + batch.repository + '/' + image);
        }
        if (static_cast<std::int64_t>(batch.images.size()) < batch_rows) {
            repository_ = batch.repository + '!';  // stands before whatever else begins so
            after_.clear();
        } else {
            repository_ = batch.repository;
            after_ = batch.images.back();
        }
    }

    Task<bool> may_see(const identity::RepositoryFacts& facts, const std::string& image) {
        identity::Resource resource;
        resource.tenant = tenant_;
        resource.type = "package";
        resource.id = image;
        identity::place_in_repository(resource, &facts, facts.name);
        const identity::Decision decision =
            co_await context_.identity->gate.judge(request_.principal, "package:list", resource, request_);
        co_return decision.is_allowed;
    }

    static constexpr std::int64_t batch_rows = 200;

    Context& context_;
    const Request& request_;
    const TenantId tenant_;
    std::string repository_;  // from here on
    std::string after_;       // … and in it behind this image
    bool is_at_end_ = false;
};

}  // namespace

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

// Not in the specification, and asked for by everybody. Of one's own tenant: what others show to the public
// is found by its name.
Task<Response> list_catalog(Context& context, Request& request) {
    const std::int64_t page = page_size(request.query, limits::listed_names);
    Catalog catalog(context, request, request.query.find("last").value_or(""));
    std::vector<std::string> names = co_await catalog.list(page + 1);
    const bool has_more = cut_to_page(names, page);
    Response response = Response::json(200, "{\"repositories\":" + render_names(names) + "}\n");
    if (has_more) add_next_link(response, render_next(catalog_path, page, names.back()));
    co_return response;
}

}  // namespace lodestone::formats::oci
