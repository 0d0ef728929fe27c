// Indexes: heads, entries joined, and what has become of their versions.
// https://packaging.python.org/en/latest/specifications/simple-repository-api/
#include "formats/pypi/index.hpp"

#include <algorithm>
#include <array>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <map>

#include "base/html_text.hpp"
#include "base/json_text.hpp"
#include "base/limits.hpp"
#include "base/package_limits.hpp"
#include "base/strict_json.hpp"
#include "formats/pypi/entry.hpp"
#include "formats/pypi/json_members.hpp"
#include "formats/pypi/version.hpp"
#include "formats/pypi/vulnerabilities.hpp"
#include "http/message/negotiate.hpp"
#include "http/message/path.hpp"

namespace lodestone::formats::pypi {

using db::Tx;
using packages::FoundFragment;
using packages::IndexSubject;
using packages::Package;
using packages::VersionState;

namespace {

constexpr std::string_view api_version = "1.4";

bool is_yanked(const FoundFragment& fragment) {
    return fragment.state == VersionState::yanked;
}

// With the address of the repository in place of the mark.
void append_entry(std::string& out, std::string_view body, const IndexSubject& subject) {
    for (std::size_t mark = body.find(base_mark); mark != body.npos; mark = body.find(base_mark)) {
        out += body.substr(0, mark);
        out += subject.base + "/pypi/" + subject.tenant.text() + '/' +
               http::encode_path_text(subject.repository->name);
        body.remove_prefix(mark + 1);
    }
    out += body;
}

struct Project {
    Package package;
    packages::PackagePlace place;
    ProjectStatus status;
};
std::optional<Project> find_project(Tx& tx, const IndexSubject& subject) {
    auto package = packages::find_package_by_key(tx, subject.place(), subject.package_key);
    if (!package) return std::nullopt;
    const packages::PackagePlace place{subject.tenant, subject.repository->id, package->id};
    const ProjectStatus status = parse_project_status(package->metadata);
    return Project{*std::move(package), place, status};
}

std::vector<ListedProject> list_projects(Tx& tx, const IndexSubject& subject) {
    std::vector<ListedProject> projects;
    db::ListRequest request{.filters = {}, .sort = {}, .limit = limits::page_rows_most, .cursor = {}};
    do {
        auto page = packages::list_packages(tx, subject.place(), request);
        for (Package& package : page.items)
            projects.push_back({std::move(package.name), std::move(package.name_key)});
        request.cursor = page.next;
    } while (!request.cursor.empty());
    return projects;
}

// The names of versions that have files, each once, the oldest first.
struct NamedVersion {
    std::string_view name;
    std::string_view key;
    PythonVersion parsed;
    bool is_yanked = false;
};
std::vector<NamedVersion> list_versions(const std::vector<FoundFragment>& fragments) {
    std::vector<NamedVersion> versions;
    for (const FoundFragment& fragment : fragments)
        if (versions.empty() || versions.back().key != fragment.version_key)
            versions.push_back({.name = fragment.version_name,
                                .key = fragment.version_key,
                                .parsed = parse_version(fragment.version_name).value_or(PythonVersion()),
                                .is_yanked = is_yanked(fragment)});
    std::ranges::sort(versions, [](const NamedVersion& left, const NamedVersion& right) {
        return compare_versions(left.parsed, right.parsed) < 0;
    });
    return versions;
}

// In the order of their versions, whenever they came; those of one by their names.
std::vector<FoundFragment> list_in_order(Tx& tx, const Project& project, std::string_view kind) {
    std::vector<FoundFragment> fragments = packages::list_fragments(tx, project.place, kind);
    std::map<std::string, std::size_t> ranks;
    for (const NamedVersion& version : list_versions(fragments)) ranks.emplace(version.key, ranks.size());
    std::ranges::sort(fragments, {}, [&](const FoundFragment& fragment) {
        return std::pair(ranks.at(fragment.version_key), std::string_view(fragment.name));
    });
    return fragments;
}

std::string begin_json() {
    return R"({"meta":{"api-version":")" + std::string(api_version) + "\"}";
}

std::string render_projects_json(const std::vector<ListedProject>& projects) {
    std::string out = begin_json() + ",\"projects\":[";
    bool is_first = true;
    for (const ListedProject& project : projects) {
        out += is_first ? "{\"name\":" : ",{\"name\":";
        append_json_string(out, project.name);
        out += '}';
        is_first = false;
    }
    return out + "]}";
}

void append_yanked_json(std::string& out, const FoundFragment& fragment) {
    out += ",\"yanked\":";
    if (!is_yanked(fragment))
        out += "false";
    else if (fragment.yank_reason.empty())
        out += "true";
    else
        append_json_string(out, fragment.yank_reason);
    out += '}';
}

std::optional<std::string> render_simple_json(Tx& tx, const IndexSubject& subject) {
    if (subject.package_key.empty()) return render_projects_json(list_projects(tx, subject));
    const auto project = find_project(tx, subject);
    if (!project) return std::nullopt;
    const auto fragments = list_in_order(tx, *project, json_kind);
    std::string out = begin_json();
    append_member(out, "name", subject.package_key);
    out += R"(,"project-status":{"status":)";
    append_json_string(out, project->status.status);
    if (!project->status.reason.empty()) append_member(out, "reason", project->status.reason);
    out += "},\"versions\":[";
    const auto versions = list_versions(fragments);
    for (std::size_t i = 0; i < versions.size(); ++i) {
        if (i > 0) out += ',';
        append_json_string(out, versions[i].name);
    }
    out += "],\"files\":[";
    for (std::size_t i = 0; project->status.shows_files() && i < fragments.size(); ++i) {
        if (i > 0) out += ',';
        append_entry(out, fragments[i].body, subject);
        append_yanked_json(out, fragments[i]);
    }
    return out + "]}";
}

std::string begin_html(std::string_view title, const ProjectStatus* status) {
    std::string out = "<!DOCTYPE html>\n<html>\n<head>\n<meta name=\"pypi:repository-version\" content=\"" +
                      std::string(api_version) + "\">\n";
    if (status != nullptr) {
        out += "<meta name=\"pypi:project-status\" content=\"" + status->status + "\">\n";
        if (!status->reason.empty())
            out += "<meta name=\"pypi:project-status-reason\" content=\"" + escape_html(status->reason) +
                   "\">\n";
    }
    const std::string heading = escape_html(title);
    return out + "<title>" + heading + "</title>\n</head>\n<body>\n<h1>" + heading + "</h1>\n";
}
constexpr std::string_view end_of_html = "</body>\n</html>\n";

std::string render_projects_html(const std::vector<ListedProject>& projects) {
    std::string out = begin_html("Simple index", nullptr);
    for (const ListedProject& project : projects)
        out += "<a href=\"" + http::encode_path_text(project.key) + "/\">" + escape_html(project.name) +
               "</a><br>\n";
    return out.append(end_of_html);
}

std::optional<std::string> render_simple_html(Tx& tx, const IndexSubject& subject) {
    if (subject.package_key.empty()) return render_projects_html(list_projects(tx, subject));
    const auto project = find_project(tx, subject);
    if (!project) return std::nullopt;
    std::string out = begin_html("Links for " + subject.package_key, &project->status);
    if (project->status.shows_files())
        for (const FoundFragment& fragment : list_in_order(tx, *project, html_kind)) {
            append_entry(out, fragment.body, subject);
            if (is_yanked(fragment)) out += " data-yanked=\"" + escape_html(fragment.yank_reason) + '"';
            out += '>' + escape_html(fragment.name) + "</a><br>\n";
        }
    return out.append(end_of_html);
}

void append_release(std::string& out, const FoundFragment& fragment, const IndexSubject& subject) {
    append_entry(out, fragment.body, subject);
    out += is_yanked(fragment) ? ",\"yanked\":true" : ",\"yanked\":false";
    out += ",\"yanked_reason\":";
    if (fragment.yank_reason.empty())
        out += "null}";
    else {
        append_json_string(out, fragment.yank_reason);
        out += '}';
    }
}

// The files of one version, as a JSON list.
std::string render_releases(const std::vector<FoundFragment>& fragments, const IndexSubject& subject) {
    std::string out;
    for (const FoundFragment& fragment : fragments) {
        out += out.empty() ? '[' : ',';
        append_release(out, fragment, subject);
    }
    return (out.empty() ? "[" : out) + ']';
}

// Who asks for no version in particular is told of the newest that is neither yanked nor a prerelease.
const NamedVersion* choose_newest(const std::vector<NamedVersion>& versions) {
    const NamedVersion* newest = nullptr;
    const auto rank = [](const NamedVersion& one) {
        return one.is_yanked ? 0 : one.parsed.is_prerelease() ? 1 : 2;
    };
    for (const NamedVersion& one : versions)
        if (newest == nullptr || rank(one) >= rank(*newest)) newest = &one;
    return newest;
}

std::string render_about(Tx& tx, const Project& project, const packages::Version& version,
                         const IndexSubject& subject) {
    std::string out = "{\"info\":{";
    const auto info = packages::find_fragment(tx, {project.place, version.id}, info_kind, "");
    out += info ? *info : std::string("\"name\":null");
    std::string page;
    append_entry(page, std::string(1, base_mark) + "/simple/" + subject.package_key + '/', subject);
    append_member(out, "package_url", page);
    append_member(out, "project_url", page);
    const bool is_yanked = version.state == VersionState::yanked;
    out += is_yanked ? ",\"yanked\":true" : ",\"yanked\":false";
    out += ",\"yanked_reason\":";
    if (version.yank_reason.empty())
        out += "null";
    else
        append_json_string(out, version.yank_reason);
    return out + "},\"last_serial\":" + std::to_string(project.package.version) +
           ",\"vulnerabilities\":" + render_vulnerabilities(tx, subject.package_key, version.name);
}

std::optional<std::string> render_project_json(Tx& tx, const IndexSubject& subject) {
    const auto project = find_project(tx, subject);
    if (!project || !project->status.shows_files()) return std::nullopt;
    const auto fragments = list_in_order(tx, *project, release_kind);
    const auto versions = list_versions(fragments);
    const NamedVersion* newest = choose_newest(versions);
    if (newest == nullptr) return std::nullopt;
    std::string out =
        render_about(tx, *project, packages::need_version(tx, project->place, newest->key), subject);
    std::map<std::string_view, std::string> releases;
    for (const FoundFragment& fragment : fragments) {
        std::string& files = releases[fragment.version_key];
        if (!files.empty()) files += ',';
        append_release(files, fragment, subject);
    }
    out += ",\"urls\":[" + releases[newest->key] + "],\"releases\":{";
    for (const NamedVersion& version : versions) {
        out += &version == versions.data() ? "" : ",";
        append_json_string(out, version.name);
        out += ":[" + releases[version.key] + ']';
    }
    return out + "}}";
}

}  // namespace

