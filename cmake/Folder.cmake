# lodestone_folder(name PRELUDE … SMALL … LINKS …): src/name/*.cpp becomes lodestone_<name>; its *_test.cpp become <name>_tests. SMALL
# are the rooms of it (or "." for the whole) that are wide and run seldom: compiled for size.

# lodestone_prelude(name LINKS … OPTIONS … HEADERS …): what nearly every source includes, parsed once for all that take it with
# REUSE_FROM, who have to be compiled with the same options. It spares time and means nothing: a source includes what it uses.
function(lodestone_prelude name)
    cmake_parse_arguments(PRELUDE "" "" "LINKS;OPTIONS;HEADERS" ${ARGN})
    file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/generated/${name}.cpp CONTENT "// A precompiled header needs a source.\n")
    add_library(${name} OBJECT EXCLUDE_FROM_ALL ${PROJECT_BINARY_DIR}/generated/${name}.cpp)
    target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/src)
    target_link_libraries(${name} PRIVATE fmt::fmt Boost::headers Boost::json Threads::Threads ${PRELUDE_LINKS})
    # Templates of the headers are made in the precompiled header; without its time in it, the same text is the same file.
    target_compile_options(${name} PRIVATE ${PRELUDE_OPTIONS} -fpch-instantiate-templates "SHELL:-Xclang -fno-pch-timestamp")
    target_precompile_headers(${name} PRIVATE ${PRELUDE_HEADERS})
endfunction()

set(library_headers
    <algorithm> <array> <chrono> <functional> <map> <memory> <optional> <set> <span> <string> <string_view> <thread> <vector>
    <boost/asio/awaitable.hpp> <boost/asio/co_spawn.hpp> <boost/asio/ip/tcp.hpp> <boost/asio/post.hpp>
    <boost/asio/steady_timer.hpp> <boost/asio/use_awaitable.hpp> <boost/describe/class.hpp> <boost/describe/enum.hpp>
    <boost/json/parse.hpp> <boost/json/serialize.hpp> <fmt/format.h>)
# For the floors above db: its door and that of http are in nearly every source of theirs, and their tests have a database.
set(data_headers ${library_headers} <base/log.hpp> <db/database.hpp> <db/noun.hpp> <http/server/router.hpp>)
set(test_headers <gtest/gtest.h> <gmock/gmock.h> <filesystem> <fstream> <future>)
set(library_test_headers ${test_headers})
set(data_test_headers ${test_headers} <support/databases.hpp> <support/stores.hpp> <support/tenants.hpp>)
set(api_headers ${data_headers} <api/endpoint.hpp> <api/noun_calls.hpp>)
set(api_test_headers ${data_test_headers} <support/api_test.hpp>)
foreach(prelude library data api)
    lodestone_prelude(${prelude}_prelude OPTIONS ${LODESTONE_CODE_OPTIONS} HEADERS ${${prelude}_headers})
    lodestone_prelude(${prelude}_small_prelude OPTIONS ${LODESTONE_SMALL_CODE_OPTIONS} HEADERS ${${prelude}_headers})
    lodestone_prelude(${prelude}_test_prelude OPTIONS ${LODESTONE_TEST_OPTIONS} LINKS GTest::gmock OpenSSL::SSL
                      HEADERS ${${prelude}_test_headers} ${${prelude}_headers})
    target_include_directories(${prelude}_test_prelude PRIVATE ${PROJECT_SOURCE_DIR}/tests)
    target_include_directories(${prelude}_test_prelude SYSTEM PRIVATE ${PostgreSQL_INCLUDE_DIRS})
endforeach()

add_custom_target(test_objects)  # the tests of all folders, not linked: what another build may take, see LODESTONE_TESTS_OF

