// Limits on npm packages: how they are called, and what clients send of them.
#pragma once

#include "base/limits.hpp"

namespace lodestone::limits {

inline constexpr std::size_t npm_name_bytes = 214;
inline constexpr std::size_t npm_version_bytes = 256;
inline constexpr std::size_t npm_tag_bytes = 128;
inline constexpr std::uint64_t npm_number_most =
    9'007'199'254'740'991;  // of a version: what clients count to
inline constexpr std::size_t npm_prerelease_parts = 64;

// What is published: the tarball comes in base64 within a document, of which the rest is read at its end.
inline constexpr std::uint64_t npm_body_bytes = 1 * gib;
inline constexpr std::size_t npm_document_bytes = 8 * mib;
inline constexpr std::uint64_t npm_unheld_bytes = 1 * mib;  // of the document: of less, nobody keeps count
inline constexpr std::size_t npm_document_depth = 64;
inline constexpr std::size_t npm_key_bytes = 1 * kib;       // of a member on the way to an attachment
inline constexpr std::size_t npm_manifest_bytes = 1 * mib;  // of one version: a fragment
inline constexpr std::size_t npm_bundle_bytes = 1 * mib;    // of an attestation
inline constexpr std::size_t npm_readme_bytes = 64 * kib;   // what is longer is cut
inline constexpr std::size_t npm_package_json_bytes = 2 * mib;
inline constexpr std::size_t npm_published_tags = 20;
inline constexpr std::size_t npm_fact_dependencies = 500;

inline constexpr std::size_t npm_edit_bytes = 8 * mib;  // a package's whole document, sent back
static_assert(npm_document_bytes <= buffered_bodies_bytes / buffered_client_shares &&
                  npm_edit_bytes <= buffered_bodies_bytes / buffered_client_shares,
              "a client has no room for more");
inline constexpr std::size_t npm_small_bytes = 64 * kib;  // a tag, a login, a token
// What is to be audited: as it comes, unpacked, and what is in it.
inline constexpr std::size_t npm_audit_bytes = 4 * mib;
inline constexpr std::uint64_t npm_audit_unpacked_bytes = 8 * mib;
inline constexpr std::size_t npm_audit_depth = 256;
inline constexpr std::size_t npm_audit_names = 20'000;
inline constexpr std::size_t npm_audit_versions = 50'000;  // of all names together
inline constexpr std::size_t npm_audit_nodes = 200'000;    // of a tree
inline constexpr std::size_t npm_audit_paths = 20;         // to one version, that a report shows
inline constexpr std::size_t npm_audit_all_paths = 5'000;  // of a whole report
inline constexpr std::size_t npm_audit_path_bytes = 2 * kib;
inline constexpr std::int64_t npm_staged_page = 100;  // of what waits for approval
inline constexpr std::int64_t npm_staged_pages = 1'000;
inline constexpr std::size_t npm_trust_depth = 8;         // of what describes a pipeline
inline constexpr std::int64_t npm_found_most = 250;       // results of a search at once
inline constexpr std::int64_t npm_collaborators = 200;    // who are asked about, of a package
inline constexpr auto npm_notice_before = 7 * 24h;        // the end of a key, somebody is told of it
inline constexpr std::int64_t npm_notice_room_part = 10;  // and when less than such a part of a quota is left
inline constexpr int npm_major_of_web_login = 9;          // of npm, which asks for it first since then

}  // namespace lodestone::limits