const packages::IndexKind simple_json{"simple_json", simple_json_type, render_simple_json};
const packages::IndexKind simple_html{"simple_html", simple_html_type, render_simple_html};
const packages::IndexKind plain_html{"plain_html", html_type, render_simple_html};
const packages::IndexKind project_json{"project_json", "application/json", render_project_json};

std::string render_projects(const packages::IndexKind& kind, const std::vector<ListedProject>& projects) {
    return &kind == &simple_json ? render_projects_json(projects) : render_projects_html(projects);
}

std::optional<std::string> render_version_json(Tx& tx, const IndexSubject& subject,
                                               std::string_view version_key) {
    const auto project = find_project(tx, subject);
    if (!project || !project->status.shows_files()) return std::nullopt;
    const auto version = packages::find_version_by_key(tx, project->place, version_key);
    if (!version) return std::nullopt;
    const auto fragments = packages::list_version_fragments(tx, {project->place, version->id}, release_kind);
    return render_about(tx, *project, *version, subject) +
           ",\"urls\":" + render_releases(fragments, subject) + '}';
}

ProjectStatus parse_project_status(std::string_view metadata) {
    static constexpr std::array<std::string_view, 4> known{"active", "archived", "quarantined", "deprecated"};
    ProjectStatus status;
    const StrictJson document = parse_strict_json(metadata, metadata.size());
    if (!document.object) return status;
    const boost::json::value* said = document.object->if_contains("project_status");
    if (said == nullptr || !said->is_object()) return status;
    const auto text = [&](std::string_view name) -> std::string {
        const boost::json::value* value = said->get_object().if_contains(name);
        return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
    };
    if (std::ranges::count(known, text("status")) == 0) return status;
    return {.status = text("status"), .reason = text("reason")};
}

const packages::IndexKind* choose_simple_index(std::optional<std::string_view> accept) {
    // The first is what those get who take anything: browsers, and tools of before there was a choice.
    static constexpr std::array<std::string_view, 5> types{"text/html", simple_html_type, simple_json_type,
                                                           "application/vnd.pypi.simple.latest+html",
                                                           "application/vnd.pypi.simple.latest+json"};
    static constexpr std::array<const packages::IndexKind*, 5> kinds{&plain_html, &simple_html, &simple_json,
                                                                     &simple_html, &simple_json};
    const auto chosen = http::negotiate_media_type(accept, types);
    return chosen ? kinds[*chosen] : nullptr;
}

}  // namespace lodestone::formats::pypi
