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

const Format* find_advised_format(Formats formats, std::string_view ecosystem) {
    for (const Format* format : formats)
        if (format->advisories != nullptr && format->advisories->name == ecosystem) return format;
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

void join_names(Formats formats, std::string_view raw_path, http::Path& path) {
    const Format* format = find_format_of_path(formats, raw_path);
    if (format == nullptr || format->begins_name == nullptr) return;
    std::vector<http::PathSegment>& segments = path.segments;
    for (std::size_t i = 0; i + 1 < segments.size(); ++i) {
        const bool is_divided = segments[i].has_encoded_slash || segments[i + 1].has_encoded_slash;
        if (is_divided || !format->begins_name(segments[i].text)) continue;
        segments[i].text += '/' + segments[i + 1].text;
        segments[i].has_encoded_slash = true;
        segments.erase(segments.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    }
}

std::string fold_package_name(const Format& format, std::string_view name) {
    return format.fold_name == nullptr ? std::string(name) : format.fold_name(name);
}

std::string fold_version_name(const Format& format, std::string_view version) {
    return format.fold_version == nullptr ? std::string(version) : format.fold_version(version);
}

}  // namespace lodestone::packages
