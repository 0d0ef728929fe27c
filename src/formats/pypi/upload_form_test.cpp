// Forms of uploaders, and those that contradict themselves.
#include "formats/pypi/upload_form.hpp"

#include <gtest/gtest.h>

#include "base/problem.hpp"

namespace lodestone::formats::pypi {
namespace {

// SHA-256 of "hello".
constexpr const char* hello = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

UploadForm form_of_twine() {
    return {.fields = {{":action", "file_upload"},
                       {"protocol_version", "1"},
                       {"name", "Friendly.Bard"},
                       {"version", "1.0.0"},
                       {"filetype", "bdist_wheel"},
                       {"sha256_digest", hello},
                       {"md5_digest", "5d41402abc4b2a76b9719d911017c592"}},
            .file_name = "friendly_bard-1.0-py3-none-any.whl"};
}

UploadForm with(const std::string& name, const std::string& value) {
    UploadForm form = form_of_twine();
    std::erase_if(form.fields, [&](const auto& field) { return field.first == name; });
    form.fields.emplace_back(name, value);
    return form;
}

std::string refusal(const UploadForm& form) {
    return find_problem([&] { parse_upload_form(form); }).value_or("taken");
}

TEST(PythonUploadForm, SaysWhatComes) {
    const AnnouncedFile announced = parse_upload_form(form_of_twine());
    EXPECT_EQ(announced.file_name, "friendly_bard-1.0-py3-none-any.whl");
    EXPECT_EQ(announced.project, "Friendly.Bard");
    EXPECT_EQ(render_version(announced.version), "1.0.0");
    EXPECT_EQ(announced.digests.size(), 2U);
    EXPECT_EQ(announced.attestations, "");
    EXPECT_EQ(parse_upload_form(with("attestations", "[]")).attestations, "[]");
}

TEST(PythonUploadForm, IsRefusedWhenItContradictsItself) {
    EXPECT_EQ(refusal(with(":action", "submit")),
              "The form asks for something else than file_upload: nothing else is done here.");
    EXPECT_EQ(refusal(with("protocol_version", "2")), "The form is of another protocol_version than 1.");
    EXPECT_EQ(refusal(with("filetype", "sdist")),
              "The form calls the file a sdist, and the file is called friendly_bard-1.0-py3-none-any.whl.");
    EXPECT_EQ(refusal(with("filetype", "bdist_egg")),
              "Files of the type bdist_egg are not taken: build a wheel or an sdist.");
    EXPECT_EQ(refusal(with("name", "six")),
              "The form is about six 1.0.0, and the file is called friendly_bard-1.0-py3-none-any.whl.");
    EXPECT_EQ(
        refusal(with("version", "1.1")),
        "The form is about Friendly.Bard 1.1, and the file is called friendly_bard-1.0-py3-none-any.whl.");
    EXPECT_EQ(refusal(with("version", "new")), "The version new is none that PEP 440 knows.");
    EXPECT_EQ(refusal(with("name", "")), "The form has no field name.");
    EXPECT_EQ(refusal(with("sha256_digest", "abc")),
              "The field sha256_digest holds no SHA-256 in hexadecimal.");
    UploadForm twice = form_of_twine();
    twice.fields.emplace_back("name", "six");
    EXPECT_EQ(refusal(twice), "The form has the field name twice.");
    UploadForm without = form_of_twine();
    without.file_name.reset();
    EXPECT_EQ(refusal(without), "The form has no file in its field content.");
    UploadForm unsure = form_of_twine();
    std::erase_if(unsure.fields, [](const auto& field) { return field.first.ends_with("_digest"); });
    EXPECT_EQ(refusal(unsure), "The form has no digest of the file: send its sha256_digest.");
}

TEST(PythonUploadForm, IsHeldToItsDigests) {
    blobs::RunningDigests running(std::vector{DigestKind::md5});
    running.add("hello");
    EXPECT_NO_THROW(check_digests(parse_upload_form(form_of_twine()), running.digests()));
    running.add("!");
    EXPECT_EQ(find_problem([&] { check_digests(parse_upload_form(form_of_twine()), running.digests()); }),
              "What came as friendly_bard-1.0-py3-none-any.whl is not what was announced: its SHA-256 is "
              "another one; "
              "send it again.");
}

}  // namespace
}  // namespace lodestone::formats::pypi
