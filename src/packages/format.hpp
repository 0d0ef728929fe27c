// What the rest of the program has to know about a client protocol, and nothing more: one plain struct for
// each, in one array that only the composition root knows (app/serving/formats.cpp). Quota, retention, audit,
// search and authorisation are no format's business: they are the same for all. docs/dev/formats.md says how
// one is added.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "http/server/router.hpp"
#include "packages/advisories/ecosystem.hpp"
#include "packages/repository_kind.hpp"

namespace lodestone::packages {

// Where a client is to be pointed, as whoever starts a new server reads it.
struct ClientSetup {
    std::string base;  // the server's address, without a slash at its end
    std::string tenant;
    std::string repository;
    std::string key_command;  // prints a key and nothing else
};

struct Format {
    std::string_view name;   // as rows, settings and URLs have it: "generic"
    std::string_view title;  // for people: "Generic files"
    // The page of docs/user that says how a client is set up: "generic.md".
    std::string_view guide;
    // Where clients find a repository: "/generic/{tenant}/{repository}". What stands before the first brace
    // is the format's alone, and all of its `routes` are below it.
    std::string_view mount;
    // Each needs a permission in {tenant} and {repository}, which its access column names, and says of which
    // format the repository has to be; or is open, for what a protocol asks of the server itself.
    std::span<const http::Route> routes;
    // What its clients ask of the host itself, wherever their repository is: "/.well-known/pytp". Outside of
    // all mounts, and open: whoever asks there has shown nothing yet.
    std::span<const http::Route> root_routes = {};
    // Which kinds of repositories its routes serve. One of another kind cannot be made, and is not found.
    std::span<const RepositoryKind> kinds = hosted_only;
    // From names to the keys under which two of them are one. They take any text, and never throw; null:
    // names are taken as they are written.
    std::string (*fold_name)(std::string_view name) = nullptr;
    std::string (*fold_version)(std::string_view version) = nullptr;
    // Whether a segment of a path below the mount begins a name that goes on in the next one, as npm's
    // "@scope" does. Clients write the slash between the two as such or encoded, and both are the same
    // address: they become one segment with an encoded slash, which {name+} takes. Null: no segment does.
    bool (*begins_name)(std::string_view segment) = nullptr;
    // Names of properties by which a version names another one of its package that it belongs to, as a
    // signature does to its image: retention lets the two stay, or go, together.
    std::span<const std::string_view> companion_properties = {};
    // The key of the version that a tag is about, where it is a note to that and no name that somebody chose:
    // what has such a tag belongs to that version in the same way, and is not kept for its tag's sake. Null:
    // there are no such tags.
    std::optional<std::string> (*companion_of_tag)(std::string_view tag) = nullptr;
    // It answers with indexes that are rendered beforehand (index.hpp): changes of its packages are told to
    // whoever keeps some.
    bool has_indexes = false;
    // As what advisories know its packages, and how its versions are ordered (find_advisories.hpp). Null:
    // none are about them.
    const Ecosystem* advisories = nullptr;
    // Lines for a shell that point the protocol's best-known client at a repository, with a key where it
    // needs one: ready to paste. Null: none are shown.
    std::vector<std::string> (*client_lines)(const ClientSetup& setup) = nullptr;
    // How the protocol words refusals: of its routes, and of what is below its mount and no route takes.
    // Null: problem details.
    http::RenderProblem render_problem = nullptr;
};

using Formats = std::span<const Format* const>;

// Those that this program serves. Defined where it is put together (app/serving/formats.cpp): nobody below
// knows which there are.
Formats served_formats();

// Null for one that is not served.
const Format* find_format(Formats formats, std::string_view name);
// Whose a path is, as it was sent; null: no format's.
const Format* find_format_of_path(Formats formats, std::string_view raw_path);
// Of whose packages advisories of an ecosystem speak; null: of none that is served.
const Format* find_advised_format(Formats formats, std::string_view ecosystem);
// What stands before the first brace of its mount: "/generic/".
std::string_view mount_prefix(const Format& format);
// "generic, oci": for refusals.
std::string list_format_names(Formats formats);
bool is_served(const Format& format, RepositoryKind kind);
// The routes of all, each with its protocol's words for refusals.
std::vector<http::Route> list_routes(Formats formats);

// Joins what is one name of the format whose path it is (begins_name).
void join_names(Formats formats, std::string_view raw_path, http::Path& path);

std::string fold_package_name(const Format& format, std::string_view name);
std::string fold_version_name(const Format& format, std::string_view version);

}  // namespace lodestone::packages
