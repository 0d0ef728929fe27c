// Finding a format among those that are served.
#include "packages/format.hpp"

#include <algorithm>

namespace lodestone::packages {

const Format* find_format(Formats formats, std::string_view name) {
    for (const Format* format : formats)
        if (format->name == name) return format;
    return nullptr;
}

std::string_view mount_prefix(const Format& format) {
    return format.mount.substr(0, format.mount.find('{'));
}

const Format* find_format_of_path(Formats formats, std::string_view raw_path) {
    for (const Format* format : formats)
        if (!format->mount.empty() && raw_path.starts_with(mount_prefix(*format))) return format;
    return nullptr;
}

std::string list_format_names(Formats formats) {
    std::string names;
    for (const Format* format : formats) {
        if (!names.empty()) names += ", ";
        names += format->name;
    }
    return names;
}

bool is_served(const Format& format, RepositoryKind kind) {
    return std::ranges::count(format.kinds, kind) > 0;
}

std::vector<http::Route> list_routes(Formats formats) {
    std::vector<http::Route> routes;
    for (const Format* format : formats)
        for (const std::span<const http::Route> table : {format->routes, format->root_routes})
            for (http::Route route : table) {
                if (route.options.render_problem == nullptr)
                    route.options.render_problem = format->render_problem;
                routes.push_back(route);
            }
    return routes;
}

std::string fold_package_name(const Format& format, std::string_view name) {
    return format.fold_name == nullptr ? std::string(name) : format.fold_name(name);
}

std::string fold_version_name(const Format& format, std::string_view version) {
    return format.fold_version == nullptr ? std::string(version) : format.fold_version(version);
}

}  // namespace lodestone::packages
