// The list of formats. What is not in it is not served.
#include "app/serving/formats.hpp"

#include <array>

#include "formats/generic/generic.hpp"

namespace lodestone::app {

packages::Formats program_formats() {
    static const std::array formats{&formats::generic::format()};
    return formats;
}

}  // namespace lodestone::app
