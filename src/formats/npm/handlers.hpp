// What the rows of the route table do, by the files that do it.
#pragma once

#include "base/context.hpp"
#include "base/task.hpp"
#include "http/server/request.hpp"
#include "http/server/response.hpp"

namespace lodestone::formats::npm {

// read.cpp
Task<http::Response> fetch_packument(Context& context, http::Request& request);
Task<http::Response> fetch_version(Context& context, http::Request& request);
Task<http::Response> fetch_tarball(Context& context, http::Request& request);

// publish.cpp
Task<http::Response> put_package(Context& context, http::Request& request);

// stage.cpp
Task<http::Response> stage_package(Context& context, http::Request& request);
Task<http::Response> list_staged(Context& context, http::Request& request);
Task<http::Response> show_staged(Context& context, http::Request& request);
Task<http::Response> fetch_staged_tarball(Context& context, http::Request& request);
Task<http::Response> approve_staged(Context& context, http::Request& request);
Task<http::Response> reject_staged(Context& context, http::Request& request);

// edit.cpp
Task<http::Response> put_revision(Context& context, http::Request& request);
Task<http::Response> delete_package(Context& context, http::Request& request);
Task<http::Response> delete_tarball(Context& context, http::Request& request);

// tags.cpp
Task<http::Response> list_tags(Context& context, http::Request& request);
Task<http::Response> put_tag(Context& context, http::Request& request);
Task<http::Response> delete_tag(Context& context, http::Request& request);

// people.cpp
Task<http::Response> ping(Context& context, http::Request& request);
Task<http::Response> show_name(Context& context, http::Request& request);
Task<http::Response> show_profile(Context& context, http::Request& request);

// access.cpp
Task<http::Response> show_visibility(Context& context, http::Request& request);
Task<http::Response> list_collaborators(Context& context, http::Request& request);
Task<http::Response> list_packages_of_user(Context& context, http::Request& request);
Task<http::Response> list_packages_of_scope(Context& context, http::Request& request);
Task<http::Response> refuse_access(Context& context, http::Request& request);
Task<http::Response> refuse_owner(Context& context, http::Request& request);

// trust.cpp
Task<http::Response> list_trust(Context& context, http::Request& request);
Task<http::Response> add_trust(Context& context, http::Request& request);
Task<http::Response> revoke_trust(Context& context, http::Request& request);

// login.cpp
Task<http::Response> begin_web_login(Context& context, http::Request& request);
Task<http::Response> finish_web_login(Context& context, http::Request& request);
Task<http::Response> sign_in(Context& context, http::Request& request);
Task<http::Response> sign_out(Context& context, http::Request& request);
// tokens.cpp
Task<http::Response> list_tokens(Context& context, http::Request& request);
Task<http::Response> create_token(Context& context, http::Request& request);
Task<http::Response> revoke_token(Context& context, http::Request& request);

// trusted.cpp
Task<http::Response> exchange_token(Context& context, http::Request& request);

// search.cpp
Task<http::Response> search(Context& context, http::Request& request);

// audit.cpp
Task<http::Response> audit_bulk(Context& context, http::Request& request);
Task<http::Response> audit_quick(Context& context, http::Request& request);

// attestations.cpp
Task<http::Response> list_keys(Context& context, http::Request& request);
Task<http::Response> fetch_attestations(Context& context, http::Request& request);

}  // namespace lodestone::formats::npm
