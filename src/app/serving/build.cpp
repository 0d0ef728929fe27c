// The one file that a new commit recompiles.
#include "app/serving/build.hpp"

#include "build_info.hpp"

namespace lodestone::app {

BuildInfo build() {
    return {build_info::version, build_info::commit};
}

}  // namespace lodestone::app
