# migrations/*.sql become part of lodestone_db as string literals. Run as a script at build time, it writes the
# .cpp anew; included, it says when.
if(CMAKE_SCRIPT_MODE_FILE)
    file(GLOB files ${MIGRATIONS}/*.sql)
    list(SORT files)
    set(rows "")
    foreach(file IN LISTS files)
        cmake_path(GET file FILENAME name)
        file(READ ${file} text)
        string(FIND "${text}" ")lodestone\"" closing)
        if(NOT closing EQUAL -1)
            message(FATAL_ERROR "${name} holds the end of the literal that it becomes")
        endif()
        string(APPEND rows "        {\"${name}\", R\"lodestone(${text})lodestone\"},\n")
    endforeach()
    file(WRITE ${OUT} "// Made by cmake/Migrations.cmake from migrations/: the files as they lie in the program.
#include \"db/migrate/migration_set.hpp\"

namespace lodestone::db {

std::vector<MigrationFile> embedded_migration_files() {
    return {
${rows}    };
}

}  // namespace lodestone::db
")
    return()
endif()

file(GLOB migration_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/migrations/*.sql)
set(migrations_cpp ${PROJECT_BINARY_DIR}/generated/migrations.cpp)
add_custom_command(
    OUTPUT ${migrations_cpp}
    COMMAND ${CMAKE_COMMAND} -DMIGRATIONS=${PROJECT_SOURCE_DIR}/migrations -DOUT=${migrations_cpp}
            -P ${PROJECT_SOURCE_DIR}/cmake/Migrations.cmake
    DEPENDS ${migration_sources} ${PROJECT_SOURCE_DIR}/cmake/Migrations.cmake
    COMMENT "Embedding the migrations"
    VERBATIM)
target_sources(lodestone_db PRIVATE ${migrations_cpp})
