// The catalogue: the images of one's own tenant that one may see. Not in the specification, and asked for by
// everybody. What others show to the public is found by its name.
#include <fmt/format.h>

#include <algorithm>

#include "base/id.hpp"
#include "base/image_limits.hpp"
#include "db/database.hpp"
#include "formats/oci/handlers.hpp"
#include "formats/oci/lookup.hpp"
#include "formats/oci/page_size.hpp"
#include "formats/oci/problems.hpp"
#include "identity/identity.hpp"

namespace lodestone::formats::oci {

using db::Tx;
using http::Request;
using http::Response;

namespace {

constexpr std::string_view behind_repository = "behind_repository";
constexpr std::string_view behind_image = "behind_image";

identity::RepositoryFacts facts_of(const ListedRepository& repository) {
    identity::RepositoryFacts facts;
    facts.id = repository.id;
    facts.app = repository.app_id;
    facts.name = repository.name;
    facts.format = "oci";
    facts.is_public = repository.is_public;
    facts.is_app_active = repository.is_app_active;
    return facts;
}

// Walks the images of a tenant in the order of repository and name, and leaves out what whoever asks may not
// see: repositories of which that is nothing as a whole.
class Catalog {
  public:
    Catalog(Context& context, const Request& request)
        : context_(context), request_(request), tenant_(request.principal->tenant) {}

    // Behind the image that was told last, or behind what was looked at last and may be none's to know: that
    // goes by its ids, which say nothing.
    Task<> begin() {
        const auto repository = request_.query.find(behind_repository);
        if (repository) co_return co_await begin_behind(*repository);
        const auto name = parse_full_name(request_.query.find("last").value_or(""));
        if (!name || name->tenant != tenant_) co_return;
        repository_ = name->repository;
        after_ = name->image;
    }

    // So many, or fewer where it got tired before: then there is more, behind what was looked at last.
    Task<std::vector<std::string>> list(std::int64_t limit) {
        std::vector<std::string> names;
        while (static_cast<std::int64_t>(names.size()) < limit && !is_at_end_ && !is_tired())
            co_await add_round(names, limit);
        co_return names;
    }
    bool is_cut() const { return !is_at_end_ && is_tired(); }
    std::string render_rest(std::int64_t page) const {
        std::string url = fmt::format("{}?n={}&{}={}", catalog_path, page, behind_repository,
                                      http::encode_path_text(last_repository_.text()));
        if (!last_image_.is_empty())
            url += fmt::format("&{}={}", behind_image, http::encode_path_text(last_image_.text()));
        return url;
    }

  private:
    struct Image {
        const ListedRepository* repository = nullptr;
        ListedImage image;
    };

    bool is_tired() const {
        return seen_repositories_ >= limits::catalog_repositories || seen_images_ >= limits::catalog_images;
    }

    Task<> begin_behind(std::string_view repository_text) {
        const auto repository = parse_id<packages::RepositoryId>(repository_text);
        const std::string_view image_text = request_.query.find(behind_image).value_or("");
        const auto image = parse_id<packages::PackageId>(image_text);
        auto find = [&](Tx& tx) {
            if (repository) repository_ = find_repository_name(tx, tenant_, *repository).value_or("");
            if (repository && image)
                after_ = find_image_name(tx, {tenant_, *repository}, *image).value_or("");
        };
        co_await context_.database->read(identity::make_unit(request_), find);
        if (repository_.empty() || (!image_text.empty() && after_.empty()))
            throw Problem(question_invalid, "The list has changed: ask for it from its beginning again.");
        if (image_text.empty()) go_behind_repository();
    }

    void go_behind_repository() {
        repository_ += '!';  // stands before whatever else begins so
        after_.clear();
    }

    Task<> add_round(std::vector<std::string>& names, std::int64_t limit) {
        auto read_repositories = [&](Tx& tx) {
            return list_image_repositories(tx, tenant_, repository_, repositories_at_once_);
        };
        std::vector<ListedRepository> repositories =
            co_await context_.database->read(identity::make_unit(request_), read_repositories);
        const bool are_last = static_cast<std::int64_t>(repositories.size()) < repositories_at_once_;
        std::vector<const ListedRepository*> visible;
        for (const ListedRepository& one : repositories) {
            const bool may_see = co_await may_see_some(one);
            if (may_see) visible.push_back(&one);
        }
        // No more than is wanted, until something turns out to be hidden.
        const auto wanted = limit - static_cast<std::int64_t>(names.size());
        const std::int64_t most = has_hidden_ ? images_at_once : std::min(wanted, images_at_once);
        auto read_images = [&](Tx& tx) { return list_images(tx, visible, most); };
        std::vector<Image> images;
        if (!visible.empty())
            images = co_await context_.database->read(identity::make_unit(request_), read_images);
        seen_images_ += static_cast<std::int64_t>(images.size());
        co_await add_visible(names, images, limit);
        if (static_cast<std::int64_t>(images.size()) == most)
            go_on_at(images.back());
        else if (!are_last)
            go_on_behind(repositories);
        else
            is_at_end_ = true;
    }

