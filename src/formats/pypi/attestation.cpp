// From JSON to attestations, and the statements that stand in them in base64.
#include "formats/pypi/attestation.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <optional>

#include "base/base64url.hpp"
#include "base/hex.hpp"
#include "base/problem.hpp"
#include "base/python_limits.hpp"
#include "base/strict_json.hpp"

namespace lodestone::formats::pypi {

namespace {

namespace json = boost::json;

[[noreturn]] void refuse(const std::string& what) {
    throw Problem(problems::invalid_input, "The attestations " + what + ".");
}

// RFC 4648, section 4: with padding, on one line.
std::optional<std::string> read_base64(std::string_view text) {
    if (text.empty() || text.size() % 4 != 0) return std::nullopt;
    std::string url;
    for (const char c : text) {
        if (c == '-' || c == '_') return std::nullopt;
        url += c == '+' ? '-' : c == '/' ? '_' : c;
    }
    for (int padding = 0; padding < 2 && url.ends_with('='); ++padding) url.pop_back();
    return parse_base64url(url);
}

const json::object& need_object(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    if (value == nullptr || !value->is_object()) refuse("have no object " + std::string(name));
    return value->get_object();
}

std::string need_text(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    if (value == nullptr || !value->is_string()) refuse("have no text " + std::string(name));
    return std::string(value->get_string());
}

std::string need_base64(const json::object& object, std::string_view name) {
    auto bytes = read_base64(need_text(object, name));
    if (!bytes) refuse("have no base64 in " + std::string(name));
    return *std::move(bytes);
}

void check_material(const json::object& material) {
    need_base64(material, "certificate");
    const json::value* entries = material.if_contains("transparency_entries");
    if (entries == nullptr || !entries->is_array() || entries->get_array().empty())
        refuse("have no list transparency_entries");
    for (const json::value& entry : entries->get_array())
        if (!entry.is_object()) refuse("have an entry in transparency_entries that is no object");
}

void check_subject(const json::object& statement, std::string_view file_name, const Sha256& sha256) {
    const json::value* subjects = statement.if_contains("subject");
    if (subjects == nullptr || !subjects->is_array() || subjects->get_array().size() != 1 ||
        !subjects->get_array().front().is_object())
        refuse("have a statement that is not about one subject");
    const json::object& subject = subjects->get_array().front().get_object();
    const std::string name = need_text(subject, "name");
    if (name != file_name)
        refuse("are about the file " + name.substr(0, limits::python_file_name_bytes) + ", and came with " +
               std::string(file_name));
    if (need_text(need_object(subject, "digest"), "sha256") != to_hex(sha256))
        refuse("are about other bytes than came: the sha256 differs");
}

// https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md
std::string check_statement(std::string_view text, std::string_view file_name, const Sha256& sha256) {
    const StrictJson statement = parse_strict_json(text, limits::python_attestations_bytes);
    if (!statement.object) refuse("have a statement that " + std::string(statement.fault));
    if (need_text(*statement.object, "_type") != "https://in-toto.io/Statement/v1")
        refuse("have a statement of another type than https://in-toto.io/Statement/v1");
    std::string predicate = need_text(*statement.object, "predicateType");
    if (predicate.empty()) refuse("have a statement without a predicateType");
    check_subject(*statement.object, file_name, sha256);
    return predicate;
}

Attestation read_attestation(const json::object& object, std::string_view file_name, const Sha256& sha256) {
    const json::value* version = object.if_contains("version");
    if (version == nullptr || !version->is_int64() || version->get_int64() != 1)
        refuse("are of a version other than 1");
    check_material(need_object(object, "verification_material"));
    const json::object& envelope = need_object(object, "envelope");
    need_base64(envelope, "signature");
    return {.predicate_type = check_statement(need_base64(envelope, "statement"), file_name, sha256),
            .text = json::serialize(object)};
}

}  // namespace

std::vector<Attestation> parse_attestations(std::string_view text, std::string_view file_name,
                                            const Sha256& sha256) {
    if (text.size() > limits::python_attestations_bytes) refuse("are larger than 1 MiB");
    static_assert(limits::python_attestations_bytes == limits::mib, "the sentence above says so");
    const StrictValue document = parse_strict_value(text, 32);
    if (!document.value || !document.value->is_array()) refuse("are no JSON list");
    const json::array& list = document.value->get_array();
    if (list.size() > limits::python_attestations)
        refuse("are more than " + std::to_string(limits::python_attestations));
    std::vector<Attestation> attestations;
    for (const json::value& entry : list) {
        if (!entry.is_object()) refuse("have an entry that is no object");
        Attestation read = read_attestation(entry.get_object(), file_name, sha256);
        if (std::ranges::count(attestations, read.predicate_type, &Attestation::predicate_type) > 0)
            refuse("have two of one predicateType");
        attestations.push_back(std::move(read));
    }
    return attestations;
}

std::string render_provenance(const std::vector<Attestation>& attestations, std::string_view publisher) {
    std::string out = R"({"version":1,"attestation_bundles":[{"publisher":)";
    out += publisher;
    out += ",\"attestations\":[";
    for (std::size_t i = 0; i < attestations.size(); ++i) {
        if (i > 0) out += ',';
        out += attestations[i].text;
    }
    return out + "]}]}";
}

}  // namespace lodestone::formats::pypi
