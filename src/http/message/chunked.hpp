// The chunked transfer coding (RFC 9112 §7.1), decoded strictly and incrementally; trailers are checked,
// bounded and dropped.
#pragma once

#include <cstdint>
#include <string_view>

namespace lodestone::http {

class ChunkDecoder {
  public:
    struct Step {
        std::size_t consumed = 0;  // of the input
        std::string_view data;     // decoded bytes within the consumed input; may be empty
        bool is_done = false;      // the last chunk and the trailers are behind us
        std::string_view fault;    // not empty: malformed, and why
    };
    // Decodes up to the end of one run of data. Call again with what was not consumed; a step that consumes
    // nothing needs more input.
    Step step(std::string_view input);

  private:
    enum class State : std::uint8_t {
        size,
        extension,
        size_lf,
        data,
        data_cr,
        data_lf,
        trailer_start,
        trailer_name,
        trailer_line,
        trailer_lf,
        end_lf,
        done
    };
    // Each takes one byte in the states it is for, and answers what is wrong with it, if anything.
    std::string_view read_size_line(char c);
    std::string_view read_trailers(char c);
    std::string_view read_line_end(char c);

    State state_ = State::size;
    std::uint64_t remaining_ = 0;
    std::uint32_t digits_ = 0;
    std::uint32_t line_bytes_ = 0;
    std::uint32_t trailer_bytes_ = 0;
};

}  // namespace lodestone::http
