// libarchive, loaded when the first of its functions is called. It brings ten libraries along (XML, Unicode,
// every other compression), which would cost a server that reads no archive memory and time at its start. So
// these are its functions, as archive.h declares them, and each hands over to the real one; a wrong signature
// does not compile.
#include <archive.h>
#include <archive_entry.h>

#include "base/on_demand_library.hpp"

namespace {

const lodestone::OnDemandLibrary& libarchive() {
    static const lodestone::OnDemandLibrary library("libarchive.so.13", "The library that reads archives",
                                                    "libarchive13");
    return library;
}

}  // namespace

#define FORWARD(Result, name, parameters, arguments) \
    FORWARD_TO(libarchive, Result, name, parameters, arguments)

FORWARD(archive*, archive_read_new, (), ())
FORWARD(int, archive_read_free, (archive * a), (a))
FORWARD(int, archive_read_support_format_tar, (archive * a), (a))
FORWARD(int, archive_read_support_format_zip_seekable, (archive * a), (a))
FORWARD(int, archive_read_set_read_callback, (archive * a, archive_read_callback* callback), (a, callback))
FORWARD(int, archive_read_set_seek_callback, (archive * a, archive_seek_callback* callback), (a, callback))
FORWARD(int, archive_read_set_callback_data, (archive * a, void* data), (a, data))
FORWARD(int, archive_read_open1, (archive * a), (a))
FORWARD(int, archive_read_next_header, (archive * a, archive_entry** entry), (a, entry))
FORWARD(int, archive_read_data_block, (archive * a, const void** bytes, size_t* size, la_int64_t* offset),
        (a, bytes, size, offset))
FORWARD(la_int64_t, archive_filter_bytes, (archive * a, int filter), (a, filter))
FORWARD(const char*, archive_error_string, (archive * a), (a))
FORWARD(__LA_MODE_T, archive_entry_filetype, (archive_entry * entry), (entry))
FORWARD(const char*, archive_entry_hardlink, (archive_entry * entry), (entry))
FORWARD(const char*, archive_entry_pathname, (archive_entry * entry), (entry))
FORWARD(la_int64_t, archive_entry_size, (archive_entry * entry), (entry))
FORWARD(int, archive_entry_sparse_count, (archive_entry * entry), (entry))
FORWARD(const char*, archive_entry_symlink, (archive_entry * entry), (entry))
