// What there is of a package, as JSON for programs.
#pragma once

#include <string>

#include "http/message/path.hpp"
#include "packages/file.hpp"
#include "packages/package.hpp"
#include "packages/version.hpp"

namespace lodestone::formats::generic {

// Its tags, and a page of its versions, the newest first; `cursor` in the query goes on.
std::string render_package(db::Tx& tx, const packages::PackagePlace& place, const packages::Package& package,
                           const http::Query& query);
// Its files.
std::string render_version(db::Tx& tx, const packages::VersionPlace& place, const packages::Version& version);

}  // namespace lodestone::formats::generic
