// Listings of generic files.
#include "formats/generic/listing.hpp"

#include "base/hex.hpp"
#include "base/json_text.hpp"
#include "base/limits.hpp"
#include "base/time_text.hpp"
#include "packages/tag.hpp"

namespace lodestone::formats::generic {

namespace {

void append_member(std::string& out, std::string_view name, std::string_view text) {
    append_json_string(out, name);
    out += ':';
    append_json_string(out, text);
}

void append_version(std::string& out, const packages::Version& version) {
    out += '{';
    append_member(out, "version", version.name);
    out += ',';
    append_member(out, "published_at", render_rfc3339(version.published_at));
    out += ",\"size_bytes\":" + std::to_string(version.size_bytes) +
           ",\"file_count\":" + std::to_string(version.file_count) +
           ",\"is_yanked\":" + (version.state == packages::VersionState::yanked ? "true" : "false") +
           ",\"deprecated\":";
    if (version.deprecation.empty())
        out += "null";
    else
        append_json_string(out, version.deprecation);
    out += '}';
}

void append_file(std::string& out, const packages::File& file) {
    out += '{';
    append_member(out, "name", file.name);
    out += ",\"size_bytes\":" + std::to_string(file.size_bytes) + ",";
    append_member(out, "sha256", to_hex(file.sha256));
    out += ',';
    append_member(out, "content_type", file.content_type);
    out += ',';
    append_member(out, "published_at", render_rfc3339(file.created_at));
    out += '}';
}

template <class Items, class Append>
void append_list(std::string& out, const Items& items, Append append) {
    out += '[';
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (i > 0) out += ',';
        append(out, items[i]);
    }
    out += ']';
}

}  // namespace

std::string render_package(db::Tx& tx, const packages::PackagePlace& place, const packages::Package& package,
                           const http::Query& query) {
    db::ListRequest request{.filters = {}, .sort = {}, .limit = limits::page_rows_most, .cursor = {}};
    if (const auto cursor = query.find("cursor")) request.cursor = *cursor;
    const auto versions = packages::list_versions(tx, place, request);
    const auto tags = packages::list_tags(
        tx, place, {.filters = {}, .sort = {}, .limit = limits::page_rows_most, .cursor = {}});
    std::string out = "{";
    append_member(out, "name", package.name);
    out += ",\"tags\":{";
    for (std::size_t i = 0; i < tags.items.size(); ++i) {
        if (i > 0) out += ',';
        append_member(out, tags.items[i].name, tags.items[i].version_name);
    }
    out += "},\"versions\":";
    append_list(out, versions.items, append_version);
    out += ",\"next\":";
    if (versions.next.empty())
        out += "null";
    else
        append_json_string(out, versions.next);
    return out + "}\n";
}

std::string render_version(db::Tx& tx, const packages::VersionPlace& place,
                           const packages::Version& version) {
    std::string out;
    append_version(out, version);
    out.pop_back();
    out += ",\"files\":";
    append_list(out, packages::list_files(tx, place), append_file);
    return out + "}\n";
}

}  // namespace lodestone::formats::generic
