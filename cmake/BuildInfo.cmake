# build_info.hpp: the version and the commit. Run at every build as a script, it writes the header only when it
# changed, so that a commit rebuilds the one file that includes it and nothing else.
if(CMAKE_SCRIPT_MODE_FILE)
    # Where the history is not at hand, as in an image's build, whoever builds may say the commit.
    set(commit "$ENV{LODESTONE_COMMIT}")
    find_program(GIT git)
    if(GIT AND NOT commit)
        execute_process(COMMAND ${GIT} -C ${SOURCE_DIR} describe --always --dirty --exclude=* --abbrev=12
                        OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    endif()
    if(NOT commit)
        set(commit "unknown")  # built from an archive
    endif()
    file(CONFIGURE OUTPUT ${HEADER} CONTENT [[
// Which build this is; written by cmake/BuildInfo.cmake.
#pragma once

#include <string_view>

namespace lodestone::build_info {
inline constexpr std::string_view version = "@VERSION@";
inline constexpr std::string_view commit = "@commit@";
}  // namespace lodestone::build_info
]] @ONLY)
    return()
endif()

# The header stands in its own folder under the build folder, for the target's sources.
function(lodestone_build_info target)
    set(header ${PROJECT_BINARY_DIR}/generated/build_info.hpp)
    add_custom_target(build_info BYPRODUCTS ${header} COMMENT ""
        COMMAND ${CMAKE_COMMAND} -DSOURCE_DIR=${PROJECT_SOURCE_DIR} -DVERSION=${PROJECT_VERSION} -DHEADER=${header}
                -P ${PROJECT_SOURCE_DIR}/cmake/BuildInfo.cmake)
    add_dependencies(${target} build_info)
    target_include_directories(${target} PRIVATE ${PROJECT_BINARY_DIR}/generated)
endfunction()