function(lodestone_folder name)
    cmake_parse_arguments(FOLDER "" "PRELUDE" "SMALL;LINKS" ${ARGN})
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${name}/*.cpp)
    set(tests ${sources})
    list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
    list(FILTER tests INCLUDE REGEX "_test\\.cpp$")

    add_library(lodestone_${name} STATIC)
    target_include_directories(lodestone_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
    target_link_libraries(lodestone_${name} PUBLIC ${FOLDER_LINKS})
    target_compile_options(lodestone_${name} PRIVATE ${LODESTONE_CODE_OPTIONS})
    set_target_properties(lodestone_${name} PROPERTIES LINKER_LANGUAGE CXX)
    list(TRANSFORM FOLDER_SMALL PREPEND "^${PROJECT_SOURCE_DIR}/src/${name}/" OUTPUT_VARIABLE small_rooms)
    list(JOIN small_rooms "|" small_rooms)
    set(small_sources ${sources})
    if(small_rooms)
        list(FILTER small_sources INCLUDE REGEX "${small_rooms}")
        list(FILTER sources EXCLUDE REGEX "${small_rooms}")
        add_library(lodestone_${name}_small OBJECT ${small_sources})
        target_include_directories(lodestone_${name}_small PRIVATE ${PROJECT_SOURCE_DIR}/src)
        target_link_libraries(lodestone_${name}_small PRIVATE ${FOLDER_LINKS})
        target_compile_options(lodestone_${name}_small PRIVATE ${LODESTONE_SMALL_CODE_OPTIONS})
        target_precompile_headers(lodestone_${name}_small REUSE_FROM ${FOLDER_PRELUDE}_small_prelude)
        set(small_objects $<TARGET_OBJECTS:lodestone_${name}_small>)
    else()
        set(small_objects)
    endif()
    target_sources(lodestone_${name} PRIVATE ${sources} ${small_objects})  # the quick ones first: see lodestone_link_whole()
    if(sources)
        target_precompile_headers(lodestone_${name} REUSE_FROM ${FOLDER_PRELUDE}_prelude)
    endif()

    if(tests)
        if(LODESTONE_TESTS_OF)
            list(TRANSFORM tests REPLACE "^${PROJECT_SOURCE_DIR}/(.*)$" "${LODESTONE_TESTS_OF}/CMakeFiles/${name}_test_objects.dir/\\1.o")
            set_source_files_properties(${tests} PROPERTIES EXTERNAL_OBJECT ON GENERATED ON)
            add_executable(${name}_tests ${tests})
            set_target_properties(${name}_tests PROPERTIES LINKER_LANGUAGE CXX)
        else()
            add_library(${name}_test_objects OBJECT ${tests})
            target_include_directories(${name}_test_objects PRIVATE ${PROJECT_SOURCE_DIR}/tests)
            target_compile_options(${name}_test_objects PRIVATE ${LODESTONE_TEST_OPTIONS})
            target_link_libraries(${name}_test_objects PRIVATE lodestone_${name} GTest::gmock)
            target_precompile_headers(${name}_test_objects REUSE_FROM ${FOLDER_PRELUDE}_test_prelude)
            add_dependencies(test_objects ${name}_test_objects)
            add_executable(${name}_tests $<TARGET_OBJECTS:${name}_test_objects>)
        endif()
        if(LODESTONE_SANITIZE)
            # First, so that of what tests and library both have, as inline functions, the library's is linked: it is the sanitized one.
            target_link_options(${name}_tests PRIVATE LINKER:--whole-archive $<TARGET_FILE:lodestone_${name}> LINKER:--no-whole-archive)
        endif()
        target_link_libraries(${name}_tests PRIVATE lodestone_${name} GTest::gmock GTest::gtest_main)
        set_target_properties(${name}_tests PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
    endif()
endfunction()

# lodestone_link_whole(program): the floors whole, also nouns that nothing calls yet, because every statement of theirs is checked
# against the schema; and the quick floors first, because of an inline function that many objects have the first one is linked.
function(lodestone_link_whole program)
    set(archives)
    foreach(floor base http cache db ledger blobs packages formats identity api)
        list(APPEND archives $<TARGET_FILE:lodestone_${floor}>)
    endforeach()
    target_link_options(${program} PRIVATE LINKER:--whole-archive ${archives} LINKER:--no-whole-archive)
endfunction()
