// The list of formats of the API's tests: the program's, and one that serves every kind of repository. It
// stands in place of src/app/serving/formats.cpp, which the linker takes out of its library only when nobody
// else has said which formats there are.
#include <array>

#include "support/shelf_format.hpp"

lodestone::packages::Formats lodestone::packages::served_formats() {
    static const std::array served{
        &formats::generic::format(),
        &formats::oci::format(),
        &test::shelf_format(),
    };
    return served;
}
