// Every numeric limit on what comes from outside, named once. What an operator may change is a setting whose
// default stands here (app/config); the rest is fixed.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace lodestone::limits {

using namespace std::chrono_literals;

inline constexpr std::size_t kib = 1024;
inline constexpr std::size_t mib = 1024 * kib;
inline constexpr std::uint64_t gib = 1024ull * mib;

// The head of a request or response: request line and header fields together.
inline constexpr std::size_t head_bytes = 32 * kib;
inline constexpr std::size_t header_count = 100;
inline constexpr std::size_t target_bytes = 8 * kib;
inline constexpr std::size_t path_segments = 64;
inline constexpr std::size_t query_parameters = 100;
inline constexpr std::size_t request_id_bytes = 64;  // a longer X-Request-Id is replaced by one of ours

// What a route takes unless its table entry says otherwise.
inline constexpr std::uint64_t body_bytes = 1 * mib;
// How much of a body that nobody read is drained to keep the connection; more closes it.
inline constexpr std::size_t drain_bytes = 256 * kib;
inline constexpr std::size_t drain_piece_bytes = 4 * kib;  // of it held at a time
inline constexpr auto drain_timeout = 2s;                  // for all of it
inline constexpr std::size_t chunk_line_bytes = 256;       // a chunk's size and its extensions
inline constexpr std::size_t trailer_bytes = 8 * kib;
inline constexpr std::size_t ranges_per_request = 16;
inline constexpr std::size_t form_boundary_bytes = 70;   // RFC 2046 §5.1.1
inline constexpr std::size_t form_head_bytes = 8 * kib;  // of one part
inline constexpr std::size_t form_parts = 5'000;
inline constexpr std::size_t header_parameters = 8;      // of one member of a list: ";q=0.5", ";proto=https"
inline constexpr std::size_t reason_phrase_bytes = 300;  // of an answer's status line
inline constexpr std::size_t accepted_members = 32;  // of Accept and Accept-Encoding; later ones are not read
inline constexpr std::size_t proxy_hops = 16;        // how far back forwarded headers are followed
inline constexpr std::size_t url_bytes = 16 * kib;   // of an upstream or a redirect; signed ones are long
// One piece of a body on its way: what an upload holds in memory.
inline constexpr std::size_t body_piece_bytes = 128 * kib;
// What one coroutine has under way to a worker thread: pieces, and one more that is being filled. While all
// together have fewer than the last number, each may have as many as the one before.
inline constexpr std::size_t worked_piece_bytes = 64 * kib;
inline constexpr std::size_t pieces_under_way = 4;
inline constexpr std::size_t pieces_of_long_line = 32;
inline constexpr std::size_t pieces_for_long_lines = 256;
// Bodies that are collected in memory before a handler sees them: all of them, of one client a share of that,
// and how long the rest of one may take once its beginning is there.
inline constexpr std::uint64_t buffered_bodies_bytes = 32 * mib;
inline constexpr std::uint64_t buffered_client_shares = 4;
inline constexpr auto buffered_body_timeout = 30s;
// How much a connection may move at a stretch before the others on its loop get their turn.
inline constexpr std::size_t turn_bytes = 512 * kib;

inline constexpr std::size_t connections = 16'384;
inline constexpr std::size_t connections_per_client = 4'096;
inline constexpr std::size_t crowd_connections =
    1'024;  // so many have to leave for their memory to be given back
// Beyond server.connections: for newcomers while those that give way to them are leaving, and for the
// operator when nobody gives way.
inline constexpr std::size_t exchange_places = 8;
inline constexpr std::size_t operator_places = 8;
inline constexpr auto exchange_timeout = 100ms;       // how long newcomers wait for who is leaving
inline constexpr std::size_t other_descriptors = 80;  // files, listeners, those places, what we ask of others
inline constexpr std::size_t rate_limited_clients = 65'536;  // whose request rates are remembered

inline constexpr auto head_timeout = 10s;            // from the first byte of a head to its last
inline constexpr auto idle_timeout = 75s;            // between requests
inline constexpr auto handler_timeout = 60s;         // for what a request's handler waits for
inline constexpr auto body_grace = 10s;              // before the minimum rate counts
inline constexpr std::size_t body_rate_bytes = 512;  // per second, in either direction
inline constexpr auto sweep_interval = 500ms;        // how often deadlines are looked at
inline constexpr auto tls_handshake_timeout = 10s;
inline constexpr auto stop_timeout = 30s;     // for what runs when the process is told to stop
inline constexpr auto newcomer_timeout = 1s;  // for a first request, when the server is full or told to stop
inline constexpr auto hurry_timeout = 200ms;  // for what runs when told to stop at once

