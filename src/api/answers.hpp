// What a handler of the API gives back: the kind of answer is its type, so OpenAPI is made from the very
// function that answers.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "api/json_structs.hpp"
#include "db/noun.hpp"
#include "db/page.hpp"
#include "http/server/response.hpp"

namespace lodestone::api {

// 200 with the thing; its version is the ETag.
template <class View>
struct Shown {
    View view;
};

// The same after a change or a deed, which heeds If-Match.
template <class View>
struct Acted : Shown<View> {};

// 201: what was made, as it goes out. It is text by now because a repeated Idempotency-Key brings the first
// answer back as it was (Call::create()).
struct CreatedText {
    std::string body;
    std::string location;  // empty when the new thing has no address of its own
    std::string etag;
};
template <class View>
struct Created : CreatedText {};

// The same beside what was there before, whose If-Match was heeded.
template <class View>
struct CreatedBeside : Created<View> {};

// 200 with one page and the way to the next.
template <class View>
struct Listed {
    std::vector<View> items;
    std::string next;
};

// 204: it is done, and there is nothing to say.
struct Done {};
// The same, and If-Match was heeded.
struct Removed {};

// 200 with something else than a view, which the handler has made itself: a stream of JSON lines.
template <const char* type>
struct Document {
    http::Response response;
};

// A page of rows as a page of views.
template <class View, class Row, class ToView>
Listed<View> list_views(const db::Page<Row>& page, ToView to_view) {
    Listed<View> listed{.items = {}, .next = page.next};
    listed.items.reserve(page.items.size());
    for (const Row& row : page.items) listed.items.push_back(to_view(row));
    return listed;
}

}  // namespace lodestone::api
