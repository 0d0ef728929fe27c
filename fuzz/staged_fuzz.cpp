// What is kept of a staged publication: whatever the bytes, they are read or refused, and what is read is
// written as the same again.
#include <cstdint>
#include <exception>
#include <string_view>

#include "base/ensure.hpp"
#include "packages/staged_content.hpp"

using namespace lodestone;
using namespace lodestone::packages;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Publication read;
    try {
        parse_staged_content({reinterpret_cast<const char*>(data), size}, read);
    } catch (const std::exception&) {
        return 0;
    }
    const std::string written = render_staged_content(read);
    Publication again;
    parse_staged_content(written, again);
    ensure(again.files == read.files && again.needs == read.needs && again.tags == read.tags &&
               again.fragments == read.fragments && again.rule == read.rule,
           "nothing is lost on the way");
    ensure(render_staged_content(again) == written, "it is written in one way");
    return 0;
}
