// Tags as people and formats set and remove them: with the rules, and what is recorded of it.
#pragma once

#include <functional>
#include <string_view>

#include "packages/directory.hpp"
#include "packages/package.hpp"
#include "packages/version.hpp"

namespace lodestone::packages {

struct TaggedIn {
    TenantId tenant;
    const RepositoryEntry& repository;
    const Package& package;

    PackagePlace place() const { return {tenant, repository.id, package.id}; }
};

// Names a version of the package, wherever the tag was; asks before it is moved. What is or was a version is
// no tag: who asks for the one must not get the other.
void set_tag(db::Tx& tx, const TaggedIn& in, const Version& version, std::string_view name,
             const std::function<void(std::string_view permission)>& check_may);
// False: there is no such tag.
bool remove_tag(db::Tx& tx, const TaggedIn& in, std::string_view name);

}  // namespace lodestone::packages
