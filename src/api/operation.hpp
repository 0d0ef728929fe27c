// What OpenAPI says about one endpoint, filled from the types of the function that answers it.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/schema_book.hpp"

namespace lodestone::api {

struct OperationShape {
    int status = 200;
    std::string input_schema;       // of the body; empty: none
    std::string output_schema;      // of the answer, or of each item of a list; empty: none
    std::string_view content_type;  // of an answer that is no JSON document
    std::vector<std::pair<std::string_view, std::string>> query;  // name, schema
    std::vector<std::string_view> sorts;
    bool is_list = false;
    bool is_input_optional = false;
    bool is_create = false;
    bool has_etag = false;
    bool heeds_version = false;  // If-Match is looked at when it is there
};

struct Operation {
    std::string_view name;     // as generated clients call it: "createTenant"
    std::string_view summary;  // one sentence
    void (*describe)(OperationShape&, SchemaBook&);
};

}  // namespace lodestone::api
