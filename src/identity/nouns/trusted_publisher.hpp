// Trusted publishers: pipelines of a forge that may publish for an app without any stored secret. A token of
// the pipeline, signed by the forge, is exchanged for a short-lived key when it says exactly what stands
// here.
//
// There is nothing to change in one: another rule is another trust, and gets a row and an audit entry of its
// own.
#pragma once

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "db/noun.hpp"
#include "db/page.hpp"
#include "identity/rules/ids.hpp"
#include "identity/rules/scope.hpp"

namespace lodestone::identity {

// By which names a forge's tokens say where they come from.
enum class Forge : std::uint8_t { github, gitlab };
BOOST_DESCRIBE_ENUM(Forge, github, gitlab)

struct TrustedPublisher {
    PublisherId id;
    AppId app_id;  // for which it publishes
    std::string name;
    Forge forge = Forge::github;
    std::string issuer;      // who signs the tokens: "https://tokens.forge.example"
    std::string repository;  // "acme/widgets"
    // Names can be given up and taken by somebody else, ids cannot: both must be right.
    std::string repository_id;
    std::string owner_id;
    std::string workflow;                    // ".github/workflows/release.yml"
    std::optional<std::string> environment;  // absent: from any, or none
    std::string scopes;                      // JSON: what its keys are good for
    std::int64_t lifetime_seconds = 900;
    db::Version version = 0;
    Time created_at{};
    std::string created_by;
    Time updated_at{};
    std::string updated_by;

    std::vector<Scope> find_scopes() const;
    bool operator==(const TrustedPublisher&) const = default;
};
BOOST_DESCRIBE_STRUCT(TrustedPublisher, (),
                      (id, app_id, name, forge, issuer, repository, repository_id, owner_id, workflow,
                       environment, scopes, lifetime_seconds, version, created_at, created_by, updated_at,
                       updated_by))

std::optional<TrustedPublisher> find_publisher(db::Tx& tx, const TenantId& tenant, const PublisherId& id);
// Filters: app_id, name (what it begins with). Sorts: -created_at, created_at.
db::Page<TrustedPublisher> list_publishers(db::Tx& tx, const TenantId& tenant,
                                           const db::ListRequest& request);
// Every one that trusts the issuer; with the tenant and all apps in order, or none.
std::vector<TrustedPublisher> list_publishers_of_issuer(db::Tx& tx, const TenantId& tenant,
                                                        std::string_view issuer);
// The same of the whole installation, where no tenant is named: whether anybody trusts it, and who trusts
// this repository of it, the oldest first.
bool is_trusted_anywhere(db::Tx& tx, std::string_view issuer);
struct PublisherOfTenant : TrustedPublisher {
    TenantId tenant_id;
};
BOOST_DESCRIBE_STRUCT(PublisherOfTenant, (TrustedPublisher), (tenant_id))
std::vector<PublisherOfTenant> list_publishers_everywhere(db::Tx& tx, std::string_view issuer,
                                                          std::string_view repository_id);

// Refuses with a Problem: invalid_input that names the field, conflict for a name that is taken, not_found
// for an app that is not there.
TrustedPublisher insert_publisher(db::Tx& tx, const TenantId& tenant, TrustedPublisher publisher);
// For good. Keys that it has been given live out their minutes.
void delete_publisher(db::Tx& tx, const TenantId& tenant, const PublisherId& id);

}  // namespace lodestone::identity
