// Retention over HTTP: a look at what would stay and go, for whoever may change the rules.
#include "api/retention.hpp"

#include <array>
#include <boost/describe/class.hpp>

#include "api/access_rules.hpp"
#include "api/package_place.hpp"
#include "packages/repository.hpp"
#include "packages/retention.hpp"

namespace lodestone::api {

struct PreviewFilters {
    static constexpr std::array<std::string_view, 1> sorts{"package"};
    SearchText package;
    std::optional<bool> stays;
};
BOOST_DESCRIBE_STRUCT(PreviewFilters, (), (package, stays))

struct PreviewedVersionView {
    std::string package;
    std::string version;
    VersionId version_id;
    Time published_at{};
    bool stays = true;
    std::string reason;
};
BOOST_DESCRIBE_STRUCT(PreviewedVersionView, (), (package, version, version_id, published_at, stays, reason))

namespace {

using db::Tx;

Task<Listed<PreviewedVersionView>> preview_retention(Call& call, ListQuery<PreviewFilters> query) {
    const InRepository in(call);
    auto preview = [&](Tx& tx) {
        const auto repository = packages::find_repository(tx, in.tenant, in.repository->id);
        if (!repository) db::refuse_absent("repository", in.repository->name);
        return packages::preview_retention(
            tx, {in.place(), *in.repository->described},
            packages::parse_repository_settings(repository->settings).retention, query.request);
    };
    co_return co_await list_found<PreviewedVersionView>(call, preview);
}

constexpr Endpoint endpoints[] = {
    endpoint<preview_retention>(
        http::Method::get, "/api/v1/tenants/{tenant}/repositories/{repository}/retention/preview",
        of_repository("repository:update"), "previewRetention",
        "Tells of each version whether the repository's rules of retention would let it "
        "stay now, and why."),
};

}  // namespace

std::span<const Endpoint> retention_endpoints() {
    return endpoints;
}

}  // namespace lodestone::api
