// What a package is said to be. Its publications say it, each anew; what people say stands before that and is
// not touched by publications, until people give the field back: then the newest publication says it again.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "packages/directory.hpp"
#include "packages/package.hpp"

namespace lodestone::packages {

// Into the row. Nothing gives the field back to publications.
void set_description(Package& package, std::optional<std::string> description);
void set_keywords(Package& package, const std::optional<std::vector<std::string>>& keywords);

// What a publication says; a description is cut to limits::description_bytes, and of keywords what is too
// long or too much is left out.
void take_published_description(Package& package, std::string_view description);
void take_published_keywords(Package& package, const std::vector<std::string>& keywords);

// `package` is what somebody has made of the row that they saw. Refuses, in the field's name, keywords and
// metadata that nobody could use; records what changed.
struct DescribedIn {
    TenantId tenant;
    std::shared_ptr<const RepositoryEntry> repository;
};
Package describe_package(db::Tx& tx, const DescribedIn& in, Package package);

}  // namespace lodestone::packages
