// Ready-made answers, and the names of the status codes (RFC 9110 §15, RFC 6585, RFC 4918).
#include "http/server/response.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace lodestone::http {

namespace {

constexpr std::array<std::pair<int, std::string_view>, 54> status_texts{{
    {100, "Continue"},
    {101, "Switching Protocols"},
    {103, "Early Hints"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {203, "Non-Authoritative Information"},
    {204, "No Content"},
    {205, "Reset Content"},
    {206, "Partial Content"},
    {207, "Multi-Status"},
    {300, "Multiple Choices"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {402, "Payment Required"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {407, "Proxy Authentication Required"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {423, "Locked"},
    {424, "Failed Dependency"},
    {425, "Too Early"},
    {426, "Upgrade Required"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {451, "Unavailable For Legal Reasons"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
    {507, "Insufficient Storage"},
    {511, "Network Authentication Required"},
}};
static_assert(std::is_sorted(status_texts.begin(), status_texts.end()));

}  // namespace

std::string_view status_text(int status) {
    const auto found = std::lower_bound(status_texts.begin(), status_texts.end(), status,
                                        [](const auto& entry, int wanted) { return entry.first < wanted; });
    if (found == status_texts.end() || found->first != status) return {};
    return found->second;
}

Response Response::text(int status, std::string body, std::string_view content_type) {
    Response response;
    response.status = status;
    response.headers.add("Content-Type", content_type);
    response.body = std::move(body);
    return response;
}

Response Response::empty(int status) {
    Response response;
    response.status = status;
    return response;
}

}  // namespace lodestone::http
