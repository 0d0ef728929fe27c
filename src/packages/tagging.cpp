// Tags that are set and removed.
#include "packages/tagging.hpp"

#include "base/json_text.hpp"
#include "base/problem.hpp"
#include "packages/index_changes.hpp"
#include "packages/tag.hpp"
#include "packages/tombstone.hpp"

namespace lodestone::packages {

using db::Tx;

void set_tag(Tx& tx, const TaggedIn& in, const Version& version, std::string_view name,
             const std::function<void(std::string_view permission)>& check_may) {
    const PackagePlace place = in.place();
    const std::optional<Tag> before = find_tag(tx, place, name);
    if (before && before->version_id == version.id) return;
    if (before) check_may("package:update");
    if (find_version_by_key(tx, place, std::string(name)) ||
        was_version(tx, place.in_repository(), in.package.name_key, name))
        throw Problem(problems::conflict, std::string(name) + " is, or was, a version of " + in.package.name +
                                              ": choose another tag.");
    Tag tag{.name = std::string(name),
            .version_id = version.id,
            .version_name = version.name,
            .updated_at = {},
            .updated_by = {}};
    put_tag(tx, place, tag);
    std::string details = "{\"tag\":";
    append_json_string(details, name);
    if (before) {
        details += ",\"from\":";
        append_json_string(details, before->version_name);
    }
    details += ",\"to\":";
    append_json_string(details, version.name);
    tx.record({.action = "package.tag",
               .tenant = in.tenant.text(),
               .subject = version.id.text(),
               .details = details + "}",
               .stale_indexes = stale_indexes(in.repository, in.package.name_key)});
}

bool remove_tag(Tx& tx, const TaggedIn& in, std::string_view name) {
    const std::optional<Tag> tag = find_tag(tx, in.place(), name);
    if (!tag || !delete_tag(tx, in.place(), name)) return false;
    std::string details = "{\"repository\":";
    append_json_string(details, in.repository.name);
    details += ",\"package\":";
    append_json_string(details, in.package.name);
    details += ",\"tag\":";
    append_json_string(details, tag->name);
    details += ",\"from\":";
    append_json_string(details, tag->version_name);
    tx.record({.action = "package.untag",
               .tenant = in.tenant.text(),
               .subject = tag->version_id.text(),
               .details = details + "}",
               .stale_indexes = stale_indexes(in.repository, in.package.name_key)});
    return true;
}

}  // namespace lodestone::packages
