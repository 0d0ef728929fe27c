// A format of tests that serves every kind of repository, while none of the program does: the routes of
// generic files at addresses of their own, and the words of images for refusals.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "formats/generic/generic.hpp"
#include "formats/oci/oci.hpp"
#include "packages/format.hpp"

namespace lodestone::test {

inline const packages::Format& shelf_format() {
    static const std::vector<std::string> patterns = [] {
        std::vector<std::string> made;
        for (const http::Route& route : formats::generic::format().routes)
            made.push_back("/shelf" + std::string(route.pattern.substr(std::string_view("/generic").size())));
        return made;
    }();
    static const std::vector<http::Route> routes = [] {
        std::vector<http::Route> made;
        for (http::Route route : formats::generic::format().routes) {
            route.pattern = patterns[made.size()];
            route.access.target.format = "shelf";
            made.push_back(route);
        }
        return made;
    }();
    static constexpr packages::RepositoryKind kinds[] = {
        packages::RepositoryKind::hosted, packages::RepositoryKind::proxy, packages::RepositoryKind::group};
    static const packages::Format described{.name = "shelf",
                                            .title = "Shelves",
                                            .guide = "generic.md",
                                            .mount = "/shelf/{tenant}/{repository}",
                                            .routes = routes,
                                            .kinds = kinds,
                                            .render_problem = formats::oci::format().render_problem};
    return described;
}

}  // namespace lodestone::test
