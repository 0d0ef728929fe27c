// Repositories: named feeds of one format, each owned by an app. Its name is unique in the whole tenant,
// whatever the format: it stands in URLs.
#pragma once

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "db/noun.hpp"
#include "db/page.hpp"
#include "db/secret.hpp"
#include "packages/format.hpp"
#include "packages/ids.hpp"

namespace lodestone::packages {

// Who may read without being asked who they are. The texts are "private" and "public", which are words of
// C++.
enum class RepositoryVisibility : std::uint8_t { nobody, everybody };

struct Repository : db::Noun {
    RepositoryId id;
    AppId app_id;      // never changes, nor do format and kind
    std::string name;  // as URLs have it: is_repository_name()
    std::string format;
    RepositoryKind kind = RepositoryKind::hosted;
    RepositoryVisibility visibility = RepositoryVisibility::nobody;
    std::string description;
    std::string settings = "{}";  // JSON of RepositorySettings (repository_settings.hpp)
    // What a proxy shows its upstream, sealed at upstream_secret_place(); absent: nothing.
    std::optional<db::Secret<std::string>> upstream_secret;
    std::string metadata = "{}";  // a JSON object of the client's own

    bool operator==(const Repository&) const = default;
};
BOOST_DESCRIBE_STRUCT(Repository, (db::Noun),
                      (id, app_id, name, format, kind, visibility, description, settings, upstream_secret,
                       metadata))

// Lower-case letters and digits, and between them one of . _ - at a time: the same text in a URL, in a file
// name and in the name of an image. Nothing that looks like an id, so that either finds one repository.
bool is_repository_name(std::string_view name);

std::optional<Repository> find_repository(db::Tx& tx, const TenantId& tenant, const RepositoryId& id);
std::optional<Repository> find_repository_by_name(db::Tx& tx, const TenantId& tenant, std::string_view name);
// By what a client calls it: its name, or its id.
std::optional<Repository> find_repository_called(db::Tx& tx, const TenantId& tenant,
                                                 std::string_view name_or_id);
// Filters: format, kind, visibility, app_id, name (what it begins with), search (what it holds). Sorts: name,
// created_at, -created_at.
db::Page<Repository> list_repositories(db::Tx& tx, const TenantId& tenant, const db::ListRequest& request);

// These answer with what is stored now, and refuse with a Problem as a tenant's do. An app that is not there,
// or is another tenant's, has no repositories: not_found. Of a format that is not among `formats`, or a kind
// that the format does not serve, nobody makes one: invalid_input. What its kind asks for, and does not take,
// repository_rules.hpp says.
struct NewRepository {
    Repository repository;
    std::int64_t number = 0;  // make_number(): what names it in rows that there are many of
    Formats formats;
};
Repository insert_repository(db::Tx& tx, const TenantId& tenant, NewRepository made);
Repository update_repository(db::Tx& tx, const TenantId& tenant, Repository repository);
// What it holds stays as it is, and comes back with it, until it is purged.
Repository delete_repository(db::Tx& tx, const TenantId& tenant, Repository repository);
Repository restore_repository(db::Tx& tx, const TenantId& tenant, const RepositoryId& id);

// BOOST_DESCRIBE_ENUM, written out for names that no enumerator can have.
BOOST_DESCRIBE_ENUM_BEGIN(RepositoryVisibility)
,
    [] {
        struct Described {
            static constexpr auto value() noexcept { return RepositoryVisibility::nobody; }
            static constexpr auto name() noexcept { return "private"; }
        };
        return Described();
    }(),
    [] {
        struct Described {
            static constexpr auto value() noexcept { return RepositoryVisibility::everybody; }
            static constexpr auto name() noexcept { return "public"; }
        };
        return Described();
    }() BOOST_DESCRIBE_ENUM_END(RepositoryVisibility)

}  // namespace lodestone::packages
