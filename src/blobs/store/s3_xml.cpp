// One pass over the text with the names of the open elements in hand.
#include "blobs/store/s3_xml.hpp"

#include <charconv>

#include "base/blob_limits.hpp"

namespace lodestone::blobs {

namespace {

bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.' || c == ':';
}

void append_utf8(std::string& text, std::uint32_t code) {
    const auto put = [&](std::uint32_t byte) { text += static_cast<char>(byte); };
    if (code < 0x80) return put(code);
    if (code < 0x800) {
        put(0xC0 | code >> 6);
    } else if (code < 0x10000) {
        put(0xE0 | code >> 12);
        put(0x80 | (code >> 6 & 0x3F));
    } else {
        put(0xF0 | code >> 18);
        put(0x80 | (code >> 12 & 0x3F));
        put(0x80 | (code >> 6 & 0x3F));
    }
    put(0x80 | (code & 0x3F));
}

// `name` stands between & and ;
bool append_reference(std::string& text, std::string_view name) {
    constexpr std::pair<std::string_view, char> named[] = {
        {"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};
    for (const auto& [word, character] : named) {
        if (word != name) continue;
        text += character;
        return true;
    }
    if (!name.starts_with('#')) return false;
    name.remove_prefix(1);
    const int base = name.starts_with('x') ? 16 : 10;
    if (base == 16) name.remove_prefix(1);
    std::uint32_t code = 0;
    const char* const end = name.data() + name.size();
    const auto [stop, error] = std::from_chars(name.data(), end, code, base);
    const bool is_surrogate = code >= 0xD800 && code <= 0xDFFF;
    if (error != std::errc{} || stop != end || code == 0 || code > 0x10FFFF || is_surrogate) return false;
    append_utf8(text, code);
    return true;
}

class Reader {
  public:
    explicit Reader(std::string_view xml) : rest_(xml) {}

    std::optional<std::vector<S3Element>> read() {
        if (rest_.starts_with("\xEF\xBB\xBF")) rest_.remove_prefix(3);
        while (!rest_.empty()) {
            const bool is_read = rest_.front() == '<' ? read_tag() : read_text();
            if (!is_read || elements_.size() > limits::s3_xml_elements) return std::nullopt;
        }
        if (!ends_.empty() || !has_root_) return std::nullopt;
        return std::move(elements_);
    }

  private:
    bool read_text() {
        const std::string_view text = rest_.substr(0, rest_.find('<'));
        rest_.remove_prefix(text.size());
        if (ends_.empty()) return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] != '&') {
                text_ += text[i];
                continue;
            }
            const std::size_t end = text.find(';', i);
            if (end == std::string_view::npos || !append_reference(text_, text.substr(i + 1, end - i - 1)))
                return false;
            i = end;
        }
        return true;
    }

    // <?…?>, <!--…-->, <name …>, <name …/> or </name>
    bool read_tag() {
        if (rest_.starts_with("<?")) return skip_past("?>");
        if (rest_.starts_with("<!--")) return skip_past("-->");
        if (rest_.starts_with("</")) {
            rest_.remove_prefix(2);
            const std::string_view name = take_name();
            return skip_spaces() && rest_.starts_with('>') && skip_past(">") && close(name);
        }
        rest_.remove_prefix(1);
        const std::string_view name = take_name();
        if (name.empty() || !skip_attributes()) return false;
        if (!open(name)) return false;
        const bool is_empty = rest_.starts_with('/');
        if (is_empty) rest_.remove_prefix(1);
        if (!rest_.starts_with('>')) return false;
        rest_.remove_prefix(1);
        return !is_empty || close(name);
    }