// The log: what waits in memory for the disk, and how much of one field's text is kept.
inline constexpr std::size_t log_buffer_bytes = 4 * mib;
inline constexpr std::size_t log_reserve_bytes = 512 * kib;  // of it, for warnings and errors alone
inline constexpr std::size_t log_value_bytes = 8 * kib;
inline constexpr std::size_t logged_path_bytes = 2 * kib;
inline constexpr std::size_t logged_agent_bytes = 512;
inline constexpr auto log_coalesce = 20ms;        // a line waits at most this long for company
inline constexpr auto log_stall_timeout = 250ms;  // for a pipe whose reader sleeps; then lines are dropped

// Spans of finished requests on their way to a collector; what finds no room is dropped and counted.
inline constexpr std::size_t queued_spans = 4'096;
inline constexpr std::size_t spans_per_export = 512;
inline constexpr std::size_t span_text_bytes = 1 * kib;  // of one attribute that a client chose
inline constexpr auto span_export_interval = 1s;
inline constexpr auto span_export_timeout = 10s;
inline constexpr auto span_flush_timeout = 2s;  // for what is queued when the process is told to stop
inline constexpr std::size_t span_answer_bytes = 64 * kib;

inline constexpr std::size_t idempotency_key_bytes = 128;
inline constexpr std::size_t id_bytes = 64;  // of what is stored: tenants, users, packages …
inline constexpr std::size_t name_bytes = 200;
inline constexpr std::size_t username_bytes = 64;
inline constexpr std::size_t email_bytes = 254;  // what a letter's envelope holds (RFC 5321)
inline constexpr std::size_t phone_bytes = 32;
inline constexpr std::size_t domain_bytes = 253;
inline constexpr std::size_t identity_text_bytes = 255;  // of what a provider says of a user
inline constexpr std::size_t branch_code_bytes = 100;
inline constexpr std::size_t description_bytes = 4 * kib;
inline constexpr std::size_t settings_text_bytes = 1 * kib;  // one text of what a tenant, app or branch sets
inline constexpr std::size_t settings_list_entries = 100;
inline constexpr std::size_t roles_per_user = 100;        // in the whole tenant
inline constexpr std::int64_t tenant_users = 10'000'000;  // the largest quotas that can be set
inline constexpr std::int64_t tenant_apps = 1'000'000;
inline constexpr std::int64_t requests_per_minute_most = 10'000'000;
inline constexpr std::size_t metadata_bytes = 64 * kib;      // JSON that clients keep with a thing
inline constexpr std::size_t audited_value_bytes = 1 * kib;  // of a longer value the audit log tells the size

// Who may do what: patterns, lists of them, and the JSON that they are kept in.
inline constexpr std::size_t pattern_bytes = 256;
inline constexpr std::size_t rule_entries = 64;  // of one list: a role's permissions, a policy's resources
inline constexpr std::size_t rule_bytes = 16 * kib;  // of one list, as JSON
inline constexpr std::size_t rule_depth = 4;         // of that JSON
inline constexpr std::size_t scopes_per_key = 32;
inline constexpr std::size_t access_questions = 100;  // of one request that asks what would be decided

// The gate: what is shown to it, and how long what it loaded is believed when nobody says that it changed.
inline constexpr std::size_t credential_bytes = 4 * kib;
inline constexpr auto principal_lifetime = 30s;
inline constexpr auto key_note_interval = 10s;  // of a key that is used all the time
inline constexpr std::size_t cached_principals = 65'536;
inline constexpr std::size_t cached_policy_sets = 4'096;  // of one tenant each
inline constexpr std::size_t tenant_groups = 4'096;       // that are told apart when something changes

// The audit log: entries that are numbered, checked or exported at a time; faults that a check tells one by
// one; and kinds of refusals that are told apart in a minute.
inline constexpr std::int64_t audit_batch = 500;
inline constexpr std::size_t audit_faults = 100;
inline constexpr std::size_t refusal_kinds = 60;

