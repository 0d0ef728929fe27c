// Fuzzes what S3 answers, and what is kept of uploads to it.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/blob_limits.hpp"
#include "base/ensure.hpp"
#include "blobs/store/s3_state.hpp"
#include "blobs/store/s3_upload.hpp"
#include "blobs/store/s3_xml.hpp"

using namespace lodestone;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size_bytes) {
    const std::string_view text(reinterpret_cast<const char*>(data), size_bytes);
    if (const auto elements = blobs::parse_s3_xml(text)) {
        ensure(elements->size() <= limits::s3_xml_elements, "no more is read than may be");
        for (const auto& element : *elements) {
            ensure(!element.path.empty(), "each element has a name");
            ensure(element.path.size() <= limits::s3_xml_depth * (limits::s3_xml_name_bytes + 1),
                   "no path is long");
            ensure(element.text.size() <= text.size(), "no text grows");
        }
    }
    (void)blobs::parse_s3_error(text);
    (void)blobs::parse_s3_upload_id(text);
    (void)blobs::parse_s3_completion(text);
    (void)blobs::strip_quotes(text);
    if (const auto listing = blobs::parse_s3_listing(text))
        ensure(listing->objects.size() <= limits::s3_xml_elements, "no more is listed than was read");
    if (const auto uploads = blobs::parse_s3_uploads(text))
        ensure(uploads->uploads.size() <= limits::s3_xml_elements, "no more is listed than was read");
    if (const auto state = blobs::parse_s3_state(text))
        ensure(text.empty() || blobs::render_s3_state(*state) == text, "a state has one spelling");
    if (const auto id = blobs::parse_s3_large_object(text))
        ensure(blobs::s3_large_object(*id) == text, "a large object has one name");
    return 0;
}
