// The descriptor of generic files.
#include "formats/generic/generic.hpp"

namespace lodestone::formats::generic {

const packages::Format& format() {
    static constexpr packages::Format described{.name = "generic", .title = "Generic files", .routes = {}};
    return described;
}

}  // namespace lodestone::formats::generic