// JSON that clients send to our own API. One request is refused for at most so many of its fields at a time.
inline constexpr std::size_t json_body_bytes = 256 * kib;
inline constexpr std::size_t open_json_bytes = 20 * kib;  // from strangers: a token of an issuer, and some
inline constexpr std::size_t json_depth = 16;
inline constexpr std::size_t json_items = 200;  // of one array, unless its field says less
inline constexpr std::size_t json_faults = 20;
inline constexpr std::size_t secret_text_bytes = 1 * kib;  // of a password, a code, a token
inline constexpr std::size_t json_fault_name_bytes = 64;   // of a field that we do not know, when we say so

// Lists of what is stored.
inline constexpr std::int64_t page_rows = 50;  // unless the client asks for another number
inline constexpr std::int64_t page_rows_most = 1'000;
inline constexpr std::size_t cursor_bytes = 1 * kib;
inline constexpr std::size_t filters_per_list = 16;
inline constexpr std::size_t filter_bytes = 512;

// Of one statement that takes many rows.
inline constexpr std::size_t bulk_rows = 1'000;
inline constexpr std::size_t bulk_bytes = 4 * mib;
inline constexpr std::int64_t purge_rows = 1'000;  // of one transaction

// PostgreSQL: one parameter, statements under way before their answers are read, and how often a transaction
// that met others is run again.
inline constexpr std::size_t database_value_bytes = 512 * mib;
inline constexpr std::size_t pipelined_statements = 256;
inline constexpr std::size_t loop_statements = 256;  // under way on one loop's connection
inline constexpr int transaction_attempts = 10;
inline constexpr std::size_t notification_bytes = 7'900;  // of what one node tells the others at once
inline constexpr auto doubt_timeout =
    60s;  // to find out what became of a COMMIT, of a unit without a deadline

// What the program reads about itself.
inline constexpr std::size_t config_file_bytes = 1 * mib;
inline constexpr std::size_t archive_contents_bytes = 16 * mib;  // of a dump: where its tables are named
inline constexpr std::size_t secret_file_bytes = 64 * kib;
inline constexpr std::size_t token_characters = 16;    // at least: fewer can be tried out
inline constexpr std::size_t socket_path_bytes = 107;  // what sockaddr_un holds, less the final NUL

// Migrations: their files, and how long one instance waits for another, or for a table's lock.
inline constexpr std::size_t migration_file_bytes = 4 * mib;
inline constexpr std::size_t migration_files = 4'096;      // of a folder that a command was given
inline constexpr auto migration_lock_wait = 60s;           // for the instance that migrates
inline constexpr auto migration_lock_timeout = 2s;         // for a lock on a table, each time it is tried
inline constexpr auto migration_statement_timeout = 300s;  // inside a transaction, where locks are held
inline constexpr std::chrono::milliseconds migration_longest_statement = 24h;  // where the server sets no end
inline constexpr auto migration_answer_grace = 10s;  // after it for the server to say so, or it is gone
inline constexpr int migration_attempts = 10;        // when a lock was not to be had

// Keys and what they are good for.
inline constexpr auto key_lifetime =
    90 * 24h;  // unless the tenant's settings, or whoever makes it, say otherwise
inline constexpr auto key_lifetime_most = 366 * 24h;  // unless the tenant's settings say otherwise
inline constexpr auto key_overlap = 30 * 24h;         // of a key and the one that takes its place
inline constexpr auto key_use_interval = 60s;         // how often it is written down that keys were used
inline constexpr std::size_t key_uses_waiting =
    65'536;  // keys used since then; what finds no room is not noted
inline constexpr std::size_t networks_per_key = 32;
inline constexpr std::size_t reason_bytes = 512;  // why something was revoked, or passed on

// Signing in: passwords, sessions, links that work once.
inline constexpr std::size_t password_bytes = 1 * kib;
inline constexpr std::int64_t password_characters_least = 8;  // of what a tenant may ask for
inline constexpr std::int64_t password_characters_most = 128;
inline constexpr std::size_t password_hash_bytes = 512;  // of one that is imported
inline constexpr std::size_t password_threads = 2;       // each hash takes a core for 40 ms, and 19 MiB
inline constexpr std::size_t password_queue = 64;        // passwords that wait for one of them
inline constexpr auto session_access = 15min;
inline constexpr auto session_refresh = 7 * 24h;
inline constexpr auto session_longest = 90 * 24h;  // then the password is asked for again
inline constexpr auto invitation_lifetime = 7 * 24h;
inline constexpr auto reset_link_lifetime = 24h;
inline constexpr auto challenge_lifetime = 5min;   // between the password and the second factor
inline constexpr std::size_t recovery_codes = 10;  // that somebody has at one time
inline constexpr std::size_t throttled_names =
    65'536;  // accounts, and addresses, whose failures are remembered
