// Entries of https://packaging.python.org/en/latest/specifications/simple-repository-api/ and of the JSON
// API, https://warehouse.pypa.io/api-reference/json.html.
#include "formats/pypi/entry.hpp"

#include <set>

#include "base/html_text.hpp"
#include "base/json_text.hpp"
#include "base/package_limits.hpp"
#include "base/python_limits.hpp"
#include "base/time_text.hpp"
#include "formats/pypi/json_members.hpp"
#include "http/message/path.hpp"

namespace lodestone::formats::pypi {

namespace {

std::string provenance_address(const PublishedFile& file) {
    return std::string(1, base_mark) + "/integrity/" + http::encode_path_text(file.project_key) + '/' +
           http::encode_path_text(file.version_name) + '/' + http::encode_path_text(file.file_name) +
           "/provenance";
}

// Of JSON that holds the mark as it is.
void append_marked(std::string& out, std::string_view name, const std::string& address) {
    append_json_string(out, name);
    out += ":\"" + address + '"';
}

void append_attribute(std::string& out, std::string_view name, std::string_view value) {
    out += ' ';
    out += name;
    out += "=\"" + escape_html(value) + '"';
}

void append_text_or_null(std::string& out, std::string_view name, std::string_view value) {
    out += ',';
    append_json_string(out, name);
    out += ':';
    if (value.empty())
        out += "null";
    else
        append_json_string(out, value);
}

void append_texts(std::string& out, std::string_view name, const std::vector<std::string_view>& texts) {
    out += ',';
    append_json_string(out, name);
    out += ":[";
    for (std::size_t i = 0; i < texts.size(); ++i) {
        if (i > 0) out += ',';
        append_json_string(out, texts[i]);
    }
    out += ']';
}

void append_project_urls(std::string& out, const CoreMetadata& metadata) {
    out += ",\"project_urls\":{";
    std::set<std::string> known;
    for (const auto& [label, url] : list_project_urls(metadata)) {
        // A member that stood twice would mean one thing to one reader and another to the next.
        if (!known.insert(label).second) continue;
        out += known.size() == 1 ? "" : ",";
        append_json_string(out, label);
        out += ':';
        append_json_string(out, url);
    }
    out += '}';
}

std::string render_info_of(const CoreMetadata& metadata, std::string_view description) {
    std::string out = "\"name\":";
    append_json_string(out, metadata.project);
    append_member(out, "version", render_version(metadata.version));
    append_member(out, "description", description);
    for (const auto& [member, field] : {std::pair<std::string_view, std::string_view>{"summary", "summary"},
                                        {"author", "author"},
                                        {"author_email", "author-email"},
                                        {"maintainer", "maintainer"},
                                        {"maintainer_email", "maintainer-email"},
                                        {"license", "license"},
                                        {"license_expression", "license-expression"},
                                        {"keywords", "keywords"},
                                        {"home_page", "home-page"},
                                        {"download_url", "download-url"},
                                        {"description_content_type", "description-content-type"},
                                        {"platform", "platform"},
                                        {"requires_python", "requires-python"}})
        append_text_or_null(out, member, metadata.find(field));
    for (const auto& [member, field] :
         {std::pair<std::string_view, std::string_view>{"classifiers", "classifier"},
          {"license_files", "license-file"},
          {"dynamic", "dynamic"},
          {"provides_extra", "provides-extra"},
          {"requires_dist", "requires-dist"}})
        append_texts(out, member, metadata.list(field));
    append_project_urls(out, metadata);
    return out +
           R"(,"bugtrack_url":null,"docs_url":null,"downloads":{"last_day":-1,"last_month":-1,"last_week":-1})";
}

// What is too much for a fact is left out.
std::vector<std::string_view> list_facts(const CoreMetadata& metadata, std::string_view field) {
    std::vector<std::string_view> kept;
    for (const std::string_view text : metadata.list(field))
        if (text.size() <= limits::python_fact_bytes && kept.size() < limits::python_facts)
            kept.push_back(text);
    return kept;
}

// As many as there is room for.
void append_facts(std::string& out, std::string_view name, const CoreMetadata& metadata,
                  std::string_view field) {
    constexpr std::size_t room_bytes = limits::python_facts_bytes - 200;  // but for what closes the lists
    out += ',';
    append_json_string(out, name);
    out += ":[";
    bool is_first = true;
    for (const std::string_view text : list_facts(metadata, field)) {
        std::string rendered = is_first ? "" : ",";
        append_json_string(rendered, text);
        if (out.size() + rendered.size() > room_bytes) break;
        out += rendered;
        is_first = false;
    }
    out += ']';
}

std::string_view find_fact(const CoreMetadata& metadata, std::string_view field) {
    const std::string_view text = metadata.find(field);
    return text.size() <= limits::python_fact_bytes ? text : std::string_view();
}

}  // namespace

std::string render_file_path(std::string_view project_key, std::string_view version,
                             std::string_view file_name) {
    return "files/" + http::encode_path_text(project_key) + '/' + http::encode_path_text(version) + '/' +
           http::encode_path_text(file_name);
}

std::string render_json_entry(const PublishedFile& file) {
    std::string out = "{\"filename\":";
    append_json_string(out, file.file_name);
    append_member(out, "url",
                  "../../" + render_file_path(file.project_key, file.version_name, file.file_name));
    out += R"(,"hashes":{"sha256":")" + file.sha256 + "\"}";
    if (!file.requires_python.empty()) append_member(out, "requires-python", file.requires_python);
    out += ",\"size\":" + std::to_string(file.size_bytes);
    append_member(out, "upload-time", render_rfc3339(file.uploaded_at));
    for (const std::string_view name : {"core-metadata", "data-dist-info-metadata"}) {
        out += ',';
        append_json_string(out, name);
        out += file.metadata_sha256.empty() ? ":false" : R"(:{"sha256":")" + file.metadata_sha256 + "\"}";
    }
    out += ',';
    if (file.has_provenance)
        append_marked(out, "provenance", provenance_address(file));
    else
        out += "\"provenance\":null";
    return out;
}

