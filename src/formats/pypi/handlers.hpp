// The handlers of this protocol, by what they are about; pypi.cpp lists their routes.
#pragma once

#include "base/context.hpp"
#include "base/task.hpp"
#include "http/server/request.hpp"
#include "http/server/response.hpp"

namespace lodestone::formats::pypi {

// simple.cpp
Task<http::Response> list_projects(Context& context, http::Request& request);
Task<http::Response> list_files(Context& context, http::Request& request);
Task<http::Response> add_slash(Context& context, http::Request& request);
Task<http::Response> show_project(Context& context, http::Request& request);
Task<http::Response> show_version(Context& context, http::Request& request);

// files.cpp
Task<http::Response> fetch_file(Context& context, http::Request& request);
Task<http::Response> delete_file(Context& context, http::Request& request);
Task<http::Response> show_provenance(Context& context, http::Request& request);

// upload.cpp
Task<http::Response> take_upload(Context& context, http::Request& request);

// trusted.cpp
Task<http::Response> discover_publishing(Context& context, http::Request& request);
Task<http::Response> show_audience(Context& context, http::Request& request);
Task<http::Response> mint_token(Context& context, http::Request& request);
Task<http::Response> mint_token_of_host(Context& context, http::Request& request);

}  // namespace lodestone::formats::pypi