    void go_on_at(const Image& last) {
        repositories_at_once_ = few_repositories;
        repository_ = last.repository->name;
        after_ = last.image.name;
        last_repository_ = last.repository->id;
        last_image_ = last.image.id;
    }
    void go_on_behind(const std::vector<ListedRepository>& repositories) {
        repositories_at_once_ = many_repositories;
        seen_repositories_ += static_cast<std::int64_t>(repositories.size());
        repository_ = repositories.back().name;
        go_behind_repository();
        last_repository_ = repositories.back().id;
        last_image_ = {};
    }

    std::vector<Image> list_images(Tx& tx, const std::vector<const ListedRepository*>& repositories,
                                   std::int64_t most) const {
        std::vector<Image> images;
        for (const ListedRepository* repository : repositories) {
            const std::string& after = repository->name == repository_ ? after_ : std::string();
            const auto left = most - static_cast<std::int64_t>(images.size());
            if (left == 0) break;
            for (ListedImage& image : list_image_names(tx, {tenant_, repository->id}, after, left))
                images.push_back({repository, std::move(image)});
        }
        return images;
    }

    Task<> add_visible(std::vector<std::string>& names, const std::vector<Image>& images,
                       std::int64_t limit) {
        for (const auto& [repository, image] : images) {
            if (static_cast<std::int64_t>(names.size()) == limit) co_return;
            const bool is_visible = co_await may_see(*repository, image.name);
            if (is_visible) names.push_back(tenant_.text() + '/' + repository->name + '/' + image.name);
            has_hidden_ = has_hidden_ || !is_visible;
        }
    }

    identity::Resource resource_of(const ListedRepository& repository, std::string image) const {
        identity::Resource resource;
        resource.tenant = tenant_;
        resource.type = "package";
        resource.id = std::move(image);
        const identity::RepositoryFacts facts = facts_of(repository);
        identity::place_in_repository(resource, &facts, facts.name);
        return resource;
    }
    Task<bool> may_see_some(const ListedRepository& repository) {
        co_return co_await context_.identity->gate.may_find_some(request_.principal, "package:list",
                                                                 resource_of(repository, {}), request_);
    }
    Task<bool> may_see(const ListedRepository& repository, const std::string& image) {
        const identity::Decision decision = co_await context_.identity->gate.judge(
            request_.principal, "package:list", resource_of(repository, image), request_);
        co_return decision.is_allowed;
    }

    // A page of a repository with many images needs no more than that one.
    static constexpr std::int64_t few_repositories = 10, many_repositories = 200;
    static constexpr std::int64_t images_at_once = 200;

    Context& context_;
    const Request& request_;
    const TenantId tenant_;
    std::string repository_;  // from here on
    std::string after_;       // … and in it behind this image
    packages::RepositoryId last_repository_;
    packages::PackageId last_image_;  // empty: behind all of the repository
    std::int64_t repositories_at_once_ = few_repositories;
    std::int64_t seen_repositories_ = 0;
    std::int64_t seen_images_ = 0;
    bool has_hidden_ = false;
    bool is_at_end_ = false;
};

}  // namespace

Task<Response> list_catalog(Context& context, Request& request) {
    const std::int64_t page = page_size(request.query, limits::listed_names);
    Catalog catalog(context, request);
    co_await catalog.begin();
    std::vector<std::string> names = co_await catalog.list(page + 1);
    const bool has_more = cut_to_page(names, page);
    Response response = Response::json(200, "{\"repositories\":" + render_names(names) + "}\n");
    if (has_more)
        add_next_link(response, render_next(catalog_path, page, names.back()));
    else if (catalog.is_cut() && page > 0)
        add_next_link(response, catalog.render_rest(page));
    co_return response;
}

}  // namespace lodestone::formats::oci
