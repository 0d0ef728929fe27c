# Read by cpack before it packs anything. Without `file` it stops midway with a riddle; without dpkg-shlibdeps it makes a
# package that does not say which libraries it needs, and calls that a success.
foreach(tool_and_package IN ITEMS file:file dpkg-shlibdeps:dpkg-dev)
    string(REPLACE ":" ";" pair ${tool_and_package})
    list(GET pair 0 tool)
    list(GET pair 1 package)
    find_program(path_of_${tool} ${tool} NO_CACHE NO_CMAKE_SYSTEM_PATH)
    if(NOT path_of_${tool})
        message(FATAL_ERROR "The program ${tool} is missing (Debian package ${package}); ./dev package installs it.")
    endif()
endforeach()
