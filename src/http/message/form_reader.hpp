// multipart/form-data (RFC 7578, RFC 2046 §5.1), read strictly and incrementally: pieces of any size go in,
// parts come out. Nothing stands before the first boundary or behind the last one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lodestone::http {

// The boundary that a Content-Type names; nothing: it is none of a form, or malformed.
std::optional<std::string> parse_form_boundary(std::string_view content_type);

struct FormPart {
    std::string name;
    std::optional<std::string> file_name;  // as it was sent: no path, and no name to be trusted
    std::string content_type;              // empty: not said
};

// The head of a part, without the empty line. Throws Problem(malformed_request).
FormPart parse_form_part(std::string_view head);

class FormReader {
  public:
    // Whom the parts are told, in order. What it throws, feed() throws.
    class Listener {
      public:
        virtual ~Listener() = default;
        virtual void begin_part(const FormPart& part) = 0;
        virtual void take_bytes(std::string_view bytes) = 0;  // never empty
        virtual void end_part() = 0;
    };

    FormReader(std::string_view boundary, Listener& listener);

    // Throws Problem(malformed_request); afterwards it cannot be used.
    void feed(std::string_view piece);
    // When everything was fed: throws Problem(malformed_request) if the form is cut off.
    void finish() const;

  private:
    enum class State : std::uint8_t { opening, behind_boundary, head, content, behind_end, done };

    // Each takes a beginning of the piece, which is not empty, and answers the rest.
    std::string_view read_opening(std::string_view piece);
    std::string_view read_behind_boundary(std::string_view piece);
    std::string_view read_head(std::string_view piece);
    std::string_view read_content(std::string_view piece);
    std::string_view read_behind_end(std::string_view piece);
    std::string_view read_on_matching(std::string_view piece);
    void begin_head();

    const std::string delimiter_;  // CR LF, two hyphens, the boundary: its only CR is the first byte
    Listener& listener_;
    State state_ = State::opening;
    std::size_t matched_bytes_ = 2;  // of the delimiter, which came; the first needs no line before it
    std::string head_;               // or what stands behind a boundary
    std::size_t scanned_bytes_ = 0;  // of the head
    std::size_t parts_ = 0;
};

}  // namespace lodestone::http