std::string render_html_entry(const PublishedFile& file) {
    std::string out = "<a href=\"../../" +
                      render_file_path(file.project_key, file.version_name, file.file_name) +
                      "#sha256=" + file.sha256 + '"';
    if (!file.requires_python.empty()) append_attribute(out, "data-requires-python", file.requires_python);
    if (!file.metadata_sha256.empty())
        for (const std::string_view name : {"data-core-metadata", "data-dist-info-metadata"})
            append_attribute(out, name, "sha256=" + file.metadata_sha256);
    if (file.has_provenance) out += " data-provenance=\"" + provenance_address(file) + '"';
    return out;
}

std::string render_release_entry(const PublishedFile& file) {
    std::string out = "{\"filename\":";
    append_json_string(out, file.file_name);
    out += ',';
    append_marked(out, "url",
                  std::string(1, base_mark) + '/' +
                      render_file_path(file.project_key, file.version_name, file.file_name));
    out += R"(,"digests":{"blake2b_256":")" + file.blake2b_256 + R"(","md5":")" + file.md5 +
           R"(","sha256":")" + file.sha256 + R"("},"md5_digest":")" + file.md5 + '"';
    append_member(out, "packagetype", file.distribution.is_wheel() ? "bdist_wheel" : "sdist");
    append_member(out, "python_version", file.distribution.python_tag);
    append_text_or_null(out, "requires_python", file.requires_python);
    const std::string uploaded = render_rfc3339(file.uploaded_at);
    append_member(out, "upload_time", uploaded.substr(0, uploaded.find('.')));
    append_member(out, "upload_time_iso_8601", uploaded);
    return out + ",\"size\":" + std::to_string(file.size_bytes) +
           R"(,"comment_text":null,"downloads":-1,"has_sig":false)";
}

std::string render_info(const CoreMetadata& metadata) {
    std::string info = render_info_of(metadata, metadata.description);
    if (info.size() > limits::fragment_bytes) info = render_info_of(metadata, "");
    // What is still too long says only whose it is.
    if (info.size() <= limits::fragment_bytes) return info;
    CoreMetadata bare;
    bare.project = metadata.project;
    bare.version = metadata.version;
    return render_info_of(bare, "");
}

std::string render_facts(const CoreMetadata& metadata) {
    std::string out = "{\"metadata_version\":";
    append_json_string(out, metadata.find("metadata-version"));
    const std::string_view expression = find_fact(metadata, "license-expression");
    append_text_or_null(out, "license", expression.empty() ? find_fact(metadata, "license") : expression);
    append_text_or_null(out, "requires_python", metadata.find("requires-python"));
    append_text_or_null(out, "author", find_fact(metadata, "author"));
    append_text_or_null(out, "author_email", find_fact(metadata, "author-email"));
    append_text_or_null(out, "home_page", find_fact(metadata, "home-page"));
    append_facts(out, "dependencies", metadata, "requires-dist");
    append_facts(out, "extras", metadata, "provides-extra");
    append_facts(out, "classifiers", metadata, "classifier");
    append_facts(out, "project_urls", metadata, "project-url");
    return out + '}';
}

std::vector<std::string> list_traits(const CoreMetadata& metadata, const Distribution& distribution) {
    std::vector<std::string> traits{distribution.is_wheel() ? "wheel" : "sdist"};
    if (const std::string_view python = metadata.find("requires-python"); !python.empty())
        traits.push_back("requires-python:" + std::string(python));
    std::erase_if(traits, [](const std::string& trait) { return trait.size() > limits::trait_bytes; });
    return traits;
}

}  // namespace lodestone::formats::pypi
