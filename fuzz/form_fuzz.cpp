// Forms: however the input is cut, the same parts come out of it or it is refused; and no content comes from
// nothing.
#include <cstdint>
#include <string>

#include "base/ensure.hpp"
#include "base/problem.hpp"
#include "http/message/form_reader.hpp"

using namespace lodestone;
using namespace lodestone::http;

namespace {

struct Read final : FormReader::Listener {
    void begin_part(const FormPart& part) override {
        ensure(!part.name.empty(), "a part has a name");
        told += "\n[" + part.name + "|" + part.file_name.value_or("") + "|" + part.content_type + "]";
        ensure(!std::exchange(is_inside, true), "parts do not overlap");
    }
    void take_bytes(std::string_view bytes) override {
        ensure(is_inside && !bytes.empty(), "content belongs to a part");
        told += bytes;
        content_bytes += bytes.size();
    }
    void end_part() override { ensure(std::exchange(is_inside, false), "what ends has begun"); }
    std::string told;
    std::size_t content_bytes = 0;
    bool is_inside = false;
};

std::string read(std::string_view input, std::size_t piece_bytes) {
    Read listener;
    FormReader reader("b", listener);
    const auto refused = find_problem([&] {
        for (std::size_t at = 0; at < input.size(); at += piece_bytes)
            reader.feed(input.substr(at, piece_bytes));
        reader.finish();
    });
    ensure(listener.content_bytes <= input.size(), "content comes from the input");
    return refused ? *refused : listener.told;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
    ensure(read(input, input.size() + 1) == read(input, data[0] % 16u + 1), "packets do not matter");
    if (const auto boundary = parse_form_boundary(input))
        ensure(!boundary->empty() && boundary->size() <= 70, "a boundary has its length");
    (void)find_problem([&] { (void)parse_form_part(input); });
    return 0;
}
