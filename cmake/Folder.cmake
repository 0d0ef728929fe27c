# lodestone_folder(name LINKS …): src/name/*.cpp becomes lodestone_<name>; its *_test.cpp become <name>_tests.

# What is tested is compiled as it ships, the tests themselves for a quick turn: half the time, and they run little slower.
set(LODESTONE_TEST_OPTIONS -O0 -U_FORTIFY_SOURCE)

# lodestone_prelude(name LINKS … OPTIONS … HEADERS …): what nearly every source includes, parsed once for all that take it with
# REUSE_FROM, who have to be compiled with the same options.
function(lodestone_prelude name)
    cmake_parse_arguments(PRELUDE "" "" "LINKS;OPTIONS;HEADERS" ${ARGN})
    file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/generated/${name}.cpp CONTENT "// A precompiled header needs a source.\n")
    add_library(${name} OBJECT ${PROJECT_BINARY_DIR}/generated/${name}.cpp)
    target_link_libraries(${name} PRIVATE ${PRELUDE_LINKS})
    # Templates of the headers are made in the precompiled header; without its time in it, the same text is the same file.
    target_compile_options(${name} PRIVATE ${PRELUDE_OPTIONS} -fpch-instantiate-templates "SHELL:-Xclang -fno-pch-timestamp")
    target_precompile_headers(${name} PRIVATE ${PRELUDE_HEADERS})
endfunction()

set(prelude_links fmt::fmt Boost::headers Boost::json Threads::Threads)
set(prelude_headers
    <algorithm> <array> <chrono> <functional> <map> <memory> <optional> <set> <span> <string> <string_view> <thread> <vector>
    <boost/asio/awaitable.hpp> <boost/asio/co_spawn.hpp> <boost/asio/ip/tcp.hpp> <boost/asio/post.hpp>
    <boost/asio/steady_timer.hpp> <boost/asio/use_awaitable.hpp> <boost/describe/class.hpp> <boost/describe/enum.hpp>
    <boost/json/parse.hpp> <boost/json/serialize.hpp> <fmt/format.h>)
lodestone_prelude(test_prelude LINKS ${prelude_links} GTest::gmock OPTIONS ${LODESTONE_TEST_OPTIONS} -fPIE
                  HEADERS <gtest/gtest.h> <gmock/gmock.h> <filesystem> <fstream> <future> ${prelude_headers})
# Only where a second compilation is all that it is: the plain builds show that each source includes what it uses.
if(LODESTONE_SANITIZE)
    if(LODESTONE_FUZZ)
        set(fuzzer_option -fsanitize=fuzzer-no-link)
    endif()
    lodestone_prelude(library_prelude LINKS ${prelude_links} OPTIONS ${fuzzer_option} HEADERS ${prelude_headers})
endif()

function(lodestone_folder name)
    cmake_parse_arguments(FOLDER "" "" "LINKS" ${ARGN})
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${name}/*.cpp)
    set(tests ${sources})
    list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
    list(FILTER tests INCLUDE REGEX "_test\\.cpp$")

    add_library(lodestone_${name} STATIC ${sources})
    target_include_directories(lodestone_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
    target_link_libraries(lodestone_${name} PUBLIC ${FOLDER_LINKS})
    if(LODESTONE_SANITIZE)
        target_compile_options(lodestone_${name} PRIVATE ${fuzzer_option})
        target_precompile_headers(lodestone_${name} REUSE_FROM library_prelude)
    endif()

    if(tests)
        add_executable(${name}_tests ${tests})
        target_include_directories(${name}_tests PRIVATE ${PROJECT_SOURCE_DIR}/tests)
        target_compile_definitions(${name}_tests PRIVATE LODESTONE_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
        target_compile_options(${name}_tests PRIVATE ${LODESTONE_TEST_OPTIONS})
        target_link_libraries(${name}_tests PRIVATE lodestone_${name} GTest::gmock GTest::gtest_main)
        target_precompile_headers(${name}_tests REUSE_FROM test_prelude)
        set_target_properties(${name}_tests PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
    endif()
endfunction()
