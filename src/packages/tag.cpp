// Tags in the database.
#include "packages/tag.hpp"

#include "db/listing.hpp"

namespace lodestone::packages {

using db::Tx;

// As they are written: tags are told apart by case.
struct TagFilters {
    std::optional<std::string> name;
};
BOOST_DESCRIBE_STRUCT(TagFilters, (), (name))

namespace {

const db::Query<Tag, TenantId, RepositoryId, PackageId, std::string> find{
    "tag.find",
    "SELECT name, version_id, version_name, updated_at, updated_by FROM tags "
    "WHERE tenant_id = $1 AND repository_id = $2 AND package_id = $3 AND name = $4"};

const db::ListQuery<Tag, TagFilters, std::string, TenantId, RepositoryId, PackageId> list_by_name{
    "tag.list_by_name",
    "SELECT name, version_id, version_name, updated_at, updated_by FROM tags "
    "WHERE tenant_id = $1 AND repository_id = $2 AND package_id = $3 "
    "  AND (name, name) > (CASE WHEN $5 = '' THEN coalesce($4, '') ELSE $5 END, $6) "
    "  AND name < coalesce($4, '') || '\U0010FFFF' "
    "ORDER BY name LIMIT $7"};

const db::Query<std::string, TenantId, RepositoryId, PackageId, VersionId> list_of_version{
    "tag.list_of_version",
    "SELECT name FROM tags WHERE tenant_id = $1 AND repository_id = $2 AND package_id = $3 AND version_id = "
    "$4 "
    "ORDER BY name"};

const db::Command<TenantId, RepositoryId, PackageId, std::string, VersionId, std::string, Time, std::string>
    put{"tag.put",
        "INSERT INTO tags (tenant_id, repository_id, package_id, name, version_id, version_name, updated_at, "
        "                  updated_by) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) "
        "ON CONFLICT (tenant_id, repository_id, package_id, name) DO UPDATE "
        "SET version_id = $5, version_name = $6, updated_at = $7, updated_by = $8"};

const db::Command<TenantId, RepositoryId, PackageId, std::string> remove{
    "tag.delete",
    "DELETE FROM tags WHERE tenant_id = $1 AND repository_id = $2 AND package_id = $3 AND name = $4"};

const db::Command<TenantId, RepositoryId, PackageId, VersionId> remove_of_version{
    "tag.delete_of_version",
    "DELETE FROM tags WHERE tenant_id = $1 AND repository_id = $2 AND package_id = $3 AND version_id = $4"};

const db::Command<TenantId, RepositoryId, PackageId> remove_all{
    "tag.delete_all", "DELETE FROM tags WHERE tenant_id = $1 AND repository_id = $2 AND package_id = $3"};

constexpr std::tuple sorts{
    db::Sort{"name", list_by_name, &Tag::name, [](const Tag& tag) { return tag.name; }}};

}  // namespace

std::optional<Tag> find_tag(Tx& tx, const PackagePlace& place, std::string_view name) {
    return tx.maybe(find, place.tenant, place.repository, place.package, std::string(name));
}

db::Page<Tag> list_tags(Tx& tx, const PackagePlace& place, const db::ListRequest& request) {
    return db::list_page<TagFilters>(tx, request, sorts, place.tenant, place.repository, place.package);
}

std::vector<std::string> list_tags_of(Tx& tx, const PackagePlace& place, const VersionId& version) {
    return tx.all(list_of_version, place.tenant, place.repository, place.package, version);
}

void put_tag(Tx& tx, const PackagePlace& place, Tag& tag) {
    tag.updated_at = tx.now();
    tag.updated_by = tx.unit().actor;
    tx.run(put, place.tenant, place.repository, place.package, tag.name, tag.version_id, tag.version_name,
           tag.updated_at, tag.updated_by);
}

bool delete_tag(Tx& tx, const PackagePlace& place, std::string_view name) {
    return tx.run(remove, place.tenant, place.repository, place.package, std::string(name)) != 0;
}

void delete_tags_of(Tx& tx, const PackagePlace& place, const VersionId& version) {
    tx.run(remove_of_version, place.tenant, place.repository, place.package, version);
}

void delete_all_tags(Tx& tx, const PackagePlace& place) {
    tx.run(remove_all, place.tenant, place.repository, place.package);
}

}  // namespace lodestone::packages