    bool skip_past(std::string_view end) {
        const std::size_t at = rest_.find(end);
        if (at == std::string_view::npos) return false;
        rest_.remove_prefix(at + end.size());
        return true;
    }
    bool skip_spaces() {
        rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size()));
        return true;
    }
    std::string_view take_name() {
        std::size_t size = 0;
        while (size < rest_.size() && is_name_character(rest_[size])) ++size;
        const std::string_view name = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return name;
    }
    // Nothing that we want stands in one.
    bool skip_attributes() {
        while (skip_spaces() && !rest_.empty() && is_name_character(rest_.front())) {
            take_name();
            skip_spaces();
            if (!rest_.starts_with('=')) return false;
            rest_.remove_prefix(1);
            skip_spaces();
            if (!rest_.starts_with('"') && !rest_.starts_with('\'')) return false;
            const char quote = rest_.front();
            rest_.remove_prefix(1);
            if (!skip_past({&quote, 1})) return false;
        }
        return true;
    }

    bool open(std::string_view name) {
        // Each element is told with its whole path: without a limit, few bytes here become very many.
        if (name.size() > limits::s3_xml_name_bytes) return false;
        if (ends_.size() == limits::s3_xml_depth || (ends_.empty() && has_root_)) return false;
        has_root_ = true;
        ends_.push_back(path_.size());
        if (!path_.empty()) path_ += '/';
        path_ += name;
        text_.clear();
        is_leaf_ = true;
        return true;
    }
    bool close(std::string_view name) {
        if (ends_.empty()) return false;
        const std::size_t begin = ends_.back() == 0 ? 0 : ends_.back() + 1;
        if (std::string_view(path_).substr(begin) != name) return false;
        if (is_leaf_) elements_.push_back({path_, text_});
        is_leaf_ = false;
        text_.clear();
        path_.resize(ends_.back());
        ends_.pop_back();
        return true;
    }

    std::string_view rest_;
    std::string path_;
    std::vector<std::size_t> ends_;  // how long the path was before each open element
    std::string text_;
    bool is_leaf_ = false;
    bool has_root_ = false;
    std::vector<S3Element> elements_;
};

std::optional<std::string> find_text(const std::vector<S3Element>& elements, std::string_view path) {
    for (const S3Element& element : elements)
        if (element.path == path) return element.text;
    return std::nullopt;
}

std::optional<std::string> find_only(std::string_view xml, std::string_view path) {
    const auto elements = parse_s3_xml(xml);
    return elements ? find_text(*elements, path) : std::nullopt;
}

}  // namespace

std::string_view strip_quotes(std::string_view text) {
    if (text.size() < 2 || !text.starts_with('"') || !text.ends_with('"')) return text;
    return text.substr(1, text.size() - 2);
}

std::optional<std::vector<S3Element>> parse_s3_xml(std::string_view xml) {
    return Reader(xml).read();
}

std::optional<S3Error> parse_s3_error(std::string_view xml) {
    const auto elements = parse_s3_xml(xml);
    const auto code = elements ? find_text(*elements, "Error/Code") : std::nullopt;
    if (!code) return std::nullopt;
    return S3Error{.code = *code, .message = find_text(*elements, "Error/Message").value_or("")};
}

std::optional<S3Listing> parse_s3_listing(std::string_view xml) {
    const auto elements = parse_s3_xml(xml);
    if (!elements || !find_text(*elements, "ListBucketResult/IsTruncated")) return std::nullopt;
    S3Listing listing;
    for (const S3Element& element : *elements) {
        if (element.path == "ListBucketResult/Contents/Key") listing.objects.push_back({element.text, {}});
        if (element.path == "ListBucketResult/Contents/LastModified" && !listing.objects.empty())
            listing.objects.back().modified_at = element.text;
        if (element.path == "ListBucketResult/NextContinuationToken") listing.next = element.text;
    }
    return listing;
}

std::optional<std::string> parse_s3_upload_id(std::string_view xml) {
    return find_only(xml, "InitiateMultipartUploadResult/UploadId");
}

std::optional<std::string> parse_s3_completion(std::string_view xml) {
    const auto tag = find_only(xml, "CompleteMultipartUploadResult/ETag");
    if (!tag) return std::nullopt;
    return std::string(strip_quotes(*tag));
}

std::optional<S3Uploads> parse_s3_uploads(std::string_view xml) {
    const auto elements = parse_s3_xml(xml);
    if (!elements) return std::nullopt;
    const auto is_truncated = find_text(*elements, "ListMultipartUploadsResult/IsTruncated");
    if (!is_truncated) return std::nullopt;
    S3Uploads listed;
    if (*is_truncated == "true") {
        listed.next_key = find_text(*elements, "ListMultipartUploadsResult/NextKeyMarker").value_or("");
        listed.next_id = find_text(*elements, "ListMultipartUploadsResult/NextUploadIdMarker").value_or("");
    }
    std::vector<S3Upload>& uploads = listed.uploads;
    for (const S3Element& element : *elements) {
        const std::string_view path = element.path;
        if (path == "ListMultipartUploadsResult/Upload/Key") uploads.push_back({element.text, {}, {}});
        if (uploads.empty()) continue;
        if (path == "ListMultipartUploadsResult/Upload/UploadId") uploads.back().id = element.text;
        if (path == "ListMultipartUploadsResult/Upload/Initiated") uploads.back().begun_at = element.text;
    }
    return listed;
}

}  // namespace lodestone::blobs
