# The cupel command line. No LibTorch here: what needs the model runs cupel-learner.
find_package(CLI11 REQUIRED)
add_executable(cupel
  cli/cupel.cpp
  cli/learner_programs.cpp
  cli/pool.cpp
  cli/structure.cpp
  cli/verify.cpp)
target_link_libraries(cupel PRIVATE
  cupel::controller cupel::chemistry cupel::codec cupel::domain cupel_warnings
  CLI11::CLI11 nlohmann_json::nlohmann_json)
