# cupel::codec: JSON text <-> domain types, and validation against the schemas in json/.
find_package(nlohmann_json REQUIRED)
find_package(valijson REQUIRED)

# The schemas travel inside the library: each file of json/ becomes one string of a generated source.
file(GLOB schema_files CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/json/*.schema.json)
set(embedded ${CMAKE_CURRENT_BINARY_DIR}/embedded_schemas.cpp)
set(text "// Generated from schemas/json at configure time.\n#include \"embedded_schemas.hpp\"\n\nnamespace cupel::codec {\n\nconst std::map<std::string, std::string>& embedded_schemas() {\n    static const std::map<std::string, std::string> schemas{\n")
foreach(file IN LISTS schema_files)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  get_filename_component(name ${file} NAME)
  string(REPLACE ".schema.json" "" name ${name})
  file(READ ${file} body)
  string(APPEND text "        {\"${name}\", R\"schema(${body})schema\"},\n")
endforeach()
string(APPEND text "    };\n    return schemas;\n}\n\n}  // namespace cupel::codec\n")
file(CONFIGURE OUTPUT ${embedded} CONTENT "${text}" @ONLY)

cupel_add_library(codec include)
target_compile_features(cupel_codec PUBLIC cxx_std_17)
target_sources(cupel_codec PRIVATE
  src/codec/candidate_codec.cpp
  src/codec/command_codec.cpp
  src/codec/command_encoder.cpp
  src/codec/envelope.cpp
  src/codec/json_text.cpp
  src/codec/outcome_codec.cpp
  src/codec/plain_json.cpp
  src/codec/plain_pattern.cpp
  src/codec/pool_file.cpp
  src/codec/proposal_codec.cpp
  src/codec/schema_shape.cpp
  src/codec/schema_validator.cpp
  src/codec/structure_codec.cpp
  ${embedded})
target_include_directories(cupel_codec PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/src/codec)
target_link_libraries(cupel_codec PUBLIC cupel::domain
  PRIVATE $<BUILD_INTERFACE:nlohmann_json::nlohmann_json> $<BUILD_INTERFACE:valijson>)
