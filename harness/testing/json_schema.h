// Checks a JSON document against a JSON Schema, for tests: the part of draft 4
// that this project's schemas use ($ref into definitions, type, enum, minimum,
// pattern, properties, required, additionalProperties, items, oneOf, not). A
// schema that uses anything else is refused: nothing goes unchecked.
// https://json-schema.org/draft-04/draft-fge-json-schema-validation-00

#ifndef RACELAB_TESTING_JSON_SCHEMA_H_
#define RACELAB_TESTING_JSON_SCHEMA_H_

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace racelab::testing {

// What is wrong, with the place in the document ("/labs/0/points: minimum"); ""
// if the document keeps to the schema.
std::string SchemaViolation(const nlohmann::json& schema,
                            const nlohmann::json& document);

}  // namespace racelab::testing

#endif  // RACELAB_TESTING_JSON_SCHEMA_H_
