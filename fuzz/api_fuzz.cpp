// Fuzzes the JSON of requests: what is taken is taken by a second parser too, and no input makes more faults
// than a refusal may tell.
#include <boost/describe/class.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "api/json_body.hpp"
#include "api/json_structs.hpp"
#include "base/ensure.hpp"
#include "base/problem.hpp"

using namespace lodestone;

namespace {

struct Leaf {
    api::Number<0, 9> number;
    api::Clearable<api::Text<8>> text;
};
BOOST_DESCRIBE_STRUCT(Leaf, (), (number, text))

struct Input {
    api::Text<16> name;
    std::vector<Leaf> leaves;
    std::optional<Time> at;
    std::optional<api::JsonObject> metadata;
};
BOOST_DESCRIBE_STRUCT(Input, (), (name, leaves, at, metadata))

void read(std::string_view text) {
    const boost::json::value json = api::parse_json_body(text);
    boost::system::error_code error;
    boost::json::parse(text, error);
    ensure(!error, "what we take, others take");
    const auto input = api::read_input<Input>(json);
    ensure(input.name.value.size() <= 16, "a text has its limit");
    if (input.metadata)
        ensure(api::parse_json_body(input.metadata->text).is_object(), "what is kept can be read");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size_bytes) {
    const std::string_view text(reinterpret_cast<const char*>(data), size_bytes);
    find_problem([text] { read(text); });
    return 0;
}
