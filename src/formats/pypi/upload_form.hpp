// The form that uploaders send: https://warehouse.pypa.io/api-reference/legacy.html. Its fields come in any
// order, and the file among them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "blobs/store/digests.hpp"
#include "formats/pypi/distribution.hpp"

namespace lodestone::formats::pypi {

// The field that holds the file.
inline constexpr std::string_view content_field = "content";

struct UploadForm {
    std::vector<std::pair<std::string, std::string>> fields;  // without the file
    std::optional<std::string> file_name;                     // of the file; nothing: none came

    // Nothing where it does not stand there; the first of several.
    std::optional<std::string_view> find(std::string_view name) const;
};

// What the form says of the file, as far as it is heeded: the rest stands in the file itself.
struct AnnouncedFile {
    std::string file_name;
    Distribution distribution;
    std::string project;
    PythonVersion version;
    std::vector<std::pair<DigestKind, std::string>> digests;  // bytes
    std::string attestations;                                 // JSON; empty: there are none
};

// Throws Problem(invalid_input) for what is no upload, or contradicts itself.
AnnouncedFile parse_upload_form(const UploadForm& form);
// Throws Problem(invalid_input) where what came is not what was announced.
void check_digests(const AnnouncedFile& announced, const blobs::Digests& digests);

}  // namespace lodestone::formats::pypi
