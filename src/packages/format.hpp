// What the rest of the program has to know about a client protocol, and nothing more: one plain struct for
// each, in one array that only the composition root knows (app/serving/formats.cpp). Quota, retention, audit,
// search and authorisation are no format's business: they are the same for all.
#pragma once

#include <compare>
#include <span>
#include <string>
#include <string_view>

#include "http/server/router.hpp"

namespace lodestone::packages {

struct Format {
    std::string_view name;   // as rows, settings and URLs have it: "generic"
    std::string_view title;  // for people: "Generic files"
    // How a client is set up, as Markdown with {url}, {tenant} and {repository} to be filled in.
    std::string_view guide = {};
    // Whatever they are mounted at; each names {tenant} and {repository} in its access column.
    std::span<const http::Route> routes;
    // From names to the keys under which two of them are one. They take any text, and never throw; null:
    // names are taken as they are written.
    std::string (*fold_name)(std::string_view name) = nullptr;
    std::string (*fold_version)(std::string_view version) = nullptr;
    // Which of two versions is the newer one; null: which was published later.
    std::weak_ordering (*compare_versions)(std::string_view one, std::string_view other) = nullptr;
    // Names of properties by which a version names another one of its package that it belongs to, as a
    // signature does to its image: retention lets the two stay, or go, together.
    std::span<const std::string_view> companion_properties = {};
    // How the protocol words refusals, also of what no route of its takes; null: problem details.
    http::RenderProblem render_problem = nullptr;
};

using Formats = std::span<const Format* const>;

// Those that this program serves. Defined where it is put together (app/serving/formats.cpp): nobody below
// knows which there are.
Formats served_formats();

// Null for one that is not served.
const Format* find_format(Formats formats, std::string_view name);
// "generic, oci": for refusals.
std::string list_format_names(Formats formats);

std::string fold_package_name(const Format& format, std::string_view name);
std::string fold_version_name(const Format& format, std::string_view version);

}  // namespace lodestone::packages
