// The body of an upload: a form that is read as it comes, with the file in it going its own way.
#pragma once

#include <memory>

#include "base/task.hpp"
#include "formats/pypi/upload_form.hpp"
#include "http/server/request.hpp"
#include "packages/archive/spool.hpp"

namespace lodestone::formats::pypi {

// To its end, on a worker thread: the file into the spool, of the fields those that are heeded into the form.
// Throws Problem(invalid_input) for what is no form, or has two files.
Task<UploadForm> read_upload_form(http::Request& request, std::shared_ptr<packages::Spool> spool,
                                  WorkerThreads& workers);

}  // namespace lodestone::formats::pypi
