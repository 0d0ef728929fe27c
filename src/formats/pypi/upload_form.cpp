// From fields to what they announce.
#include "formats/pypi/upload_form.hpp"

#include <algorithm>
#include <array>

#include "base/hex.hpp"
#include "base/problem.hpp"
#include "formats/pypi/names.hpp"

namespace lodestone::formats::pypi {

namespace {

struct DigestField {
    std::string_view name;
    DigestKind kind;
    std::string_view title;
};
constexpr std::array digest_fields{DigestField{"sha256_digest", DigestKind::sha256, "SHA-256"},
                                   DigestField{"blake2_256_digest", DigestKind::blake2b_256, "BLAKE2b"},
                                   DigestField{"md5_digest", DigestKind::md5, "MD5"}};

[[noreturn]] void refuse(const std::string& sentence) {
    throw Problem(problems::invalid_input, sentence);
}

// Of several of one name nobody could say which counts.
std::string need_field(const UploadForm& form, std::string_view name) {
    const auto count = std::ranges::count(form.fields, name,
                                          [](const auto& field) { return std::string_view(field.first); });
    if (count > 1) refuse("The form has the field " + std::string(name) + " twice.");
    const auto value = form.find(name);
    if (!value || value->empty()) refuse("The form has no field " + std::string(name) + ".");
    return std::string(*value);
}

std::string read_hex(std::string_view text, const DigestField& field) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
        const int high = hex_value(text[i]);
        const int low = hex_value(text[i + 1]);
        if (high < 0 || low < 0) break;
        bytes += static_cast<char>(high << 4 | low);
    }
    if (bytes.size() * 2 != text.size() || bytes.size() != digest_bytes(field.kind))
        refuse("The field " + std::string(field.name) + " holds no " + std::string(field.title) +
               " in hexadecimal.");
    return bytes;
}

void check_protocol(const UploadForm& form) {
    if (need_field(form, ":action") != "file_upload")
        refuse("The form asks for something else than file_upload: nothing else is done here.");
    if (form.find("protocol_version").value_or("1") != "1")
        refuse("The form is of another protocol_version than 1.");
}

void check_file_type(const UploadForm& form, const AnnouncedFile& announced) {
    const std::string type = need_field(form, "filetype");
    if (type != "bdist_wheel" && type != "sdist")
        refuse("Files of the type " + type.substr(0, 40) + " are not taken: build a wheel or an sdist.");
    if ((type == "bdist_wheel") != announced.distribution.is_wheel())
        refuse("The form calls the file a " + type + ", and the file is called " + announced.file_name + ".");
}

}  // namespace

std::optional<std::string_view> UploadForm::find(std::string_view name) const {
    const auto found =
        std::ranges::find(fields, name, [](const auto& field) { return std::string_view(field.first); });
    return found == fields.end() ? std::nullopt : std::optional<std::string_view>(found->second);
}

AnnouncedFile parse_upload_form(const UploadForm& form) {
    check_protocol(form);
    if (!form.file_name) refuse("The form has no file in its field content.");
    AnnouncedFile announced;
    announced.file_name = *form.file_name;
    announced.distribution = parse_distribution(announced.file_name);
    check_file_type(form, announced);
    announced.project = need_field(form, "name");
    if (!is_project_name(announced.project))
        refuse(
            "The name of a project is 1 to 200 letters, digits and . _ -, with a letter or digit at both "
            "ends.");
    auto version = parse_version(need_field(form, "version"));
    if (!version)
        refuse("The version " + need_field(form, "version").substr(0, 200) + " is none that PEP 440 knows.");
    announced.version = *std::move(version);
    if (fold_project_name(announced.project) != fold_project_name(announced.distribution.project) ||
        compare_versions(announced.version, announced.distribution.version) != 0)
        refuse("The form is about " + announced.project + " " + render_version(announced.version) +
               ", and the file is called " + announced.file_name + ".");
    for (const DigestField& field : digest_fields)
        if (const auto text = form.find(field.name); text && !text->empty())
            announced.digests.emplace_back(field.kind, read_hex(need_field(form, field.name), field));
    if (announced.digests.empty()) refuse("The form has no digest of the file: send its sha256_digest.");
    if (form.find("attestations")) announced.attestations = need_field(form, "attestations");
    return announced;
}

void check_digests(const AnnouncedFile& announced, const blobs::Digests& digests) {
    for (const auto& [kind, bytes] : announced.digests) {
        const std::string found =
            kind == DigestKind::sha256
                ? std::string(reinterpret_cast<const char*>(digests.sha256.data()), digests.sha256.size())
                : digests.find(kind).value_or("");
        if (found == bytes) continue;
        const auto* const field = std::ranges::find(digest_fields, kind, &DigestField::kind);
        refuse("What came as " + announced.file_name + " is not what was announced: its " +
               std::string(field->title) + " is another one; send it again.");
    }
}

}  // namespace lodestone::formats::pypi
