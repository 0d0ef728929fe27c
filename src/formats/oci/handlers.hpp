// What the rows of the route table do, by the files that do it.
#pragma once

#include "base/context.hpp"
#include "base/task.hpp"
#include "http/server/request.hpp"
#include "http/server/response.hpp"

namespace lodestone::formats::oci {

// tokens.cpp
Task<http::Response> check_version(Context& context, http::Request& request);
Task<http::Response> give_token(Context& context, http::Request& request);
Task<http::Response> give_posted_token(Context& context, http::Request& request);

// blobs.cpp
Task<http::Response> fetch_blob(Context& context, http::Request& request);
Task<http::Response> delete_blob(Context& context, http::Request& request);

// uploads.cpp
Task<http::Response> begin_upload(Context& context, http::Request& request);
Task<http::Response> append_upload(Context& context, http::Request& request);
Task<http::Response> finish_upload(Context& context, http::Request& request);
Task<http::Response> show_upload(Context& context, http::Request& request);
Task<http::Response> cancel_upload(Context& context, http::Request& request);

// manifests.cpp
Task<http::Response> fetch_manifest(Context& context, http::Request& request);
Task<http::Response> delete_manifest(Context& context, http::Request& request);
// push.cpp
Task<http::Response> push_manifest(Context& context, http::Request& request);

// lists.cpp
Task<http::Response> list_tags(Context& context, http::Request& request);
// catalog.cpp
Task<http::Response> list_catalog(Context& context, http::Request& request);
// referrers.cpp
Task<http::Response> list_referrers(Context& context, http::Request& request);

}  // namespace lodestone::formats::oci
