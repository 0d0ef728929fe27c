// Publications as JSON, and back.
#include "packages/staged_content.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <stdexcept>

#include "base/hex.hpp"
#include "base/json_text.hpp"
#include "packages/text_list.hpp"

namespace lodestone::packages {

namespace {

namespace json = boost::json;

void append_text(std::string& out, std::string_view name, std::string_view text) {
    if (out.back() != '{') out += ',';
    append_json_string(out, name);
    out += ':';
    append_json_string(out, text);
}

void append_raw(std::string& out, std::string_view name, std::string_view value) {
    if (out.back() != '{') out += ',';
    append_json_string(out, name);
    out += ':';
    out += value;
}

template <class Rows, class Append>
void append_list(std::string& out, std::string_view name, const Rows& rows, Append append) {
    append_raw(out, name, "[");
    for (const auto& row : rows) {
        if (out.back() != '[') out += ',';
        out += '{';
        append(row);
        out += '}';
    }
    out += ']';
}

void append_file(std::string& out, const File& file) {
    append_text(out, "name", file.name);
    append_raw(out, "blob", std::to_string(file.blob_id.value()));
    append_text(out, "sha256", to_hex(file.sha256));
    append_raw(out, "size", std::to_string(file.size_bytes));
    append_text(out, "type", file.content_type);
    append_text(out, "digests", file.digests);
    append_text(out, "metadata", file.metadata);
}

void append_summary(std::string& out, const Summary& summary) {
    append_raw(out, "summary", "{");
    if (summary.description) append_text(out, "description", *summary.description);
    if (summary.keywords) append_raw(out, "keywords", render_text_list(*summary.keywords));
    append_raw(out, "traits", render_text_list(summary.traits));
    append_text(out, "facts", summary.facts);
    out += '}';
}

constexpr std::pair<PublishRule, std::string_view> rules[] = {{PublishRule::whole, "whole"},
                                                              {PublishRule::same_again, "same_again"},
                                                              {PublishRule::by_file, "by_file"}};

PublishRule parse_rule(std::string_view text) {
    for (const auto& [rule, name] : rules)
        if (name == text) return rule;
    throw std::runtime_error("a staged publication has a rule that there is none of");
}

std::string text_of(const json::object& from, std::string_view name) {
    return std::string(from.at(name).as_string());
}

std::vector<std::string> texts_of(const json::object& from, std::string_view name) {
    std::vector<std::string> texts;
    for (const json::value& one : from.at(name).as_array()) texts.emplace_back(one.as_string());
    return texts;
}

Sha256 parse_sha256(std::string_view text) {
    Sha256 digest{};
    if (text.size() != 2 * digest.size() ||
        !std::ranges::all_of(text, [](char c) { return hex_value(c) >= 0; }))
        throw std::runtime_error("a staged publication has a digest that is none");
    for (std::size_t i = 0; i < digest.size(); ++i)
        digest[i] = static_cast<std::uint8_t>(hex_value(text[2 * i]) * 16 + hex_value(text[2 * i + 1]));
    return digest;
}

File parse_file(const json::object& from) {
    return {.name = text_of(from, "name"),
            .blob_id = blobs::BlobId::trusted(from.at("blob").as_int64()),
            .sha256 = parse_sha256(from.at("sha256").as_string()),
            .size_bytes = from.at("size").as_int64(),
            .content_type = text_of(from, "type"),
            .digests = text_of(from, "digests"),
            .metadata = text_of(from, "metadata")};
}

Summary parse_summary(const json::object& from) {
    Summary summary{.description = std::nullopt,
                    .keywords = std::nullopt,
                    .traits = texts_of(from, "traits"),
                    .facts = text_of(from, "facts")};
    if (from.contains("description")) summary.description = text_of(from, "description");
    if (from.contains("keywords")) summary.keywords = texts_of(from, "keywords");
    return summary;
}

}  // namespace

std::string render_staged_content(const Publication& publication) {
    std::string out = "{";
    for (const auto& [rule, name] : rules)
        if (rule == publication.rule) append_text(out, "rule", name);
    append_list(out, "files", publication.files, [&](const File& file) { append_file(out, file); });
    append_list(out, "needs", publication.needs, [&](const ShownBlob& blob) {
        append_raw(out, "blob", std::to_string(blob.blob_id.value()));
        append_raw(out, "size", std::to_string(blob.size_bytes));
    });
    append_raw(out, "tags", render_text_list(publication.tags));
    append_list(out, "fragments", publication.fragments, [&](const Fragment& fragment) {
        append_text(out, "kind", fragment.kind);
        append_text(out, "name", fragment.name);
        append_text(out, "body", fragment.body);
        append_raw(out, "joined", fragment.is_joined ? "true" : "false");
    });
    append_summary(out, publication.summary);
    return out + "}";
}

void parse_staged_content(std::string_view content, Publication& into) {
    const json::value parsed = json::parse(content);
    const json::object& from = parsed.as_object();
    into.rule = parse_rule(from.at("rule").as_string());
    for (const json::value& file : from.at("files").as_array())
        into.files.push_back(parse_file(file.as_object()));
    for (const json::value& blob : from.at("needs").as_array())
        into.needs.push_back({.blob_id = blobs::BlobId::trusted(blob.as_object().at("blob").as_int64()),
                              .size_bytes = blob.as_object().at("size").as_int64()});
    into.tags = texts_of(from, "tags");
    for (const json::value& fragment : from.at("fragments").as_array())
        into.fragments.push_back({.kind = text_of(fragment.as_object(), "kind"),
                                  .name = text_of(fragment.as_object(), "name"),
                                  .body = text_of(fragment.as_object(), "body"),
                                  .is_joined = fragment.as_object().at("joined").as_bool()});
    into.summary = parse_summary(from.at("summary").as_object());
}

}  // namespace lodestone::packages