inline constexpr std::size_t session_agent_bytes = 256;  // of the name that a client gives itself

// What `lodestone healthcheck` takes from the server that it asks.
inline constexpr std::size_t healthcheck_answer_bytes = 64 * kib;
inline constexpr auto healthcheck_timeout = 3s;

// The database: units of work in line, and how long each step may take.
inline constexpr std::size_t database_queue = 4'096;
inline constexpr std::size_t database_loops =
    16;  // event loops that have a connection of their own for reads
inline constexpr auto database_connect_timeout = 5s;
inline constexpr auto database_acquire_timeout = 5s;
inline constexpr auto database_statement_timeout = 30s;
inline constexpr auto database_lock_timeout = 5s;
inline constexpr auto database_idle_timeout = 10min;
inline constexpr auto database_max_lifetime = 30min;
inline constexpr auto database_ping_after = 15s;   // an idle connection is asked whether it lives
inline constexpr auto schema_retry_least = 500ms;  // while PostgreSQL is away at start
inline constexpr auto schema_retry_most = 10s;

// What we ask of others: upstreams, webhooks, probes. The bounds hold for each loop on its own.
inline constexpr std::uint64_t upstream_body_bytes = 16 * mib;  // of an answer, unless the caller says more
inline constexpr std::size_t upstream_connections = 256;
inline constexpr std::size_t upstream_connections_per_host = 32;
inline constexpr std::size_t upstream_waiters = 4'096;  // requests in line for a connection
inline constexpr std::size_t upstream_interim_heads = 8;
inline constexpr std::size_t upstream_addresses = 8;  // of one host, tried in turn
inline constexpr std::size_t upstream_redirects = 5;
inline constexpr std::size_t resolved_hosts = 512;    // remembered, and looked up at one time
inline constexpr auto resolved_lifetime = 15s;        // how long a host's addresses are believed
inline constexpr std::size_t lookup_threads = 4;      // of one client
inline constexpr std::size_t lookups_per_domain = 2;  // of these at one time, so that others get theirs
inline constexpr auto lookup_timeout = 5s;            // how long a request waits for a lookup
inline constexpr auto upstream_idle_timeout = 30s;    // of a pooled connection
inline constexpr auto upstream_connect_timeout = 5s;  // for each address, TLS included
inline constexpr auto upstream_head_timeout = 60s;    // from the request's last byte to the answer's head
inline constexpr auto upstream_stall_timeout = 30s;   // for each further piece of a body

// Tokens of other issuers, and the documents that these publish.
inline constexpr std::size_t issued_token_bytes = 16 * kib;
inline constexpr std::size_t issuer_bytes = 512;
inline constexpr std::size_t issuer_document_bytes = 256 * kib;
inline constexpr std::size_t issuer_keys = 64;
inline constexpr std::size_t key_id_bytes = 256;
inline constexpr std::size_t rsa_bits_least = 2'048;
inline constexpr std::size_t rsa_bits_most = 8'192;
inline constexpr auto token_skew = 30s;      // between our clock and an issuer's
inline constexpr auto token_lifetime = 24h;  // longer ones are refused: so long is remembered what was spent
inline constexpr std::size_t known_issuers = 256;  // whose keys are kept in memory
inline constexpr auto issuer_timeout = 5s;         // for each document
inline constexpr auto issuer_keys_lifetime = 1h;   // then they are asked for again
inline constexpr auto issuer_keys_trusted = 24h;   // while the issuer does not answer
inline constexpr auto issuer_refresh_pause = 60s;  // between questions for the sake of an unknown key
inline constexpr auto issuer_retry_pause = 5s;     // while nothing is known

// Trusted publishing, and signing in with a provider.
inline constexpr std::size_t publisher_rule_bytes = 500;
inline constexpr std::int64_t publishers_per_issuer = 1'000;  // of one tenant
inline constexpr auto publisher_key_lifetime = 15min;         // at most
inline constexpr std::size_t token_id_bytes = 256;
inline constexpr std::size_t provider_text_bytes = 500;
inline constexpr std::size_t mapped_groups = 500;            // of one provider
inline constexpr std::size_t provider_code_bytes = 4 * kib;  // what comes back in place of a token
inline constexpr int username_attempts = 20;                 // when a name that a provider gives is taken
inline constexpr auto provider_sign_in_lifetime = 10min;     // from leaving for the provider to coming back

}  // namespace lodestone::limits
