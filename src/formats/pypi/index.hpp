// The indexes of a project and of a repository, joined from what its files say (entry.hpp).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "packages/index.hpp"
#include "packages/package.hpp"

namespace lodestone::formats::pypi {

inline constexpr std::string_view simple_json_type = "application/vnd.pypi.simple.v1+json";
inline constexpr std::string_view simple_html_type = "application/vnd.pypi.simple.v1+html";
inline constexpr std::string_view html_type = "text/html; charset=utf-8";

// Of a project, and of all projects where the subject names none.
extern const packages::IndexKind simple_json;
extern const packages::IndexKind simple_html;
extern const packages::IndexKind plain_html;  // the same as text/html
// What the JSON API says of a project.
extern const packages::IndexKind project_json;

// The index of all projects, of those that somebody may see.
struct ListedProject {
    std::string name;
    std::string key;
};
std::string render_projects(const packages::IndexKind& kind, const std::vector<ListedProject>& projects);

// What it says of one version; nothing: there is none.
std::optional<std::string> render_version_json(db::Tx& tx, const packages::IndexSubject& subject,
                                               std::string_view version_key);

// https://peps.python.org/pep-0792/: what people wrote into the package's metadata as
// {"project_status":{"status":"archived","reason":"…"}}.
struct ProjectStatus {
    std::string status = "active";
    std::string reason;

    bool takes_uploads() const { return status != "archived" && status != "quarantined"; }
    bool shows_files() const { return status != "quarantined"; }
};
ProjectStatus parse_project_status(std::string_view metadata);

// The index that this Accept asks for; null: none that there is.
const packages::IndexKind* choose_simple_index(std::optional<std::string_view> accept);

}  // namespace lodestone::formats::pypi
