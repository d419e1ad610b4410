# The demo: drives a whole campaign with real processes and draws its report.
find_package(nlohmann_json REQUIRED)
add_library(cupel_demo_parts STATIC
  demo/conditions.cpp
  demo/demo_config.cpp
  demo/offline_replay.cpp
  demo/plots.cpp
  demo/process.cpp
  demo/report.cpp
  demo/story.cpp)
target_include_directories(cupel_demo_parts PUBLIC demo)
target_link_libraries(cupel_demo_parts
  PUBLIC cupel::simulator cupel::chemistry cupel::domain
  PRIVATE cupel::codec nlohmann_json::nlohmann_json cupel_warnings)

find_package(CLI11 REQUIRED)
add_executable(cupel-demo demo/cupel_demo.cpp demo/demo_run.cpp)
target_link_libraries(cupel-demo PRIVATE cupel_demo_parts cupel::client
  cupel_warnings CLI11::CLI11 nlohmann_json::nlohmann_json)
