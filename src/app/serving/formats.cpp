// The list of formats: the one place that knows which there are. What is not in it is not served.
#include <array>

#include "formats/generic/generic.hpp"
#include "formats/npm/npm.hpp"
#include "formats/oci/oci.hpp"
#include "formats/pypi/pypi.hpp"
#include "packages/format.hpp"

// Declared by packages, which knows none of them.
lodestone::packages::Formats lodestone::packages::served_formats() {
    // clang-format off: one line for each, which `./dev new-format` adds
    static const std::array served{
        &formats::generic::format(),
        &formats::npm::format(),
        &formats::oci::format(),
        &formats::pypi::format(),
    };
    // clang-format on
    return served;
}
