# The one toolchain: clang 19 with libstdc++, lld and ccache; warnings are errors; sanitizers and fuzzing by preset.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 14)
    message(FATAL_ERROR "g++ ${CMAKE_CXX_COMPILER_VERSION} miscompiles temporaries inside co_await expressions "
                        "(docs/adr/0002-clang-19.md); configure with a preset, which uses clang++-19.")
endif()

set(LODESTONE_SANITIZE "" CACHE STRING "Sanitizers to build with, e.g. address,undefined")
set(LODESTONE_TESTS_OF "" CACHE PATH "The folder of a build that has compiled the tests as this one would: its objects are linked here")
option(LODESTONE_FUZZ "Build the fuzz harnesses, and the libraries so that a fuzzer sees which way they went" OFF)

find_program(CCACHE ccache)
if(CCACHE)
    # Without the first, ccache takes nothing that was compiled with a precompiled header; with the second, what is new to it is not
    # read twice: it learns from the compiler what a source includes.
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_DEPEND=1 ${CCACHE})
endif()
add_link_options(-fuse-ld=lld-19)

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor
                    -Woverloaded-virtual -Wimplicit-fallthrough -Wswitch-enum -Wunused -Werror
                    -Wno-missing-designated-field-initializers)  # leaving fields at their defaults is what they are for
# Beyond the warnings, a target says how it is compiled: LODESTONE_CODE_OPTIONS for what ships, LODESTONE_TEST_OPTIONS for tests.
set(CMAKE_CXX_FLAGS_RELEASE "")
set(CMAKE_CXX_FLAGS_DEBUG "")
# Tests are for a quick turn, and alike in dev, release and asan, so that the last can take the objects of release.
set(LODESTONE_TEST_OPTIONS -O0 -g1)
if(LODESTONE_SANITIZE)
    set(sanitizer_options -fsanitize=${LODESTONE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    # -O1 keeps the sanitized suites fast enough to run at every check.
    set(LODESTONE_CODE_OPTIONS -O1 -g1 ${sanitizer_options})
    if(LODESTONE_SANITIZE STREQUAL "thread")
        list(APPEND LODESTONE_TEST_OPTIONS ${sanitizer_options})  # it has to see both sides of each exchange
    endif()
    if(LODESTONE_FUZZ)
        list(APPEND LODESTONE_CODE_OPTIONS -fsanitize=fuzzer-no-link)
    endif()
    # What is wide and seldom run is made small: half the machine code, compiled in two thirds of the time.
    list(TRANSFORM LODESTONE_CODE_OPTIONS REPLACE "^-O1$" "-Os" OUTPUT_VARIABLE LODESTONE_SMALL_CODE_OPTIONS)
    add_link_options(-fsanitize=${LODESTONE_SANITIZE})
elseif(CMAKE_BUILD_TYPE STREQUAL "Release")
    # What Debian hardens its own network servers with. Symbols are there for a profiler, lines are not: they took a sixth of a build.
    set(LODESTONE_CODE_OPTIONS -O2 -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fcf-protection -ftrivial-auto-var-init=zero)
    # For the floors that are wide and seldom run: half the machine code, compiled in two thirds of the time.
    list(TRANSFORM LODESTONE_CODE_OPTIONS REPLACE "^-O2$" "-Oz" OUTPUT_VARIABLE LODESTONE_SMALL_CODE_OPTIONS)
    # Relocations packed: as they come they are half a megabyte that every start reads.
    add_link_options(-pie -Wl,-z,relro,-z,now,-z,pack-relative-relocs)
    # Functions that are alike are kept once, what nobody calls is not kept, and what only runs at the start lies together:
    # the kernel reads code in windows of 64 KiB, and a server that rests holds each that was ever touched.
    add_link_options(-Wl,--icf=safe,--gc-sections,-z,keep-text-section-prefix)
else()
    set(LODESTONE_CODE_OPTIONS -O0 -g1)
endif()

if(NOT LODESTONE_SMALL_CODE_OPTIONS)
    set(LODESTONE_SMALL_CODE_OPTIONS ${LODESTONE_CODE_OPTIONS})
endif()

# Asio is compiled once (src/base/asio.cpp): these must be the same in every translation unit.
add_compile_definitions(BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_HANDLER_TYPE_REQUIREMENTS)
