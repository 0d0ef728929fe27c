// Wheels, sdists, and the forms that uploaders send them in.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/digest.hpp"
#include "base/hex.hpp"
#include "support/made_archives.hpp"

namespace lodestone::test {

using FormFields = std::vector<std::pair<std::string, std::string>>;

inline std::string python_metadata(const std::string& project, const std::string& version,
                                   const std::string& more = {}) {
    return "Metadata-Version: 2.1\nName: " + project + "\nVersion: " + version + "\n" + more;
}

// Field by field, so that whoever makes some needs no library that writes archives.
inline std::string make_zip(const std::vector<MadeEntry>& entries) {
    std::vector<RawMember> members;
    for (const MadeEntry& entry : entries) members.push_back({.name = entry.path, .content = entry.content});
    return RawZip().make(members);
}
inline std::string make_tar_gz(const std::vector<MadeEntry>& entries) {
    std::string tar;
    for (const MadeEntry& entry : entries)
        tar += tar_entry(entry.path, entry.content, entry.type == AE_IFLNK ? '2' : '0', entry.target);
    return gzip(tar + tar_end);
}

// `folder` is "six-1.0", as its name begins.
inline std::string make_wheel(const std::string& folder, const std::string& metadata) {
    const std::string info = folder + ".dist-info/";
    return make_zip({{.path = "six.py", .content = "six = 6\n"},
                     {.path = info + "METADATA", .content = metadata},
                     {.path = info + "WHEEL",
                      .content = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"},
                     {.path = info + "RECORD", .content = ""}});
}

inline std::string make_sdist(const std::string& folder, const std::string& metadata) {
    return make_tar_gz({{.path = folder + "/PKG-INFO", .content = metadata},
                        {.path = folder + "/six.py", .content = "six = 6\n"},
                        {.path = folder + "/six.egg-info/PKG-INFO", .content = metadata}});
}

inline std::string hex_sha256(const std::string& bytes) {
    Sha256Digest digest;
    digest.add(bytes);
    return to_hex(digest.finish());
}

struct PythonUpload {
    std::string file_name;
    std::string bytes;
    FormFields fields;
    bool is_file_first = false;

    // As twine does it.
    static PythonUpload of(const std::string& project, const std::string& version,
                           const std::string& file_name, const std::string& bytes) {
        return {.file_name = file_name,
                .bytes = bytes,
                .fields = {{":action", "file_upload"},
                           {"protocol_version", "1"},
                           {"metadata_version", "2.1"},
                           {"name", project},
                           {"version", version},
                           {"filetype", file_name.ends_with(".whl") ? "bdist_wheel" : "sdist"},
                           {"pyversion", "py3"},
                           {"classifiers", "One"},
                           {"classifiers", "Two"},
                           {"sha256_digest", hex_sha256(bytes)}}};
    }
    PythonUpload& set(const std::string& name, const std::string& value) {
        std::erase_if(fields, [&](const auto& field) { return field.first == name; });
        fields.emplace_back(name, value);
        return *this;
    }
    std::string body() const {
        const std::string file =
            "--frontier\r\nContent-Disposition: form-data; name=\"content\"; filename=\"" + file_name +
            "\"\r\nContent-Type: application/octet-stream\r\n\r\n" + bytes + "\r\n";
        std::string text = is_file_first ? file : std::string();
        for (const auto& [name, value] : fields)
            text += "--frontier\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value +
                    "\r\n";
        return text + (is_file_first ? std::string() : file) + "--frontier--\r\n";
    }
    static constexpr const char* content_type = "Content-Type: multipart/form-data; boundary=frontier\r\n";
};

inline PythonUpload wheel_of(const std::string& project, const std::string& version,
                             const std::string& more = {}) {
    const std::string folder = project + '-' + version;
    return PythonUpload::of(project, version, folder + "-py3-none-any.whl",
                            make_wheel(folder, python_metadata(project, version, more)));
}
inline PythonUpload sdist_of(const std::string& project, const std::string& version,
                             const std::string& more = {}) {
    const std::string folder = project + '-' + version;
    return PythonUpload::of(project, version, folder + ".tar.gz",
                            make_sdist(folder, python_metadata(project, version, more)));
}

}  // namespace lodestone::test
